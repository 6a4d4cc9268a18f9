#pragma once

#include <filesystem>
#include <string>

#include "apps/kit/fields.h"

/// JSON files, which may come from anywhere. Error messages say "not KIND", as in "not a
/// checkpoint", with the argument `kind`.
namespace muonlab::app {

/// The content of a file. Throws, naming it, when it cannot be read or has more than `max_bytes`.
std::string read_text(const std::filesystem::path& path, Index max_bytes, const std::string& kind);

/// The JSON object in `text`, the content of the file `name`. Throws, naming the file, when `text`
/// is not one, nests too deep, or has too many fields in an object or items in a list.
Json parse(const std::string& text, const std::string& name, const std::string& kind);

/// `json` as text, with a line for each field of an object and each item of a list of objects; a
/// list of numbers stays on one line. Lines after the first are indented by `indent` and more.
std::string readable(const Json& json, const std::string& indent = "");

}  // namespace muonlab::app
