#include "apps/memory/measurement.h"

#include <utility>

#include "muonlab/core/memory.h"

namespace muonlab::app {
namespace {

/// By how many bytes the memory that arrays hold has grown since the call before.
class Growth {
 public:
  Index next() {
    const Index before = std::exchange(held_, memory::live_bytes(Device::cpu));
    return held_ - before;
  }

 private:
  Index held_ = memory::live_bytes(Device::cpu);
};

/// Runs forward and backward on noise. Only the gradients are left afterwards.
void make_gradients(nn::Layer& model, const Shape& images, Rng& rng) {
  Tensor noise(images);
  for (float& pixel : noise.values()) pixel = rng.uniform();
  Integers labels({images[0]});
  for (std::int32_t& label : labels.values()) label = 0;
  cross_entropy(model(Variable(noise)), labels).backward();
}

}  // namespace

Measured measure(const Subject& subject, const Keeping& keeping) {
  const Index start = memory::live_bytes(Device::cpu);
  Growth growth;
  Rng rng(0);
  const auto model = subject.make(rng);
  Measured measured = {.parameters = growth.next(), .gradients = 0, .state = 0, .peak = 0};
  const auto optimizer = std::make_unique<optim::Hybrid>(model->parameters(), keeping.routes());
  measured.state = growth.next();

  memory::reset_peak(Device::cpu);
  make_gradients(*model, subject.images, rng);
  measured.gradients = growth.next();
  optimizer->step();
  measured.state += growth.next();  // an optimizer may make its state in its first step
  measured.peak = memory::peak_bytes(Device::cpu) - start;
  return measured;
}

}  // namespace muonlab::app
