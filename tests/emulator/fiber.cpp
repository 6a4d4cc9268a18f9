#include "tests/emulator/fiber.h"

#include <new>
#include <sys/mman.h>

// Null where the program is built without AddressSanitizer.
extern "C" {
[[gnu::weak]] void __sanitizer_start_switch_fiber(void** fake_stack, const void* stack,
                                                  std::size_t size);
[[gnu::weak]] void __sanitizer_finish_switch_fiber(void* fake_stack, const void** old_stack,
                                                   std::size_t* old_size);
}

namespace emulator {
namespace {

constexpr std::size_t stack_size = 128 << 10;  // its pages are there when they are touched
constexpr std::size_t page = 4 << 10;          // below the stack, not accessible

Fiber::Place host;
Fiber* running = nullptr;
void (*first_body)() = nullptr;

/// In a function of its own: a function that calls __builtin_setjmp may not jump.
[[gnu::noinline, gnu::no_sanitize_address]] void jump(Fiber::Place& to) {
  if (to.start == nullptr) __builtin_longjmp(to.registers, 1);
  ucontext_t* const start = to.start;
  to.start = nullptr;
  setcontext(start);
}

/// Goes on at `to`, whence one comes back to `from` only.
[[gnu::noinline, gnu::no_sanitize_address]] void switch_stack(Fiber::Place& from,
                                                              Fiber::Place& to) {
  if (__sanitizer_start_switch_fiber != nullptr) {
    __sanitizer_start_switch_fiber(&from.fake_stack, to.stack, to.size);
  }
  if (__builtin_setjmp(from.registers) == 0) jump(to);
  if (__sanitizer_finish_switch_fiber != nullptr) {
    __sanitizer_finish_switch_fiber(from.fake_stack, &to.stack, &to.size);
  }
}

[[gnu::no_sanitize_address]] void begin() {
  if (__sanitizer_finish_switch_fiber != nullptr) {
    __sanitizer_finish_switch_fiber(nullptr, &host.stack, &host.size);
  }
  first_body();
}

}  // namespace

Fiber::Fiber(void (*body)()) {
  void* const memory =
      mmap(nullptr, page + stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  mprotect(memory, page, PROT_NONE);
  place_.stack = static_cast<char*>(memory) + page;
  place_.size = stack_size;
  place_.start = &start_;
  first_body = body;
  getcontext(&start_);
  start_.uc_stack.ss_sp = static_cast<char*>(memory) + page;
  start_.uc_stack.ss_size = stack_size;
  start_.uc_link = nullptr;
  makecontext(&start_, begin, 0);
}

Fiber::~Fiber() { munmap(static_cast<char*>(start_.uc_stack.ss_sp) - page, page + stack_size); }

void Fiber::enter() {
  running = this;
  switch_stack(host, place_);
}

void Fiber::leave() {
  Fiber* const self = running;
  running = nullptr;
  switch_stack(self->place_, host);
}

Fiber* Fiber::current() { return running; }

}  // namespace emulator
