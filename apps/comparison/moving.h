#pragma once

#include <filesystem>
#include <string>

#include "apps/comparison/arguments.h"

/// Checkpoints may be moved, with or without what lies beside them, and may come from anybody. So
/// what they say of other folders is taken with care.
namespace muonlab::app {

/// The word "--data=DIR" or "--out=DIR" as checkpoints in `folder` have it: relative to that folder
/// when DIR lies in it, so that both can be moved, else absolute. Other words stay as they are.
std::string stored_word(const std::string& word, const std::filesystem::path& folder);

/// The word of which that was made, for checkpoints that are in `folder` now.
std::string found_word(const std::string& word, const std::filesystem::path& folder);

/// For an --out that only the checkpoint names: throws, naming the checkpoint, unless the results
/// of its comparison are there, or it lies in the checkpoint's folder and holds no results.
void check_own(const Arguments& arguments, const std::string& app, const Checkpoint& checkpoint);

}  // namespace muonlab::app
