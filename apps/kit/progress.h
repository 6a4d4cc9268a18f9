#pragma once

#include <string>

#include "apps/kit/stopwatch.h"
#include "muonlab/core/shape.h"

namespace muonlab::app {

/// A progress bar on the last line of a terminal, with rate and time left; silent where
/// standard output does not obey escape sequences. Erases itself at the end.
class Progress {
 public:
  /// `total` steps under the name `title`, of which `first` were done before.
  Progress(std::string title, Index first, Index total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `step` of the steps are done, the last with this loss. Draws at most ten times a second.
  void show(Index step, double loss);

  /// Makes room for another line; the next show() draws again.
  void erase();

 private:
  std::string title_;
  Index first_;
  Index total_;
  bool on_;
  Stopwatch watch_;
  double drawn_ = 0;  // second of the last drawing; -1: it is erased
};

}  // namespace muonlab::app
