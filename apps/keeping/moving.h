#pragma once

#include <filesystem>
#include <string>

#include "apps/keeping/arguments.h"

/// Paths in checkpoints. Checkpoints may be moved, with or without what lies beside them, and may
/// come from anybody, so a path in them is checked before it is used.
namespace muonlab::app {

/// The word "--data=DIR" or "--out=DIR" as a checkpoint in `folder` stores it: relative to that
/// folder, so that both can be moved together, but absolute for data outside of the folder. Other
/// words stay as they are.
std::string stored_word(const std::string& word, const std::filesystem::path& folder);

/// Undoes stored_word(): the word with a path that holds from here, for a checkpoint that is now in
/// `folder`.
std::string found_word(const std::string& word, const std::filesystem::path& folder);

/// Decides where a resumed comparison writes when only the checkpoint says it. arguments.out stays
/// when that folder holds the results of this comparison, known by their id, or lies within the
/// checkpoint's folder and holds no results. Otherwise it becomes the folder from before a move, if
/// the results are there. Throws, naming the checkpoint, if they are not.
void find_own_out(Arguments& arguments, const Checkpoint& checkpoint);

}  // namespace muonlab::app
