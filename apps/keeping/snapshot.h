#pragma once

#include <vector>

#include "apps/kit/fields.h"
#include "apps/training/training.h"
#include "muonlab/nn/safetensors.h"

/// What a checkpoint holds of a contender at work.
namespace muonlab::app {

/// Its tensors: parameters and buffers as "model.NAME", the optimizer's state as "optimizer.NAME".
/// They share memory with `training`.
std::vector<nn::NamedTensor> tensors_of(const Training& training);

/// The rest: the position, the optimizer's counts of updates, the states of the model's generators.
Json to_json(const Training& training);

/// Restores `training`, which is new, to what to_json() and tensors_of() gave, in a run that has
/// done `epochs` whole epochs. Throws, in one line that names the file, when they do not fit this
/// contender, or counted more steps than there have been.
void restore(Training& training, Index epochs, const Fields& fields,
             const std::vector<nn::NamedTensor>& tensors, const std::string& file);

}  // namespace muonlab::app
