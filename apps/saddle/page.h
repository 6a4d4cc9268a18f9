#pragma once

#include <string>
#include <vector>

#include "apps/page/page.h"
#include "apps/saddle/escape.h"

namespace muonlab::app {

/// How optimizers escape from one saddle.
struct Escapes {
  struct Of {
    Contender contender;
    std::vector<std::vector<Index>> steps;  // of escape(), by direction, then by seed
  };
  Saddle saddle;
  std::vector<Of> all;
};

/// escape() of each of `contenders`, with seeds 0 to `seeds` - 1.
Escapes escapes(const Saddle& saddle, const std::vector<Contender>& contenders, int seeds,
                float start, Index limit);

/// The page of `saddles`. `start` and `limit` are those of escape(), `made` is what making()
/// returns. For each saddle all optimizers are followed from the start of one seed: the seed with
/// which the first optimizer takes its median of steps in the last direction.
std::string saddle_page(const std::vector<Escapes>& saddles, float start, Index limit,
                        const Json& made);

}  // namespace muonlab::app
