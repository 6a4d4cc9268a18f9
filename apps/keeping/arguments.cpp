#include "apps/keeping/arguments.h"

#include <charconv>
#include <fmt/format.h>

#include "apps/kit/terminal.h"
#include "muonlab/core/precision.h"

namespace muonlab::app {

Every parse_every(const std::string& text) {
  Every every = {0, Every::Unit::steps};
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, every.count);
  const std::string unit(stop, end);
  if (unit == "epoch" || unit == "epochs") every.unit = Every::Unit::epochs;
  check(
      status == std::errc() && every.count >= 1 &&
          (every.unit == Every::Unit::epochs || unit.empty() || unit == "step" || unit == "steps"),
      "--every: expected a number of steps or epochs, such as 500 or 2epochs, got ", excerpt(text));
  return every;
}

std::string products(const Arguments& arguments) {
  return fmt::format("{} by {}", name_of(arguments.precision),
                     arguments.device == Device::cpu ? product_library()
                                                     : "cuBLAS on " + name_of(arguments.device)) +
         (replays(arguments.device) ? ", in CUDA graphs" : "");
}

}  // namespace muonlab::app
