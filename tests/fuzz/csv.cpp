// A matrix as text: in a file, its rows in lines, and as a word of a command line.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "apps/orthogonalize/matrix.h"
#include "muonlab/core/error.h"
#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {
namespace {

void check_finite(const Tensor& matrix) {
  const auto is_finite = [](float x) { return std::isfinite(x); };
  if (!std::ranges::all_of(matrix.values(), is_finite)) throw std::logic_error("not finite");
}

}  // namespace

void read(const std::string& input) {
  static const test::Folder folder;
  std::string word = input;
  std::ranges::replace(word, '\n', ';');
  check_finite(app::parse_matrix("matrix", word, ';'));
  check_finite(app::read_matrix(folder.write("input.csv", input).string()));
}

std::vector<std::string> seeds() {
  return {"1\n", "10, 0.5\n.5,-1e-3", "1,2,3\r\n4,5,6\r\n", "\t1e3 , 1\n2,3\n"};
}

}  // namespace muonlab::fuzz
