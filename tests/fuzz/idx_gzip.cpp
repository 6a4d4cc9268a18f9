// An IDX file packed by gzip: the input itself where it begins as such files do, otherwise packed
// here, because no change of packed bytes gets past their checksum.
#include <memory>
#include <zlib.h>

#include "muonlab/data/idx.h"
#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {
namespace {

using namespace std::string_literals;

const test::Folder& folder() {
  static const test::Folder folder;
  return folder;
}

std::filesystem::path pack(const std::string& content) {
  const std::filesystem::path path = folder().path / "packed";
  const std::unique_ptr<gzFile_s, decltype(&gzclose_w)> file(gzopen(path.c_str(), "wb1"),
                                                             &gzclose_w);
  gzwrite(file.get(), content.data(), static_cast<unsigned>(content.size()));
  return path;
}

}  // namespace

void read(const std::string& input) {
  const bool is_packed = input.starts_with('\x1f');
  data::read_idx(is_packed ? folder().write("input", input) : pack(input));
}

std::vector<std::string> seeds() {
  const std::string content = "\0\0\x08\2\0\0\0\2\0\0\0\3abcdef"s;
  pack(content);
  return {content, folder().read("packed")};
}

}  // namespace muonlab::fuzz
