#include "muonlab/core/files.h"

#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <span>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "muonlab/core/crc32.h"
#include "tests/folder.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using files::Reader;
using files::replace;
using files::Replacement;

/// While one lives, a file cannot grow beyond `bytes`: what a full disk does, without one.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

auto bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST_CASE("a file is replaced whole, and the folders above it are made") {
  const Folder folder;
  const fs::path file = folder.path / "a" / "b" / "file";
  replace(file, "first");
  CHECK(folder.read("a/b/file") == "first");
  replace(file, std::string("2\0nd", 4));
  CHECK(folder.read("a/b/file") == std::string("2\0nd", 4));
  replace(file, "");
  CHECK(folder.read("a/b/file").empty());
  CHECK(std::distance(fs::directory_iterator(file.parent_path()), {}) == 1);
}

TEST_CASE("a file in pieces is there from its commit on, and not at all without one") {
  const Folder folder;
  const fs::path path = folder.write("file", "old");
  {
    Replacement file(path);
    file.write(bytes("never "));
    file.write(bytes("seen"));
  }
  CHECK(folder.read("file") == "old");
  CHECK(folder.entries() == 1);
  {
    Replacement file(path);
    file.write(bytes("new "));
    file.write(bytes("text"));
    CHECK(folder.read("file") == "old");
    file.commit();
    CHECK(file.seal().bytes == 8);
    CHECK(file.seal().checksum == crc32(bytes("new text")));
  }
  CHECK(folder.read("file") == "new text");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a disk that is full leaves the old file and nothing else") {
  const Folder folder;
  const fs::path path = folder.write("file", "old");
  // The first fits into a buffer, so only the commit can notice; the second does not.
  for (const std::size_t size : {2000, 2'000'000}) {
    const std::string content(size, 'x');
    const auto write = [&path, &content] {
      const SizeLimit limit(1000);
      replace(path, content);
    };
    CHECK(folder.error(write) == "cannot write DIR/file: File too large");
    CHECK(folder.read("file") == "old");
    CHECK(folder.entries() == 1);
  }
}

TEST_CASE("a place that cannot hold a file is refused") {
  const Folder folder;
  folder.write("file", "old");
  fs::create_directory(folder.path / "folder");
  fs::create_directory(folder.path / "other.partial");
  const auto error = [&folder](const char* name) {
    return folder.error([&folder, name] { replace(folder.path / name, "new"); });
  };
  CHECK(error("file/below") == "cannot make the folder DIR/file: Not a directory");
  CHECK(error("file/far/below") == "cannot make the folder DIR/file/far: Not a directory");
  CHECK(error("folder") == "cannot write DIR/folder: it is not a regular file");
  CHECK(error("/dev/null") == "cannot write /dev/null: it is not a regular file");
  CHECK(error("other") == "cannot write DIR/other: Is a directory");
  CHECK(folder.read("file") == "old");
  CHECK(folder.entries() == 3);
}

TEST_CASE("a link beside a file is removed, and one in its place refused: none is followed") {
  const Folder folder;
  const fs::path victim = folder.write("victim", "precious");
  const fs::path file = folder.path / "file";
  fs::create_symlink(victim, folder.path / "file.partial");
  replace(file, "new");
  fs::create_hard_link(victim, folder.path / "file.partial");
  replace(file, "newer");
  CHECK(folder.read("file") == "newer");
  for (const char* target : {"victim", "missing", "/dev/null", "."}) {
    const fs::path link = folder.path / "link";
    fs::create_symlink(target, link);
    CHECK(
        folder.error([&link] { replace(link, "new"); }) ==
        "cannot write DIR/link: it is a symbolic link, which is not followed; remove it, or write "
        "elsewhere");
    CHECK(fs::is_symlink(link));
    fs::remove(link);
  }
  CHECK(folder.read("victim") == "precious");
  CHECK(folder.entries() == 2);
}

TEST_CASE("of a file with two names the other one keeps the old content") {
  const Folder folder;
  fs::create_hard_link(folder.write("file", "old"), folder.path / "other");
  replace(folder.path / "file", "new");
  CHECK(folder.read("other") == "old");
}

TEST_CASE("a file grows at its end, and no link, folder or missing file does") {
  const Folder folder;
  files::Appender lines(folder.write("lines", "one "));
  lines.write(bytes("two "));
  lines.write(bytes("three"));
  CHECK(folder.read("lines") == "one two three");
  fs::create_symlink("lines", folder.path / "link");
  const auto error = [&folder](const char* name) {
    return folder.error([&folder, name] { const files::Appender file(folder.path / name); });
  };
  CHECK(error("link") == "cannot write DIR/link: Too many levels of symbolic links");
  CHECK(error("missing") == "cannot write DIR/missing: No such file or directory");
  CHECK(error(".") == "cannot write DIR/.: Is a directory");
  const auto write = [&lines] {
    const SizeLimit limit(15);
    lines.write(bytes("four"));
  };
  CHECK(folder.error(write) == "cannot write DIR/lines: File too large");
}

TEST_CASE("a file is read piece by piece, and not beyond its end") {
  const Folder folder;
  Reader file(folder.write("file", "abcdefg"));
  CHECK(file.name() == (folder.path / "file").string());
  CHECK(file.remaining() == 7);
  std::array<char, 3> piece{};
  for (const char* expected : {"abc", "def"}) {
    file.read(std::as_writable_bytes(std::span(piece)));
    CHECK(std::string(piece.begin(), piece.end()) == expected);
  }
  CHECK(file.remaining() == 1);
  const auto beyond = [&file, &piece] { file.read(std::as_writable_bytes(std::span(piece))); };
  CHECK(folder.error(beyond) == "DIR/file: cut short, got 1 bytes, expected 3");
}

TEST_CASE("what is not a file that can be read is refused") {
  const Folder folder;
  mkfifo((folder.path / "pipe").c_str(), S_IRUSR | S_IWUSR);
  const auto error = [&folder](const char* name) {
    return folder.error([&folder, name] { const Reader file(folder.path / name); });
  };
  CHECK(error("missing") == "DIR/missing: cannot be read, No such file or directory");
  CHECK(error("") == "DIR/: cannot be read, it is not a regular file");
  CHECK(error("pipe") == "DIR/pipe: cannot be read, it is not a regular file");
}

}  // namespace
}  // namespace muonlab::test
