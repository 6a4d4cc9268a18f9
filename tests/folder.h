#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "muonlab/core/error.h"

namespace muonlab::test {

/// A folder of its own for one test, gone after it.
class Folder {
 public:
  Folder() {
    do {
      path = std::filesystem::temp_directory_path() /
             ("muonlab-" + std::to_string(std::random_device()()));
    } while (!std::filesystem::create_directory(path));
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path / name, std::ios::binary) << bytes;
    return path / name;
  }

  std::string read(const std::string& name) const {
    std::ifstream file(path / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// The names of what is in its folder `name`, sorted; none when there is no such folder.
  std::vector<std::string> names(const std::string& name) const {
    std::vector<std::string> all;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(path / name, none)) {
      all.push_back(entry.path().filename().string());
    }
    std::ranges::sort(all);
    return all;
  }

  /// How many files and folders are in it.
  auto entries() const {
    return std::distance(std::filesystem::directory_iterator(path),
                         std::filesystem::directory_iterator());
  }

  /// The message of the Error that `action` throws, with DIR in place of this folder's path.
  template <class Action>
  std::string error(const Action& action) const {
    try {
      action();
    } catch (const Error& error) {
      std::string message = error.what();
      const std::string name = path.string();
      for (std::size_t at = 0; (at = message.find(name, at)) != std::string::npos;) {
        message.replace(at, name.size(), "DIR");
      }
      return message;
    }
    return "no error";
  }

  std::filesystem::path path;
};

}  // namespace muonlab::test
