#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "muonlab/core/shape.h"

/// Files that are written whole or not at all, and files that are read without trusting them.
namespace muonlab::files {

/// Owns the number of an open file and closes it.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

/// The number of bytes written, and their CRC-32.
struct Seal {
  Index bytes = 0;
  std::uint32_t checksum = 0;

  void add(std::span<const std::byte> more);
};

/// The new content of a file, written beside it and put in its place by commit(), so that a reader,
/// a full disk, a crash or a power cut never leaves half a file:
///
///     files::Replacement file(path);
///     file.write(first);
///     file.write(second);
///     file.commit();
///
/// When commit() returns, the file and its name are on the disk, so nothing done later can outlive
/// a power cut without them. Every member throws on failure, naming the file and the system's
/// reason. Without a commit(), the old file stays and nothing else is left; when commit() throws,
/// the old or the new file is there, whole. Only one Replacement for a path may exist at a time.
class Replacement {
 public:
  /// Makes the folders above `path`. Throws also when `path` is something other than a regular
  /// file, such as a symbolic link: links are never followed.
  explicit Replacement(std::filesystem::path path);
  ~Replacement();
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  void write(std::span<const std::byte> bytes);
  void commit();

  /// Of all bytes written so far.
  const Seal& seal() const { return seal_; }

 private:
  void check_done(bool done) const;

  std::filesystem::path path_;
  std::filesystem::path beside_;
  Descriptor file_;
  Seal seal_;
  bool committed_ = false;
};

/// Writes `content` to `path`, and makes the folders above it, as a Replacement does.
void replace(const std::filesystem::path& path, std::string_view content);

/// Makes a folder and its parents, and flushes their names to the disk; an empty path is the
/// working folder. Throws on failure, naming the folder.
void make_folders(const std::filesystem::path& folder);

/// Appends to an existing file.
class Appender {
 public:
  /// Throws, naming the file, when it cannot be written to or is a symbolic link.
  explicit Appender(const std::filesystem::path& path);

  /// Throws on failure, when a part of `bytes` may already be in the file.
  void write(std::span<const std::byte> bytes);

 private:
  std::string name_;
  Descriptor file_;
};

/// Throws, naming the file, unless it is a regular one: opening a pipe would wait for ever, and a
/// folder can be opened but not read.
void check_regular(const std::filesystem::path& path);

/// A regular file, read from its beginning on.
class Reader {
 public:
  /// Throws, naming the file, when it cannot be read or is not a regular file.
  explicit Reader(const std::filesystem::path& path);

  /// Reads the next bytes.size() bytes. Throws on failure, or when fewer are left.
  void read(std::span<std::byte> bytes);

  /// Bytes not read yet, by the size that the file had when it was opened.
  Index remaining() const { return remaining_; }

  const std::string& name() const { return name_; }

 private:
  std::string name_;
  Descriptor file_;
  Index remaining_ = 0;
};

}  // namespace muonlab::files
