#define DOCTEST_CONFIG_IMPLEMENT
#include <iostream>

#include <doctest/doctest.h>

#include "muonlab/core/device.h"

int main(int argc, char** argv) {
  const std::string problem = muonlab::problem_with(muonlab::Device::cuda);
  if (!problem.empty()) {
    std::cout << "skipped: no CUDA device (" << problem << ")\n";
    return 77;  // what ctest counts as skipped
  }
  std::cout << "on " << muonlab::name_of(muonlab::Device::cuda) << '\n';
  return doctest::Context(argc, argv).run();
}
