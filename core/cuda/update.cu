#include "muonlab/core/kernels/update.h"

#include <algorithm>

#include "muonlab/core/cuda/launch.cuh"

namespace muonlab::kernel {
namespace {

constexpr Index threads = 256;
constexpr Index piece = 4 * threads;  // elements of a block
constexpr int most_parts = 32;        // of a launch: kernel arguments are limited in size

/// The parts of a launch; blocks[k] is the number of blocks of parts 0 to k.
template <class Part>
struct Table {
  Part part[most_parts];
  Index blocks[most_parts];
};

template <class Update>
__global__ void update_parts(Table<typename Update::Part> table, Update update) {
  int k = 0;
  while (blockIdx.x >= table.blocks[k]) ++k;
  const auto& part = table.part[k];
  const Index block = blockIdx.x - (k == 0 ? 0 : table.blocks[k - 1]);
  const Index end = std::min(part.count, (block + 1) * piece);
  for (Index i = block * piece + threadIdx.x; i < end; i += threads) update.at(part, i);
}

/// Updates every element of every part, in as few launches as possible. The kernel takes numbers
/// such as the rate from its copy of the update, but the parts from the table: update.parts points
/// to memory of the host.
template <class Update>
void update_all(const Update& update) {
  auto parts = update.parts;
  while (!parts.empty()) {
    const std::size_t size = std::min<std::size_t>(parts.size(), most_parts);
    Table<typename Update::Part> table{};
    Index blocks = 0;
    for (std::size_t k = 0; k < size; ++k) {
      blocks += (parts[k].count + piece - 1) / piece;
      table.part[k] = parts[k];
      table.blocks[k] = blocks;
    }
    cuda::launch(blocks, threads, update_parts<Update>, table, update);
    parts = parts.subspan(size);
  }
}

}  // namespace

void SgdUpdate::cuda() const { update_all(*this); }
void AdamUpdate::cuda() const { update_all(*this); }
void LionUpdate::cuda() const { update_all(*this); }
void AdemamixUpdate::cuda() const { update_all(*this); }
void ScheduleFreeUpdate::cuda() const { update_all(*this); }
void MomentumUpdate::cuda() const { update_all(*this); }
void DirectionUpdate::cuda() const { update_all(*this); }

}  // namespace muonlab::kernel
