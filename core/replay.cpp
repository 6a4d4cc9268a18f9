#include "muonlab/core/replay.h"

#include <atomic>
#include <utility>

#include "muonlab/core/cuda/graph.h"

namespace muonlab {
namespace {

std::atomic<bool> replay_is_on = false;

}  // namespace

struct Replay::Recording {
  explicit Recording(const std::function<void()>& work)
      : graph([&, this] {
          const memory::ArenaScope scope(arena);
          work();
        }) {}

  memory::Arena arena;  // declared first: outlives the graph, which uses its memory
  cuda::Graph graph;
};

void set_replay(bool on) { replay_is_on = on; }

bool replays(Device device) { return device == Device::cuda && replay_is_on; }

void Replay::operator()(Device device, const std::function<void()>& work) {
  if constexpr (with_cuda) {
    const bool within = cuda::Graph::is_recording();  // part of another Replay's work
    if (replays(device) && !within && std::exchange(is_warm_, true)) {
      if (recording_ == nullptr) recording_ = std::make_shared<Recording>(work);
      return recording_->graph.replay();
    }
  }
  work();
}

}  // namespace muonlab
