#pragma once

#include <filesystem>
#include <string>

#include "apps/kit/fields.h"

/// JSON files, which may come from anywhere. `kind` is what messages say that a file is not.
namespace muonlab::app {

/// All of a file. Throws, naming it, when it cannot be read or has more than `max_bytes`.
std::string read_text(const std::filesystem::path& path, Index max_bytes, const std::string& kind);

/// The object that `text`, of the file `name`, is in JSON. Throws, naming the file, when it is
/// none, or so built that reading it would take long.
Json parse(const std::string& text, const std::string& name, const std::string& kind);

/// As dump() has it, with a line for each item of a list of objects, but not for each number. Lines
/// below the first are indented by `indent`, and what is in them further.
std::string readable(const Json& json, const std::string& indent = "");

}  // namespace muonlab::app
