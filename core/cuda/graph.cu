#include "muonlab/core/cuda/graph.h"

#include <vector>

#include "muonlab/core/cuda/launch.cuh"
#include "muonlab/core/cuda/runtime.h"

namespace muonlab::cuda {
namespace {

using Word = std::uint64_t;

constexpr int cell_words = 4;
constexpr Index most_cells = 64;

/// The renewed numbers of one replay, passed to write_cells() by value: a buffer on the host could
/// not be refilled before the previous replay has read it.
struct Cells {
  Word word[most_cells][cell_words];
};

__global__ void write_cells(Cells cells, Word* to) {
  to[blockIdx.x * cell_words + threadIdx.x] = cells.word[blockIdx.x][threadIdx.x];
}

}  // namespace

struct Graph::State {
  cudaStream_t queue = stream();
  cudaGraphExec_t executable = nullptr;
  Word* cells = static_cast<Word*>(allocate_fixed(sizeof(Cells)));
  std::vector<Words> renewals;  // one for each cell in use
  std::vector<void*> released;  // blocks to release after the recording

  State() { check<MemoryError>(cells != nullptr, "cuda: no memory for a graph"); }
  ~State() {
    cudaStreamSynchronize(queue);  // a replay may be under way
    if (executable != nullptr) cudaGraphExecDestroy(executable);
    release_fixed(cells);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

namespace {

thread_local Graph::State* recording = nullptr;

/// A scope in which this thread's queue is recorded, until stop().
class Capture {
 public:
  explicit Capture(Graph::State& state) {
    check(recording == nullptr, "cuda: a recording cannot hold another");
    check_status(cudaStreamBeginCapture(stream(), cudaStreamCaptureModeThreadLocal));
    recording = &state;
  }
  ~Capture() {
    if (recording == nullptr) return;
    cudaGraph_t graph{};
    if (stop(&graph) == cudaSuccess) cudaGraphDestroy(graph);  // an exception ends the scope
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// Ends the recording and writes it to `graph`.
  cudaError_t stop(cudaGraph_t* graph) {
    const std::vector<void*> released = std::move(recording->released);
    recording = nullptr;
    const cudaError_t status = cudaStreamEndCapture(stream(), graph);
    for (void* block : released) release(block);
    return status;
  }
};

}  // namespace

Graph::Graph(const std::function<void()>& work) : state_(std::make_shared<State>()) {
  Capture capture(*state_);
  work();
  cudaGraph_t graph{};
  check_status(capture.stop(&graph));
  const cudaError_t status = cudaGraphInstantiate(&state_->executable, graph, 0);
  cudaGraphDestroy(graph);
  check_status(status);
}

void Graph::replay() {
  check(stream() == state_->queue, "cuda: a recording is replayed by the thread that made it");
  const auto& renewals = state_->renewals;
  if (!renewals.empty()) {
    Cells cells{};
    for (std::size_t i = 0; i < renewals.size(); ++i) renewals[i](cells.word[i]);
    launch(std::ssize(renewals), cell_words, write_cells, cells, state_->cells);
  }
  check_status(cudaGraphLaunch(state_->executable, stream()));
}

const std::uint64_t* Graph::renewed(const Words& words) {
  if (recording == nullptr) return nullptr;
  std::vector<Words>& renewals = recording->renewals;
  check(std::ssize(renewals) < most_cells, "cuda: a graph has at most ", most_cells,
        " numbers that change, such as the places of dropout's generators");
  renewals.push_back(words);
  return recording->cells + cell_words * (std::ssize(renewals) - 1);
}

bool Graph::is_recording() { return recording != nullptr; }

void Graph::keep_until_recorded(void* block) noexcept { recording->released.push_back(block); }

}  // namespace muonlab::cuda
