#include "apps/progress.h"

#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace muonlab::app {

Progress::Progress(std::string title, Index total, bool quiet)
    : title_(std::move(title)), total_(total), on_(!quiet && isatty(STDOUT_FILENO) == 1) {}

Progress::~Progress() {
  if (on_) {
    std::fputs("\r\x1b[K", stdout);  // to the line's start, and erase it
    std::fflush(stdout);
  }
}

void Progress::show(Index step, double loss) {
  if (!on_) return;
  const double now = watch_.seconds();
  if (now - drawn_ < 0.1) return;
  drawn_ = now;

  constexpr int width = 30;
  const auto filled = static_cast<int>(width * step / total_);
  const double rate = static_cast<double>(step) / now;
  const double left = static_cast<double>(total_ - step) / rate;
  fmt::print("\r{} [{:=<{}}{:{}}] {}/{}  loss {:.4f}  {:.0f} steps/s  {:.0f} s left\x1b[K", title_,
             "", filled, "", width - filled, step, total_, loss, rate, std::ceil(left));
  std::fflush(stdout);
}

}  // namespace muonlab::app
