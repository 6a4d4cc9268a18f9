#include "core/files.h"

#include <cerrno>
#include <iterator>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "core/crc32.h"
#include "core/error.h"

namespace muonlab::files {
namespace {

namespace fs = std::filesystem;

std::string system_message() { return std::generic_category().message(errno); }

}  // namespace

void Seal::add(std::span<const std::byte> more) {
  bytes += std::ssize(more);
  checksum = crc32(more, checksum);
}

Replacement::Replacement(fs::path path) : path_(std::move(path)), beside_(path_) {
  beside_ += ".partial";
  std::error_code problem;
  if (path_.has_parent_path()) {
    fs::create_directories(path_.parent_path(), problem);
    check(!problem, "cannot make the folder ", path_.parent_path().string(), ": ",
          problem.message());
  }
  // A rename would put a file in the place of a device.
  const fs::file_status old = fs::status(path_, problem);
  check(!fs::exists(old) || fs::is_regular_file(old), "cannot write ", path_.string(),
        ": it is not a regular file");
  file_.reset(std::fopen(beside_.c_str(), "wb"));
  check_done(file_ != nullptr);
}

Replacement::~Replacement() {
  if (committed_) return;
  file_.reset();
  std::error_code ignored;
  fs::remove(beside_, ignored);
}

void Replacement::write(std::span<const std::byte> bytes) {
  check_done(std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size());
  seal_.add(bytes);
}

void Replacement::commit() {
  // The bytes reach the disk before the name does: otherwise a power cut soon after the rename can
  // leave an empty file in the place of the old one.
  check_done(std::fflush(file_.get()) == 0 && fsync(fileno(file_.get())) == 0);
  file_.reset();
  std::error_code problem;
  fs::rename(beside_, path_, problem);
  check(!problem, "cannot write ", path_.string(), ": ", problem.message());
  committed_ = true;
}

void Replacement::check_done(bool done) const {
  check(done, "cannot write ", path_.string(), ": ", system_message());
}

void replace(const fs::path& path, std::string_view content) {
  Replacement file(path);
  file.write(std::as_bytes(std::span(content)));
  file.commit();
}

void check_regular(const fs::path& path) {
  std::error_code problem;
  const bool regular = fs::is_regular_file(path, problem);
  check(regular, path.string(), ": cannot be read, ",
        problem ? problem.message() : "it is not a regular file");
}

Reader::Reader(const fs::path& path) : name_(path.string()) {
  check_regular(path);
  file_.reset(std::fopen(path.c_str(), "rb"));
  check(file_ != nullptr, name_, ": cannot be read, ", system_message());
  std::error_code problem;
  remaining_ = static_cast<Index>(fs::file_size(path, problem));
  check(!problem, name_, ": cannot be read, ", problem.message());
}

void Reader::read(std::span<std::byte> bytes) {
  const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), file_.get());
  check(std::ferror(file_.get()) == 0, name_, ": cannot be read, ", system_message());
  check(got == bytes.size(), name_, ": cut short, got ", got, " bytes, expected ", bytes.size());
  remaining_ -= static_cast<Index>(got);
}

}  // namespace muonlab::files
