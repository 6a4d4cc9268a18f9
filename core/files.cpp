#include "core/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include "core/error.h"

namespace muonlab::files {

void replace(const std::filesystem::path& path, std::string_view content) {
  std::error_code status;
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), status);
    check(!status, "cannot make the folder ", path.parent_path().string(), ": ", status.message());
  }
  std::filesystem::path beside = path;
  beside += ".partial";

  errno = 0;
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) {
    const std::string reason = std::strerror(errno);
    std::filesystem::remove(beside, status);
    throw Error("cannot write " + path.string() + ": " + reason);
  }
  std::filesystem::rename(beside, path, status);
  check(!status, "cannot write ", path.string(), ": ", status.message());
}

}  // namespace muonlab::files
