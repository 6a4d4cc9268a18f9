#define DOCTEST_CONFIG_IMPLEMENT
#include <iostream>

#include <doctest/doctest.h>

#include "tests/browser/browser.h"

int main(int argc, char** argv) {
  if (muonlab::test::browser().empty()) {
    std::cout << "skipped: no Chromium (on Debian: apt-get install chromium)\n";
    return 77;  // what ctest counts as skipped
  }
  return doctest::Context(argc, argv).run();
}
