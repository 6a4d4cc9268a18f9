#pragma once

#include <string>

#include "apps/kit/stopwatch.h"
#include "muonlab/core/shape.h"

namespace muonlab::app {

/// A progress bar on the last line of a terminal, with rate and time left; silent where
/// standard output does not obey escape sequences. The destructor erases it.
class Progress {
 public:
  /// A bar called `title` for `total` steps, of which `first` were done before. Silent if `quiet`.
  Progress(std::string title, Index first, Index total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows that `step` steps are done, the last with this loss. Draws at most ten times a second.
  void show(Index step, double loss);

  /// Erases the bar, so that another line can be printed; the next show() draws it again.
  void erase();

 private:
  std::string title_;
  Index first_;
  Index total_;
  bool on_;
  Stopwatch watch_;
  double drawn_ = 0;  // when it was last drawn, in seconds; -1: it is erased
};

}  // namespace muonlab::app
