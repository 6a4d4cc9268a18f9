#pragma once

#include <functional>
#include <memory>

#include "core/device.h"

namespace muonlab {

/// Work that is done again and again on the same arrays, such as a step of training. It is simply
/// done, but for this: on the GPU it is recorded the second time, if set_replay(true) was called,
/// and replayed from then on, with the same bits. Starting a kernel takes the host a few
/// microseconds, longer than a small kernel runs; a replay starts all of them at once.
///
///     Replay replay;
///     Tensor images(shape, device), loss;
///     for (const Batch& batch : batches) {  // all of one size; labels likewise
///       images.copy_from(batch.images);     // in place
///       replay(device, [&] {
///         optimizer.zero_grad();
///         const Variable l = cross_entropy(model(Variable(images)), labels);
///         l.backward();
///         loss = l.value();
///       });
///       optimizer.step();  // not in the replay: its rates and counts change
///       sum += loss.item();
///     }
///
/// `work` reads and writes the same arrays each time, and those that it makes, gradients too: they
/// stay valid and are written anew by every replay, so zero_grad() belongs into it. Its numbers are
/// those of the recording, except that dropout goes on to new masks. It must not look at a number
/// on the GPU. The thread that recorded replays.
class Replay {
 public:
  void operator()(Device device, const std::function<void()>& work);

 private:
  bool is_warm_ = false;  // done once: CUDA has loaded the kernels, which cannot be recorded
  struct Recording;
  std::shared_ptr<Recording> recording_;
};

/// Whether work is recorded and replayed from now on, by any thread; false until set.
void set_replay(bool on);

/// Whether it is, on this device.
bool replays(Device device);

}  // namespace muonlab
