// Reads the documentation: what it links to must be there, and code that it quotes as it quotes it.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
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

/// The headings of a document as links call them: "Add a kernel" is "add-a-kernel".
std::vector<std::string> anchors(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of('#');
    if (begin == 0 || begin == std::string::npos || line[begin] != ' ') continue;
    std::string anchor;
    for (const char c : line.substr(begin + 1)) {
      const auto letter = static_cast<unsigned char>(c);
      if (c == ' ' || c == '-') anchor += '-';
      if (std::isalnum(letter) || c == '_') anchor += static_cast<char>(std::tolower(letter));
    }
    found.push_back(anchor);
  }
  return found;
}

/// The C++ of a document, block by block.
std::vector<std::string> code_blocks(const std::string& text) {
  const std::string fence = "\n```cpp\n";
  std::vector<std::string> blocks;
  std::size_t end = 0;
  for (auto begin = text.find(fence); begin != std::string::npos; begin = text.find(fence, end)) {
    begin += fence.size();
    end = text.find("\n```", begin);
    blocks.push_back(text.substr(begin, end + 1 - begin));
  }
  return blocks;
}

/// Lines of a source file, as a document shows them.
struct Quote {
  std::string file;
  std::string text;
};

/// A line "// nn/linear.h" in a block says that the lines below it are that file's, up to the next
/// such line.
std::vector<Quote> quotes(const std::string& block) {
  static const std::regex file_name(R"(// (\w+/[\w/]+\.(h|cpp|cu)))");
  std::vector<Quote> found;
  std::istringstream lines(block);
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, file_name)) {
      found.push_back({.file = match.str(1), .text = ""});
    } else if (!found.empty()) {
      found.back().text += line + '\n';
    }
  }
  for (Quote& quote : found) {
    while (quote.text.ends_with("\n\n")) quote.text.pop_back();
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

TEST_CASE("every link to a place in a document leads to a heading") {
  const std::regex link(R"(\]\(([^)#\s:]*)#([^)\s]+)\))");
  std::size_t count = 0;
  for (const fs::path& document : documents()) {
    CAPTURE(document);
    const std::string text = text_of(document);
    for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match) {
      const std::string target = (*match)[1];
      const std::string place = (*match)[2];
      CAPTURE(target);
      CAPTURE(place);
      const std::string other = target.empty() ? text : text_of(document.parent_path() / target);
      CHECK(std::ranges::count(anchors(other), place) == 1);
      ++count;
    }
  }
  CHECK(count > 5);
}

TEST_CASE("the README's program is apps/train_mnist.cpp, from its first include on") {
  const std::vector<std::string> blocks = code_blocks(text_of(root / "README.md"));
  REQUIRE_FALSE(blocks.empty());
  const std::string app = text_of(root / "apps" / "train_mnist.cpp");
  const std::size_t begin = app.find("#include");
  REQUIRE(begin != std::string::npos);
  CHECK(blocks[0] == app.substr(begin));
}

TEST_CASE("code that a document quotes is as it says in the file that it names") {
  std::size_t count = 0;
  for (const fs::path& document : documents()) {
    CAPTURE(document);
    for (const std::string& block : code_blocks(text_of(document))) {
      for (const Quote& quote : quotes(block)) {
        CAPTURE(quote.file);
        CAPTURE(quote.text);
        CHECK(text_of(root / quote.file).find('\n' + quote.text) != std::string::npos);
        ++count;
      }
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
