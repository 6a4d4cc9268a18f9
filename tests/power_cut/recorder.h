#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

/// What a program asks the system to do to files and folders. The functions of the C library are
/// replaced in this program by ones that record their call, and then call the original.
namespace muonlab::test {

struct Operation {
  enum class Kind { create, write, sync_file, rename, remove, make_folder, sync_folder, mark };
  Kind kind;
  std::filesystem::path path = {};
  std::filesystem::path to = {};  // of a rename
  int file = 0;                   // which one is created, written or synced, in order of creation
  std::string bytes = {};         // that are written
};

/// There is one; it records from start() to stop(), and what is below `root` only.
class Recorder {
 public:
  static Recorder& only();

  void start(const std::filesystem::path& root);
  std::vector<Operation> stop();

  /// To find a place again: what was done so far has returned.
  void mark();

  /// Whether signals come all the time: every second call of open, read, write and fsync then fails
  /// with EINTR, and no read or write does more than a part.
  bool interrupts = false;

  // What the replaced functions report.
  bool is_interrupted();
  void opened(int descriptor, const char* path, int flags);
  void wrote(int descriptor, const char* bytes, std::size_t count);
  void synced(int descriptor);
  void did(Operation::Kind kind, const char* path, const char* to = "");

 private:
  bool is_recorded(const std::filesystem::path& path) const;

  bool records_ = false;
  int calls_ = 0;
  int files_ = 0;
  std::filesystem::path root_;
  std::vector<Operation> operations_;
  std::map<int, Operation> descriptors_;  // what is open: how it is synced
};

}  // namespace muonlab::test
