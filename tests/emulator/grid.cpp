#include "tests/emulator/grid.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/emulator/fiber.h"
#include "tests/emulator/machine.h"

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;
const int warpSize = 32;

namespace emulator {
namespace {

constexpr unsigned warp_size = 32;
constexpr std::uint64_t garbage = ~std::uint64_t{0};  // a NaN as float and as double

enum class State { ready, in_warp_stop, in_block_stop, ended };

struct Thread {
  State state = State::ready;
  Fiber* fiber = nullptr;  // while it waits
  std::string_view operation;
  Site site = {};
  std::uint64_t given = 0;
  std::uint64_t taken = 0;
  unsigned source = 0;  // the thread of the block whose `given` it takes
};

std::string text(const uint3& v) {
  return '(' + std::to_string(v.x) + ", " + std::to_string(v.y) + ", " + std::to_string(v.z) + ')';
}

/// The i-th of `count` in the order of EMULATOR_REVERSE.
bool reverse = false;
unsigned nth(unsigned i, unsigned count) { return reverse ? count - 1 - i : i; }

uint3 place_in(const dim3& size, unsigned i) {
  return {i % size.x, i / size.x % size.y, i / size.x / size.y};
}

/// The threads of one block. Each runs until it waits or ends, and a fiber goes on with the next
/// thread until one waits: threads that never wait share a fiber and cost no switch. A warp runs as
/// far as it can before the next one starts, so that warps are as far apart as barriers allow.
class Block {
 public:
  void run(const std::function<void()>& thread);
  std::uint64_t wait(State state, std::string_view operation, std::uint64_t value, int source,
                     Site site);
  unsigned current() const { return current_; }
  unsigned lanes() const { return std::min(warp_size, count() - current_ / warp_size * warp_size); }

 private:
  unsigned count() const { return static_cast<unsigned>(threads_.size()); }
  void run_warp(unsigned first, bool start);
  void start_threads(unsigned first, unsigned lanes);
  bool pass_warp_stop(unsigned first, unsigned lanes);
  bool pass_block_stop();
  void check_together(unsigned first, unsigned last, State state) const;
  void select(unsigned i);
  static void work();

  const std::function<void()>* thread_ = nullptr;
  std::vector<Thread> threads_;
  unsigned current_ = 0;
  unsigned first_ = 0;  // of the warp that is started
  unsigned lanes_ = 0;
  unsigned started_ = 0;  // of these lanes
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
};

Block& block() { return immortal<Block>(); }

void Block::run(const std::function<void()>& thread) {
  thread_ = &thread;
  threads_.assign(std::size_t{blockDim.x} * blockDim.y * blockDim.z, {});
  const unsigned warps = (count() + warp_size - 1) / warp_size;
  bool start = true;
  do {
    for (unsigned w = 0; w < warps; ++w) run_warp(nth(w, warps) * warp_size, start);
    start = false;
  } while (pass_block_stop());
}

void Block::run_warp(unsigned first, bool start) {
  const unsigned lanes = std::min(warp_size, count() - first);
  if (start) start_threads(first, lanes);
  do {
    for (unsigned i = 0; i < lanes; ++i) {
      Thread& thread = threads_[first + nth(i, lanes)];
      if (thread.state == State::ready) thread.fiber->enter();
    }
  } while (pass_warp_stop(first, lanes));
}

void Block::start_threads(unsigned first, unsigned lanes) {
  first_ = first;
  lanes_ = lanes;
  started_ = 0;
  while (started_ < lanes_) {
    if (idle_.empty()) {
      fibers_.push_back(std::make_unique<Fiber>(work));
      idle_.push_back(fibers_.back().get());
    }
    Fiber* const fiber = idle_.back();
    idle_.pop_back();
    fiber->enter();
  }
}

/// The life of a fiber: starts threads as long as there are some that nobody has started.
void Block::work() {
  Block& self = block();
  for (;;) {
    while (self.started_ < self.lanes_) {
      self.select(self.first_ + nth(self.started_++, self.lanes_));
      (*self.thread_)();
      self.threads_[self.current_].state = State::ended;
    }
    self.idle_.push_back(Fiber::current());
    Fiber::leave();
  }
}

void Block::select(unsigned i) {
  current_ = i;
  threadIdx = place_in(blockDim, i);
}

std::uint64_t Block::wait(State state, std::string_view operation, std::uint64_t value, int source,
                          Site site) {
  const unsigned self = current_;
  const unsigned first = self / warp_size * warp_size;
  threads_[self] = {state,
                    Fiber::current(),
                    operation,
                    site,
                    value,
                    garbage,
                    first + static_cast<unsigned>(source)};
  Fiber::leave();
  select(self);
  return threads_[self].taken;
}

/// Lets a warp go on in which all threads wait for each other; false when none does.
bool Block::pass_warp_stop(unsigned first, unsigned lanes) {
  const unsigned last = first + lanes;
  const auto waits = [](const Thread& thread) { return thread.state == State::in_warp_stop; };
  const auto begin = threads_.begin() + first;
  if (std::none_of(begin, begin + lanes, waits)) return false;
  check_together(first, last, State::in_warp_stop);
  for (unsigned i = first; i < last; ++i) {
    Thread& thread = threads_[i];
    if (thread.state == State::ended) continue;
    const bool exists = thread.source < last && threads_[thread.source].state != State::ended;
    thread.taken = exists ? threads_[thread.source].given : garbage;
  }
  for (unsigned i = first; i < last; ++i) {
    if (waits(threads_[i])) threads_[i].state = State::ready;
  }
  return true;
}

bool Block::pass_block_stop() {
  check_together(0, count(), State::in_block_stop);
  bool any = false;
  for (Thread& thread : threads_) {
    if (thread.state == State::ended) continue;
    thread.state = State::ready;
    any = true;
  }
  return any;
}

/// Aborts unless the threads that have not ended wait at the same line for the same thing.
void Block::check_together(unsigned first, unsigned last, State state) const {
  const Thread* other = nullptr;
  unsigned other_index = 0;
  for (unsigned i = first; i < last; ++i) {
    const Thread& thread = threads_[i];
    if (thread.state == State::ended) continue;
    if (other == nullptr) {
      other = &thread;
      other_index = i;
    }
    if (thread.state == state && thread.operation == other->operation &&
        thread.site.line == other->site.line &&
        std::string_view(thread.site.file) == other->site.file && other->state == state) {
      continue;
    }
    die("block ", text(blockIdx), ": thread ", text(place_in(blockDim, other_index)), " waits in ",
        other->operation, " at ", other->site.file, ':', other->site.line, ", thread ",
        text(place_in(blockDim, i)), " in ", thread.operation, " at ", thread.site.file, ':',
        thread.site.line);
  }
}

}  // namespace

void run_grid(dim3 grid, dim3 size, const std::function<void()>& thread) {
  const char* const order = std::getenv("EMULATOR_REVERSE");
  reverse = order != nullptr && std::string_view(order) == "1";
  gridDim = grid;
  blockDim = size;
  const unsigned blocks = grid.x * grid.y * grid.z;
  for (unsigned i = 0; i < blocks; ++i) {
    blockIdx = place_in(grid, nth(i, blocks));
    block().run(thread);
  }
}

bool in_kernel() { return Fiber::current() != nullptr; }

int lane() {
  if (!in_kernel()) die("a function of the device is called on the host");
  return static_cast<int>(block().current() % warp_size);
}

void wait_for_block(Site site) {
  if (!in_kernel()) die("__syncthreads is called on the host, at ", site.file, ':', site.line);
  block().wait(State::in_block_stop, "__syncthreads", 0, 0, site);
}

std::uint64_t exchange(const char* operation, unsigned mask, std::uint64_t value, int source,
                       Site site) {
  const unsigned existing = ~0U >> (warp_size - block().lanes());
  if (mask != ~0U && mask != existing) {
    die("block ", text(blockIdx), ": ", operation, " at ", site.file, ':', site.line,
        " has the mask 0x", std::hex, mask, ", which is not the whole warp");
  }
  return block().wait(State::in_warp_stop, operation, value, source, site);
}

}  // namespace emulator
