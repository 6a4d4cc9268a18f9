#include "apps/experiments/elementwise.h"

#include "apps/training/contender.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/ademamix.h"
#include "muonlab/optim/lion.h"
#include "muonlab/optim/mars_adamw.h"
#include "muonlab/optim/schedule_free.h"

namespace muonlab::app {
namespace {

using optim::Evidence;
using optim::use;

constexpr ElementwiseRule all[] = {
    {"lion", "steps of one size: the sign of a momentum",
     "w = w - lr sign(b1 m + (1 - b1) g); m = b2 m + (1 - b2) g", 1, Evidence::compared,
     "arXiv:2302.06675", 1e-4F, [](float lr) { return use<optim::Lion>(all_roles, {.lr = lr}); }},

    {"lion_cautious", "Lion where the gradient agrees, and farther there",
     "as lion, where the signs of u and g agree, times n / (agreeing + 1)", 1, Evidence::compared,
     "arXiv:2411.16085", 1e-4F,
     [](float lr) {
       return use<optim::Lion>(all_roles,
                               {.lr = lr, .beta1 = 0.95F, .beta2 = 0.98F, .cautious = true});
     }},

    {"ademamix", "AdamW with a second mean of gradients that remembers 10,000 steps",
     "w = w - lr (m / (1 - b1^t) + 5 slow m) / sqrt(v / (1 - b2^t))", 3, Evidence::compared,
     "arXiv:2409.03137", 1e-3F,
     [](float lr) { return use<optim::Ademamix>(all_roles, {.lr = lr}); }},

    {"schedule_free", "AdamW on averaged weights, whose rate need not fall",
     "z = z - lr g / sqrt(v); x = mean of z; w = 0.1 z + 0.9 x", 2, Evidence::records,
     "arXiv:2405.15682", 2.5e-3F,
     [](float lr) { return use<optim::ScheduleFree>(all_roles, {.lr = lr}); }},

    {"mars_adamw", "AdamW of gradients with less variance",
     "c = g + 0.025 b / (1 - b) (g - last g); AdamW of c / max(1, |c|)", 3, Evidence::compared,
     "arXiv:2411.10438", 3e-3F,
     [](float lr) { return use<optim::MarsAdamW>(all_roles, {.lr = lr}); }},
};

}  // namespace

std::span<const ElementwiseRule> elementwise_rules() { return all; }

}  // namespace muonlab::app
