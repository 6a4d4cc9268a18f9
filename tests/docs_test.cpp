// Reads the documentation: what it links to must be there.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;

const fs::path root = MUONLAB_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<fs::path> documents() {
  std::vector<fs::path> files = {root / "README.md"};
  for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  }
  return files;
}

/// The files that a document links to or shows, without those of other sites.
std::vector<std::string> links(const std::string& text) {
  static const std::regex link(R"(\]\(([^)#\s]+)[)#])");
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match) {
    const std::string target = (*match)[1];
    if (target.find("://") == std::string::npos) found.push_back(target);
  }
  return found;
}

TEST_CASE("every link and picture of the documentation leads to a file") {
  std::size_t count = 0;
  for (const fs::path& document : documents()) {
    CAPTURE(document);
    for (const std::string& target : links(text_of(document))) {
      CAPTURE(target);
      CHECK(fs::exists(document.parent_path() / target));
      ++count;
    }
  }
  CHECK(count > 20);
}

TEST_CASE("every picture of the course has the command that draws it, and every picture is shown") {
  const fs::path course = root / "docs" / "course";
  std::string shown;
  for (const auto& entry : fs::directory_iterator(course)) {
    if (entry.path().extension() != ".md") continue;
    const std::string text = text_of(entry.path());
    shown += text;
    for (const std::string& target : links(text)) {
      if (!target.starts_with("pictures/")) continue;
      const std::string name = fs::path(target).stem().stem().string();
      CAPTURE(target);
      CHECK(text.find("--out results/" + name + "\n") != std::string::npos);
    }
  }
  for (const auto& entry : fs::directory_iterator(course / "pictures")) {
    CAPTURE(entry.path());
    CHECK(shown.find("(pictures/" + entry.path().filename().string() + ")") != std::string::npos);
  }
}

}  // namespace
}  // namespace muonlab::test
