#include "muonlab/core/kernels/update.h"

#include <algorithm>
#include <vector>

#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {
namespace {

/// `all` and `part` are copies, so that the compiler keeps their numbers in registers.
template <class Update>
void update(Update all, typename Update::Part part, Index begin, Index end) {
  for (Index i = begin; i < end; ++i) all.at(part, i);
}

/// Updates every element of every part. Pieces are cut as if the parts lay end to end, so that many
/// small parts make few pieces.
template <class Update>
void update(const Update& all) {
  const auto parts = all.parts;
  std::vector<Index> ends;  // of each part in that order
  Index total = 0;
  for (const auto& part : parts) ends.push_back(total += part.count);
  parallel_for(total, elementwise_grain, [&](Index begin, Index end) {
    auto i = static_cast<std::size_t>(std::ranges::upper_bound(ends, begin) - ends.begin());
    for (; begin < end; begin = ends[i++]) {
      const Index start = ends[i] - parts[i].count;
      update(all, parts[i], begin - start, std::min(end, ends[i]) - start);
    }
  });
}

}  // namespace

void SgdUpdate::cpu() const { update(*this); }
void AdamUpdate::cpu() const { update(*this); }
void LionUpdate::cpu() const { update(*this); }
void AdemamixUpdate::cpu() const { update(*this); }
void ScheduleFreeUpdate::cpu() const { update(*this); }
void MomentumUpdate::cpu() const { update(*this); }
void DirectionUpdate::cpu() const { update(*this); }

}  // namespace muonlab::kernel
