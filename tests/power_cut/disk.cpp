#include "tests/power_cut/disk.h"

#include <algorithm>
#include <set>
#include <utility>

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using Kind = Operation::Kind;
using Operations = std::vector<Operation>;

constexpr std::size_t most_pending = 6;  // of which every subset is tried

bool is_of_names(const Operation& operation) {
  return operation.kind == Kind::create || operation.kind == Kind::rename ||
         operation.kind == Kind::remove || operation.kind == Kind::make_folder;
}

/// The operations on names before a cut.
struct Names {
  Operations done;
  std::vector<std::size_t> pending;  // the places of those that may be lost
};

Names names_before(const Operations& operations, const Losses& losses) {
  Names names;
  for (const Operation& operation : operations) {
    if (is_of_names(operation)) {
      names.pending.push_back(names.done.size());
      names.done.push_back(operation);
    } else if (operation.kind == Kind::sync_folder && losses.folders_are_synced) {
      std::erase_if(names.pending, [&](std::size_t i) {
        return names.done[i].path.parent_path() == operation.path;
      });
    }
  }
  return names;
}

/// The contents of all files, of which `parts` halves are there where they were not synced.
std::map<int, std::string> contents_before(const Operations& operations, const Losses& losses,
                                           std::size_t parts) {
  std::map<int, std::string> contents;
  std::map<int, std::size_t> synced;
  for (const Operation& operation : operations) {
    std::string& content = contents[operation.file];
    if (operation.kind == Kind::write) content += operation.bytes;
    if (operation.kind == Kind::sync_file && losses.files_are_synced) {
      synced[operation.file] = content.size();
    }
  }
  for (auto& [file, content] : contents) {
    content.resize(std::max(synced[file], content.size() * parts / 2));
  }
  return contents;
}

/// What is there when the operations on names at `lost` are not done.
Disk disk_of(const Names& names, const std::set<std::size_t>& lost,
             const std::map<int, std::string>& contents) {
  std::map<fs::path, int> files;  // 0: a folder
  for (std::size_t i = 0; i < names.done.size(); ++i) {
    if (lost.contains(i)) continue;
    const Operation& operation = names.done[i];
    if (operation.kind == Kind::remove || operation.kind == Kind::rename) {
      files.erase(operation.path);
    }
    if (operation.kind == Kind::rename) files[operation.to] = operation.file;
    if (operation.kind == Kind::create || operation.kind == Kind::make_folder) {
      files[operation.path] = operation.file;
    }
  }
  Disk disk;
  for (const auto& [path, file] : files) disk[path] = file == 0 ? "" : contents.at(file);
  return disk;
}

/// A recorded rename names no file; here it gets the one that has that name then.
Operations with_files(Operations operations) {
  std::map<fs::path, int> files;
  for (Operation& operation : operations) {
    if (operation.kind == Kind::create) files[operation.path] = operation.file;
    if (operation.kind != Kind::rename) continue;
    operation.file = files[operation.path];
    files[operation.to] = operation.file;
  }
  return operations;
}

/// Every subset of what is pending; of many: those that leave all before one place, and one or none
/// after it.
std::vector<std::set<std::size_t>> losses_of(const std::vector<std::size_t>& pending) {
  std::vector<std::set<std::size_t>> all;
  if (pending.size() <= most_pending) {
    for (std::size_t bits = 0; bits < std::size_t{1} << pending.size(); ++bits) {
      std::set<std::size_t> lost;
      for (std::size_t i = 0; i < pending.size(); ++i) {
        if ((bits >> i & 1) != 0) lost.insert(pending[i]);
      }
      all.push_back(std::move(lost));
    }
    return all;
  }
  for (auto first = pending.begin(); first != pending.end(); ++first) {
    for (auto kept = first; kept != pending.end(); ++kept) {
      std::set<std::size_t> lost(first, pending.end());
      lost.erase(*kept);
      all.push_back(std::move(lost));
    }
  }
  return all;
}

}  // namespace

Disk disk_after(const Operations& operations) {
  const Operations whole = with_files(operations);
  return disk_of(names_before(whole, {}), {}, contents_before(whole, {}, 2));
}

void each_cut(const Operations& operations, const Losses& losses,
              const std::function<void(const Disk& disk, int marks)>& take) {
  const Operations whole = with_files(operations);
  std::set<std::pair<Disk, int>> taken;
  int marks = 0;
  for (std::size_t end = 0; end <= whole.size(); ++end) {
    if (end > 0 && whole[end - 1].kind == Kind::mark) ++marks;
    const Operations before(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(end));
    const Names names = names_before(before, losses);
    for (const std::size_t parts : {0, 1, 2}) {
      const auto contents = contents_before(before, losses, parts);
      for (const auto& lost : losses_of(names.pending)) {
        const Disk disk = disk_of(names, lost, contents);
        if (taken.insert({disk, marks}).second) take(disk, marks);
      }
    }
  }
}

}  // namespace muonlab::test
