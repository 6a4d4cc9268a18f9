#pragma once

#include <filesystem>
#include <string>

#include "apps/kit/fields.h"

/// JSON files that begin with a checksum of the rest. They may come from anywhere.
namespace muonlab::app {

/// The text of a JSON object: a first field, the CRC-32 of `rest`, and then `rest`, which has the
/// other fields and the closing brace.
std::string sealed(const std::string& rest);

/// Writes `json`, an object with at least one field, to `path` with its checksum. Throws when that
/// fails or when the file would be larger than read_sealed() takes; the old file then stays.
void write_sealed(const std::filesystem::path& path, const Json& json);

/// Reads what write_sealed() wrote. Throws, naming the file, when the checksum does not match, or
/// when the file is too large or exceeds the limits of parse().
Json read_sealed(const std::filesystem::path& path);

}  // namespace muonlab::app
