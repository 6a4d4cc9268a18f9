#include "tests/power_cut/recorder.h"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace muonlab::test {

using Kind = Operation::Kind;

Recorder& Recorder::only() {
  static Recorder recorder;
  return recorder;
}

void Recorder::start(const std::filesystem::path& root) {
  root_ = root;
  records_ = true;
}

std::vector<Operation> Recorder::stop() {
  records_ = false;
  files_ = 0;
  descriptors_.clear();
  return std::exchange(operations_, {});
}

void Recorder::mark() { operations_.push_back({.kind = Kind::mark}); }

bool Recorder::is_interrupted() { return interrupts && ++calls_ % 2 == 1; }

bool Recorder::is_recorded(const std::filesystem::path& path) const {
  return records_ && path.string().starts_with(root_.string());
}

void Recorder::opened(int descriptor, const char* path, int flags) {
  descriptors_.erase(descriptor);
  if (descriptor < 0 || !is_recorded(path)) return;
  if ((flags & O_DIRECTORY) != 0) {
    descriptors_[descriptor] = {.kind = Kind::sync_folder, .path = path};
  } else if ((flags & O_CREAT) != 0) {
    operations_.push_back({.kind = Kind::create, .path = path, .file = ++files_});
    descriptors_[descriptor] = {.kind = Kind::sync_file, .path = path, .file = files_};
  }
}

void Recorder::wrote(int descriptor, const char* bytes, std::size_t count) {
  const auto open = descriptors_.find(descriptor);
  if (!records_ || open == descriptors_.end()) return;
  operations_.push_back({.kind = Kind::write,
                         .path = open->second.path,
                         .file = open->second.file,
                         .bytes = std::string(bytes, count)});
}

void Recorder::synced(int descriptor) {
  const auto open = descriptors_.find(descriptor);
  if (records_ && open != descriptors_.end()) operations_.push_back(open->second);
}

void Recorder::did(Kind kind, const char* path, const char* to) {
  if (is_recorded(path)) operations_.push_back({.kind = kind, .path = path, .to = to});
}

namespace {

/// The function that this program replaces by one of the same name.
template <class Function>
Function* original(Function* /*replaced*/, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool is_interrupted() {
  if (!Recorder::only().is_interrupted()) return false;
  errno = EINTR;
  return true;
}

/// Of a read or a write that may do less than it was asked for.
std::size_t part_of(std::size_t count) {
  return Recorder::only().interrupts ? (count + 1) / 2 : count;
}

}  // namespace
}  // namespace muonlab::test

using muonlab::test::is_interrupted;
using muonlab::test::Kind;
using muonlab::test::original;
using muonlab::test::part_of;
using muonlab::test::Recorder;

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (is_interrupted()) return -1;
  const int descriptor = original(open, "open")(path, flags, mode);
  Recorder::only().opened(descriptor, path, flags);
  return descriptor;
}

ssize_t read(int descriptor, void* bytes, std::size_t count) {
  if (is_interrupted()) return -1;
  return original(read, "read")(descriptor, bytes, part_of(count));
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  if (is_interrupted()) return -1;
  const ssize_t done = original(write, "write")(descriptor, bytes, part_of(count));
  if (done > 0) {
    Recorder::only().wrote(descriptor, static_cast<const char*>(bytes),
                           static_cast<std::size_t>(done));
  }
  return done;
}

int fsync(int descriptor) {
  if (is_interrupted()) return -1;
  const int failed = original(fsync, "fsync")(descriptor);
  if (failed == 0) Recorder::only().synced(descriptor);
  return failed;
}

int rename(const char* path, const char* to) noexcept {
  const int failed = original(rename, "rename")(path, to);
  if (failed == 0) Recorder::only().did(Kind::rename, path, to);
  return failed;
}

int unlink(const char* path) noexcept {
  const int failed = original(unlink, "unlink")(path);
  if (failed == 0) Recorder::only().did(Kind::remove, path);
  return failed;
}

int remove(const char* path) noexcept {
  const int failed = original(remove, "remove")(path);
  if (failed == 0) Recorder::only().did(Kind::remove, path);
  return failed;
}

int mkdir(const char* path, mode_t mode) noexcept {
  const int failed = original(mkdir, "mkdir")(path, mode);
  if (failed == 0) Recorder::only().did(Kind::make_folder, path);
  return failed;
}

}  // extern "C"
