#pragma once

#include <filesystem>
#include <string_view>

/// Files that are written whole or not at all.
namespace muonlab::files {

/// Makes `path`, and the folders above it, hold exactly `content`: written beside it and then
/// renamed, so that a reader, a full disk or a crash never leaves half a file. Throws, naming the
/// file and the system's reason, and leaves what was there.
void replace(const std::filesystem::path& path, std::string_view content);

}  // namespace muonlab::files
