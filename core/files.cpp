#include "muonlab/core/files.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <iterator>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "muonlab/core/crc32.h"
#include "muonlab/core/error.h"

namespace muonlab::files {
namespace {

namespace fs = std::filesystem;

std::string system_message() { return std::generic_category().message(errno); }

/// Repeats a system call that a signal interrupts: not every file system honours SA_RESTART.
template <class Call>
auto insist(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Descriptor open_file(const fs::path& path, int flags) {
  constexpr mode_t mode = 0666;  // of a new file, before the umask
  return Descriptor(insist([&] { return open(path.c_str(), flags | O_CLOEXEC, mode); }));
}

bool write_all(const Descriptor& file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = insist([&] { return ::write(file.number(), bytes.data(), bytes.size()); });
    if (count < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool sync(const Descriptor& file) {
  return insist([&file] { return fsync(file.number()); }) == 0;
}

/// Flushes the names in a folder to the disk. Counts as done when the folder may be written to but
/// not opened (EACCES), or when its file system has no such call (EINVAL).
bool sync_folder(const fs::path& folder) {
  const Descriptor opened = open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open()) return errno == EACCES;
  return sync(opened) || errno == EINVAL;
}

}  // namespace

Descriptor::~Descriptor() {
  if (is_open()) close(number_);  // commit() has synced what must be kept
}

void Seal::add(std::span<const std::byte> more) {
  bytes += std::ssize(more);
  checksum = crc32(more, checksum);
}

Replacement::Replacement(fs::path path) : path_(std::move(path)), beside_(path_) {
  beside_ += ".partial";
  make_folders(path_.parent_path());
  std::error_code ignored;
  const fs::file_status old = fs::symlink_status(path_, ignored);
  check(!fs::is_symlink(old), "cannot write ", path_.string(),
        ": it is a symbolic link, which is not followed; remove it, or write elsewhere");
  // A rename would replace a device by a file.
  check(!fs::exists(old) || fs::is_regular_file(old), "cannot write ", path_.string(),
        ": it is not a regular file");
  // Removes what a killed program left, or a link that somebody put there (not the link's target).
  check_done(insist([&] { return unlink(beside_.c_str()); }) == 0 || errno == ENOENT);
  file_ = open_file(beside_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  check_done(file_.is_open());
}

Replacement::~Replacement() {
  if (!committed_) unlink(beside_.c_str());
}

void Replacement::write(std::span<const std::byte> bytes) {
  check_done(write_all(file_, bytes));
  seal_.add(bytes);
}

void Replacement::commit() {
  // The bytes are flushed before the rename: otherwise a power cut soon after it can leave an empty
  // file in place of the old one. The name is flushed last: otherwise the rename can be lost, or
  // reach the disk after later work, such as the removal of an older file.
  check_done(sync(file_));
  check_done(insist([&] { return std::rename(beside_.c_str(), path_.c_str()); }) == 0);
  committed_ = true;
  check_done(sync_folder(path_.parent_path()));
}

void Replacement::check_done(bool done) const {
  check(done, "cannot write ", path_.string(), ": ", system_message());
}

void replace(const fs::path& path, std::string_view content) {
  Replacement file(path);
  file.write(std::as_bytes(std::span(content)));
  file.commit();
}

void make_folders(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::path> made;
  for (fs::path path = folder; !path.empty() && !fs::exists(path, problem);) {
    made.push_back(path);
    path = path.parent_path();
  }
  if (!folder.empty()) fs::create_directories(folder, problem);
  check(!problem, "cannot make the folder ", folder.string(), ": ", problem.message());
  for (const fs::path& path : made) {
    const bool synced = sync_folder(path.parent_path());
    check(synced, "cannot make the folder ", path.string(), ": ", system_message());
  }
}

Appender::Appender(const fs::path& path)
    : name_(path.string()), file_(open_file(path, O_WRONLY | O_APPEND | O_NOFOLLOW)) {
  check(file_.is_open(), "cannot write ", name_, ": ", system_message());
}

void Appender::write(std::span<const std::byte> bytes) {
  const bool done = write_all(file_, bytes);
  check(done, "cannot write ", name_, ": ", system_message());
}

void check_regular(const fs::path& path) {
  std::error_code problem;
  const bool regular = fs::is_regular_file(path, problem);
  check(regular, path.string(), ": cannot be read, ",
        problem ? problem.message() : "it is not a regular file");
}

Reader::Reader(const fs::path& path) : name_(path.string()) {
  check_regular(path);
  file_ = open_file(path, O_RDONLY);
  struct stat about {};
  const bool known = file_.is_open() && fstat(file_.number(), &about) == 0;
  check(known, name_, ": cannot be read, ", system_message());
  remaining_ = about.st_size;
}

void Reader::read(std::span<std::byte> bytes) {
  std::size_t got = 0;
  while (got < bytes.size()) {
    const std::span<std::byte> rest = bytes.subspan(got);
    const auto count = insist([&] { return ::read(file_.number(), rest.data(), rest.size()); });
    check(count >= 0, name_, ": cannot be read, ", system_message());
    check(count > 0, name_, ": cut short, got ", got, " bytes, expected ", bytes.size());
    got += static_cast<std::size_t>(count);
  }
  remaining_ -= static_cast<Index>(got);
}

}  // namespace muonlab::files
