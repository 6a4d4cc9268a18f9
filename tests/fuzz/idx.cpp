// An IDX file, not packed.
#include "muonlab/data/idx.h"

#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {

using namespace std::string_literals;

void read(const std::string& input) {
  static const test::Folder folder;
  data::read_idx(folder.write("input", input));
}

std::vector<std::string> seeds() {
  return {"\0\0\x08\1\0\0\0\3abc"s, "\0\0\x08\4\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0\3abcdef"s,
          "\0\0\x08\2\0\0\0\0\0\0\1\0"s};
}

}  // namespace muonlab::fuzz
