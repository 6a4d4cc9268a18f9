#include "apps/kit/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include "apps/kit/terminal.h"

namespace muonlab::app {

namespace {

int terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(std::string title, Index first, Index total, bool quiet)
    : title_(std::move(title)), first_(first), total_(total), on_(!quiet && is_screen()) {}

Progress::~Progress() { erase(); }

void Progress::erase() {
  if (!on_) return;
  std::fputs("\r\x1b[K", stdout);  // moves to the start of the line, and erases it
  std::fflush(stdout);
  drawn_ = -1;
}

void Progress::show(Index step, double loss) {
  if (!on_) return;
  const double now = watch_.seconds();
  if (now - drawn_ < 0.1) return;
  drawn_ = now;

  const double rate = static_cast<double>(step - first_) / now;
  const double left = static_cast<double>(total_ - step) / rate;
  const std::string numbers = fmt::format("{}/{}  loss {:.4f}  {:.0f} steps/s  {:.0f} s left", step,
                                          total_, loss, rate, std::ceil(left));

  // The bar has the rest of the line. A longer line would wrap, and redrawing would leave a part.
  const int used = static_cast<int>(title_.size() + numbers.size()) + 5;
  const int width = std::clamp(terminal_columns() - used, 0, 40);
  const auto filled = static_cast<int>(width * step / total_);
  std::string line =
      fmt::format("{} [{:=<{}}{:{}}] {}", title_, "", filled, "", width - filled, numbers);
  line.resize(std::min<std::size_t>(line.size(), terminal_columns() - 1));
  fmt::print("\r{}\x1b[K", line);
  std::fflush(stdout);
}

}  // namespace muonlab::app
