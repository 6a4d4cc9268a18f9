#pragma once

#include <vector>

#include "apps/kit/fields.h"
#include "apps/training/training.h"
#include "muonlab/data/dataset.h"
#include "muonlab/nn/safetensors.h"

/// What a checkpoint holds of a contender at work, and of the data.
namespace muonlab::app {

/// Parameters and buffers as "model.NAME", the optimizer's state as "optimizer.NAME"; they share
/// memory with `training`.
std::vector<nn::NamedTensor> tensors_of(const Training& training);

/// The rest: the position, the optimizer's counts, where the model's generators are.
Json to_json(const Training& training);

/// Puts `training`, which is new, where the one was that to_json() and tensors_of() describe, after
/// so many whole epochs. Throws, in one line that names the file, when they are not of this
/// contender's, or not of that epoch.
void restore(Training& training, Index epochs, const Fields& fields,
             const std::vector<nn::NamedTensor>& tensors, const std::string& file);

}  // namespace muonlab::app
