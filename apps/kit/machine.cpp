#include "apps/kit/machine.h"

#include <fstream>

#include "apps/kit/terminal.h"

namespace muonlab::app {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (!line.starts_with("model name") || colon == std::string::npos) continue;
    std::string name = line.substr(colon + 2);
    if (is_printable(name)) return name;
  }
  return "unknown";
}

}  // namespace muonlab::app
