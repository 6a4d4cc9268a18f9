#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/kit/fields.h"
#include "muonlab/nn/safetensors.h"

namespace muonlab::app {

/// A checkpoint as its two files hold it. They are whole, but the JSON's fields are not checked.
struct Checkpoint {
  std::filesystem::path file;  // path of the JSON
  Json json;
  std::vector<nn::NamedTensor> tensors;

  Fields fields() const { return {json, file.string()}; }
};

/// A folder of checkpoints, numbered in the order in which they are written:
///
///     000007.safetensors  the tensors
///     000007.json         all else, with the size and checksum of that file, and its own checksum
///
/// Each file is written under another name, flushed to the disk and renamed, the JSON last: a
/// checkpoint exists when its JSON does. So the last checkpoint is whole whenever the program is
/// killed or the power is cut. The last two are kept.
class Checkpoints {
 public:
  /// For a new comparison. Makes the folder; throws when it cannot be written to, or when it holds
  /// checkpoints of another comparison.
  explicit Checkpoints(std::filesystem::path folder);

  /// For the comparison that `checkpoint` resumes. The next write() keeps that checkpoint and the
  /// new one, and removes all others, those with higher numbers too.
  explicit Checkpoints(const Checkpoint& checkpoint);

  /// Removes what killed programs left, writes the next checkpoint, and removes those before the
  /// last two. Throws when the checkpoint cannot be written; the earlier ones then stay.
  void write(Json json, const std::vector<nn::NamedTensor>& tensors);

  const std::filesystem::path& folder() const { return folder_; }

  /// The path of the JSON of the last checkpoint, written or resumed; empty when there is none.
  std::filesystem::path last() const;

 private:
  void prune() const;

  std::filesystem::path folder_;
  std::vector<Index> kept_ = {};  // the last checkpoints, at most two, in increasing order
};

/// Reads the last checkpoint of the folder `named`, or the checkpoint whose JSON is `named`.
/// Throws, naming the file, when there is none or one of its two files is damaged; if an earlier
/// checkpoint is whole, the message says how to resume from it.
Checkpoint read_checkpoint(const std::filesystem::path& named);

}  // namespace muonlab::app
