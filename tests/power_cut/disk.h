#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/power_cut/recorder.h"

namespace muonlab::test {

/// What a disk holds: the content of each file, by its path; a folder's is empty.
using Disk = std::map<std::filesystem::path, std::string>;

/// How bad a power cut may be.
struct Losses {
  bool folders_are_synced = true;  // else what a program did to bring names to the disk is in vain
  bool files_are_synced = true;    // and what it did for contents
};

/// What the disk holds when the power stays: all that was asked for.
Disk disk_after(const std::vector<Operation>& operations);

/// Calls take(disk, marks) for each state in which a power cut after so many marks may leave the
/// disk, once for each. A file system promises this much, and nothing else is taken for granted:
///
/// - What is done to the names in a folder is on the disk when the folder was synced after it.
///   Else each of it is there or is lost, whatever becomes of the others; a rename is one.
/// - What is written to a file is on the disk when the file was synced after it. Else all, half or
///   nothing of it is there.
void each_cut(const std::vector<Operation>& operations, const Losses& losses,
              const std::function<void(const Disk& disk, int marks)>& take);

}  // namespace muonlab::test
