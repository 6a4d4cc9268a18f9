#pragma once

#include <filesystem>
#include <string>

#include "apps/kit/fields.h"

/// JSON files that say whether they are whole, and that may come from anywhere.
namespace muonlab::app {

/// The text of a JSON object whose first field is the checksum of `rest`, what follows that field.
std::string sealed(const std::string& rest);

/// Makes `path` hold `json`, an object with fields, sealed. Throws when that fails or when it would
/// be more than read_sealed() takes; what was there then stays.
void write_sealed(const std::filesystem::path& path, const Json& json);

/// What write_sealed() wrote. Throws, naming the file, when it was damaged, or when it is so large
/// or so built that reading it would take long.
Json read_sealed(const std::filesystem::path& path);

}  // namespace muonlab::app
