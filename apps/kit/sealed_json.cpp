#include "apps/kit/sealed_json.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "apps/kit/parse.h"
#include "muonlab/core/crc32.h"
#include "muonlab/core/error.h"
#include "muonlab/core/files.h"

namespace muonlab::app {
namespace {

constexpr Index max_bytes = 16'000'000;  // twice the bytes of a thousand runs of a hundred epochs

}  // namespace

std::string sealed(const std::string& rest) {
  return fmt::format("{{\"crc32\": \"{:08x}\",{}", crc32(std::as_bytes(std::span(rest))), rest);
}

void write_sealed(const std::filesystem::path& path, const Json& json) {
  std::string text;
  try {
    text = sealed(json.dump().substr(1) + '\n');
  } catch (const Json::type_error&) {
    throw Error("cannot write " + path.string() + ": a name in it is not UTF-8");
  }
  check(std::ssize(text) <= max_bytes, "cannot write ", path.string(), ": got ", text.size(),
        " bytes, expected at most ", max_bytes);
  files::replace(path, text);
}

Json read_sealed(const std::filesystem::path& path) {
  const std::string name = path.string();
  const std::string text = read_text(path, max_bytes, "a checkpoint");
  const std::size_t start = std::min(text.size(), sealed("").size());
  check(text == sealed(text.substr(start)), name, ": damaged, its checksum does not match");
  return parse(text, name, "a checkpoint");
}

}  // namespace muonlab::app
