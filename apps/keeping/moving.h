#pragma once

#include <filesystem>
#include <string>

#include "apps/keeping/arguments.h"

/// Checkpoints may be moved, with or without what lies beside them, and may come from anybody. So
/// what they say of other folders is taken with care.
namespace muonlab::app {

/// The word "--data=DIR" or "--out=DIR" as checkpoints in `folder` have it: relative to that
/// folder, so that both can be moved together, but absolute for data that lie elsewhere. Other
/// words stay as they are.
std::string stored_word(const std::string& word, const std::filesystem::path& folder);

/// The word of which that was made, for checkpoints that are in `folder` now.
std::string found_word(const std::string& word, const std::filesystem::path& folder);

/// Makes arguments.out, which only the checkpoint names, the folder where the results of its
/// comparison are, known by their id: the one that was moved together with the checkpoint, or the
/// one of before; or else a folder within the checkpoint's that holds no results. Throws, naming
/// the checkpoint, when there is none of them.
void find_own_out(Arguments& arguments, const Checkpoint& checkpoint);

}  // namespace muonlab::app
