#pragma once

#include "apps/training/step.h"
#include "muonlab/autograd/functions.h"
#include "muonlab/nn/module.h"
#include "muonlab/optim/optimizer.h"

namespace muonlab::test {

/// Forward and backward of a step of training, by the mean cross-entropy.
inline app::Step step_of(nn::Layer& model, optim::Optimizer& optimizer) {
  return {model.parameters(), [&](const data::Batch& batch) {
            optimizer.zero_grad();
            const Variable loss = cross_entropy(model(Variable(batch.images)), batch.labels);
            loss.backward();
            return loss.value();
          }};
}

}  // namespace muonlab::test
