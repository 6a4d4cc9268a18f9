// A matrix in NumPy's format.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "apps/orthogonalize/matrix.h"
#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {
namespace {

using namespace std::string_literals;

std::string npy(const std::string& start, const std::string& header, const std::string& elements) {
  return "\x93NUMPY" + start + static_cast<char>(header.size()) + "\0"s +
         (start[0] == '\1' ? "" : "\0\0"s) + header + elements;
}

}  // namespace

void read(const std::string& input) {
  static const test::Folder folder;
  const Tensor matrix = app::read_npy(folder.write("input.npy", input));
  const auto is_finite = [](float x) { return std::isfinite(x); };
  if (!std::ranges::all_of(matrix.values(), is_finite)) throw std::logic_error("not finite");
}

std::vector<std::string> seeds() {
  const std::string bytes(16, '\1');
  return {npy("\1\0"s, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n", bytes),
          npy("\2\0"s, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 1), }\n", bytes),
          npy("\3\0"s, R"({"shape": (1, 4), "fortran_order": False, "descr": "<f4"})", bytes)};
}

}  // namespace muonlab::fuzz
