#pragma once

#include "muonlab/nn/init.h"
#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// gain (x - mean) / sqrt(variance + eps) + bias by the statistics of each of `groups` equal runs
/// of channels in each image: (n, channels, ...) to the same. Throws unless groups divides
/// channels. Wu, He 2018, arXiv:1803.08494.
///
///     nn::GroupNorm norm(2, 4);
///     // one pixel with the channels (1, 3, 10, 20) becomes (-1, 1, -1, 1):
///     // the group (1, 3) has mean 2 and deviation 1, the group (10, 20) mean 15 and deviation 5
class GroupNorm final : public Layer {
 public:
  GroupNorm(Index groups, Index channels, float eps = 1e-5F)
      : groups_(groups),
        gain_(add_parameter("weight", init::ones({channels}), Role::gain)),
        bias_(add_parameter("bias", init::zeros({channels}), Role::bias)),
        eps_(eps) {
    check(groups >= 1 && channels % groups == 0,
          "group_norm: channels must be a multiple of groups, got ", channels, " and ", groups);
  }

  Variable operator()(const Variable& x) override {
    return group_norm(x, groups_, gain_, bias_, eps_);
  }

 private:
  Index groups_;
  Variable gain_;  // (channels), named weight as in PyTorch's files
  Variable bias_;  // (channels)
  float eps_;
};

}  // namespace muonlab::nn
