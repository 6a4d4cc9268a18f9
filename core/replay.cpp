#include "core/replay.h"

#include <atomic>
#include <utility>

#include "core/cuda/graph.h"

namespace muonlab {
namespace {

std::atomic<bool> replay_is_on = false;

}  // namespace

void set_replay(bool on) { replay_is_on = on; }

bool replays(Device device) { return device == Device::cuda && replay_is_on; }

void Replay::operator()(Device device, const std::function<void()>& work) {
  if constexpr (with_cuda) {
    if (replays(device) && std::exchange(is_warm_, true)) {
      if (graph_ == nullptr) {
        arena_ = std::make_shared<memory::Arena>();
        const memory::ArenaScope scope(*arena_);
        graph_ = std::make_shared<cuda::Graph>(work);
      }
      return graph_->replay();
    }
  }
  work();
}

}  // namespace muonlab
