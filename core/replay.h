#pragma once

#include <functional>
#include <memory>

#include "muonlab/core/device.h"

namespace muonlab {

/// Work that repeats on the same arrays, such as a training step. On the GPU, after
/// set_replay(true), the first call runs it, the second records it, and that and all later calls
/// replay the recording, with the same bits. Otherwise every call just runs it. Starting a kernel
/// takes the host a few microseconds, longer than a small kernel runs; a replay starts all of them
/// at once.
///
///     Replay replay;
///     Tensor images(shape, device), loss;
///     for (const Batch& batch : batches) {  // all of one size
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
/// The batch is copied into the same arrays each time (labels too, not shown). Arrays that `work`
/// makes, gradients among them, stay valid, and every replay overwrites them: so zero_grad()
/// belongs into it. Numbers such as a rate keep the values of the recording; only dropout goes on
/// to new masks. `work` must not read an element from the GPU, and must be called by one thread.
class Replay {
 public:
  void operator()(Device device, const std::function<void()>& work);

 private:
  bool is_warm_ = false;  // ran once: CUDA has loaded the kernels, which a recording cannot do
  struct Recording;
  std::shared_ptr<Recording> recording_;
};

/// Turns recording and replaying on or off for all threads; off at first.
void set_replay(bool on);

/// Whether a Replay records and replays on this device.
bool replays(Device device);

}  // namespace muonlab
