#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/kit/fields.h"
#include "muonlab/nn/safetensors.h"

namespace muonlab::app {

/// What a pair of files said: they were whole, but what the JSON claims is still to be checked.
struct Checkpoint {
  std::filesystem::path file;  // the JSON
  Json json;
  std::vector<nn::NamedTensor> tensors;

  Fields fields() const { return {json, file.string()}; }
};

/// A folder of checkpoints, numbered as they are written:
///
///     000007.safetensors  the tensors
///     000007.json         all else, with the size and the checksum of that file, and its own
///
/// Each is written beside and renamed, the JSON last, and is on the disk before anything else
/// changes: a checkpoint is there when its JSON is. So whenever the program is killed, or the power
/// is cut, the last one is whole. The last two are kept.
class Checkpoints {
 public:
  /// For a new comparison. Makes the folder; throws when it cannot be written to, or when it holds
  /// checkpoints, which are another's.
  explicit Checkpoints(std::filesystem::path folder);

  /// For the one that `checkpoint` holds. Those with higher numbers go with the next one written.
  explicit Checkpoints(const Checkpoint& checkpoint);

  /// Removes what killed programs left, writes the next one, and removes those before the last two.
  /// Throws when it cannot be written; those before it then stay.
  void write(Json json, const std::vector<nn::NamedTensor>& tensors);

  const std::filesystem::path& folder() const { return folder_; }

  /// The JSON of the last one written or read; empty when there is none.
  std::filesystem::path last() const;

 private:
  void prune() const;

  std::filesystem::path folder_;
  std::vector<Index> kept_ = {};  // at most two, growing
};

/// Reads the last checkpoint of a folder, or the one whose JSON `named` is. Throws, naming the
/// file, when one of its two was damaged; when an earlier one is whole, the message says how to
/// take it.
Checkpoint read_checkpoint(const std::filesystem::path& named);

}  // namespace muonlab::app
