#pragma once

namespace muonlab::app {

/// In place of the apps' own run_app(): they read their command lines, and stop there.
template <class Prepare, class Run>
int run_app(const Prepare& prepare, const Run& /*run*/) {
  prepare();
  return 0;
}

}  // namespace muonlab::app
