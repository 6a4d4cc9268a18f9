#include "muonlab/core/cpu/onednn/planned.h"

#include <algorithm>

#include "muonlab/core/cpu/bfloat16.h"
#include "muonlab/core/cpu/transpose.h"

namespace muonlab::onednn {
namespace {

constexpr Index block = 16;  // channels

bool is_blocked(const Memory::desc& plan) {
  const Memory::dims dims = plan.dims();
  return dims.size() == 4 && dims[1] % block == 0 &&
         plan == Memory::desc(dims, plan.data_type(), Memory::format_tag::nChw16c);
}

/// Calls body(first) for every block of 16 channels. It begins at element `first` in both layouts,
/// and is (channels, pixels) in ours, (pixels, channels) in oneDNN's.
template <class Body>
void for_each_block(const Memory::dims& dims, const Body& body) {
  const Index size = block * dims[2] * dims[3];
  for (Index i = 0; i < dims[0] * dims[1] / block; ++i) body(i * size);
}

void to_blocks(const Memory::dims& dims, const float* from, float* to) {
  const Index pixels = dims[2] * dims[3];
  for_each_block(dims, [=](Index first) {
    transpose(from + first, pixels, block, pixels, to + first, block);
  });
}

void to_blocks(const Memory::dims& dims, const float* from, Bfloat16* to) {
  const Index pixels = dims[2] * dims[3];
  // Pixels converted at a time: their 4 KiB stay in the nearest cache.
  static constexpr Index most = 64;
  float some[most * block];
  for_each_block(dims, [&some, from, to, pixels](Index first) {
    for (Index pixel = 0; pixel < pixels; pixel += most) {
      const Index count = std::min(most, pixels - pixel);
      transpose(from + first + pixel, pixels, block, count, some, block);
      for (Index i = 0; i < count * block; ++i) {
        to[first + pixel * block + i] = to_bfloat16(some[i]);
      }
    }
  });
}

void from_blocks(const Memory::dims& dims, const float* from, float* to) {
  const Index pixels = dims[2] * dims[3];
  for_each_block(dims, [=](Index first) {
    transpose(from + first, block, pixels, block, to + first, pixels);
  });
}

}  // namespace

Memory ours(const Memory::dims& dims, const float* data) {
  const auto tag = dims.size() == 4 ? Memory::format_tag::nchw : Memory::format_tag::goihw;
  return {{dims, Memory::data_type::f32, tag}, engine(), const_cast<float*>(data)};
}

Planned::Planned(const Memory::dims& dims, const Memory::desc& plan)
    : ours_(ours(dims, nullptr)),
      planned_(plan, engine()),
      read_(ours_, planned_),
      is_blocked_(is_blocked(plan)) {
  if (plan.data_type() == Memory::data_type::f32) write_ = dnnl::reorder(planned_, ours_);
}

const Memory& Planned::read(const float* data) {
  if (!is_blocked_) {
    ours_.set_data_handle(const_cast<float*>(data));
    read_.execute(stream(), ours_, planned_);
  } else if (planned_.get_desc().data_type() == Memory::data_type::f32) {
    to_blocks(ours_.get_desc().dims(), data, static_cast<float*>(planned_.get_data_handle()));
  } else {
    to_blocks(ours_.get_desc().dims(), data, static_cast<Bfloat16*>(planned_.get_data_handle()));
  }
  return planned_;
}

void Planned::write(float* data) {
  if (is_blocked_) {
    from_blocks(ours_.get_desc().dims(), static_cast<const float*>(planned_.get_data_handle()),
                data);
  } else {
    ours_.set_data_handle(data);
    write_.execute(stream(), planned_, ours_);
  }
}

}  // namespace muonlab::onednn
