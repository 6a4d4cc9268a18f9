#include <cfloat>
#include <cstdint>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/core/threads.h"

namespace muonlab::test {
namespace {

TEST_CASE("live bytes follow the arrays, peak bytes their maximum") {
  const Index before = memory::live_bytes(Device::cpu);
  {
    const Tensor a({1024, 1024});
    CHECK(memory::live_bytes(Device::cpu) - before == 4 << 20);
    memory::reset_peak(Device::cpu);
    { const Tensor b({1024, 1024}); }
    CHECK(memory::live_bytes(Device::cpu) - before == 4 << 20);
    CHECK(memory::peak_bytes(Device::cpu) - before == 8 << 20);
  }
  CHECK(memory::live_bytes(Device::cpu) == before);
  memory::release_unused(Device::cpu);
}

TEST_CASE("every block is aligned to 64 bytes") {
  for (const Index count : {0, 1, 3, 17, 1000, 100000}) {
    const Tensor t({count});
    CHECK(reinterpret_cast<std::uintptr_t>(t.data()) % 64 == 0);
  }
}

TEST_CASE("kernels flush denormals on every thread, and the caller's mode returns") {
  volatile float tiny = FLT_MIN;
  for (const int count : {1, 2}) {
    set_threads(count);
    const Tensor halves = math::scale(0.5F, math::full({1 << 20}, FLT_MIN));
    CHECK(math::norm(math::scale(1e30F, halves)) == 0);
  }
  CHECK(tiny * 0.5F > 0);
}

TEST_CASE("at least one thread is needed") {
  CHECK_THROWS_WITH_AS(set_threads(0), "threads: got 0, expected 1 to 1024", Error);
  CHECK_THROWS_WITH_AS(set_threads(1025), "threads: got 1025, expected 1 to 1024", Error);
}

}  // namespace
}  // namespace muonlab::test
