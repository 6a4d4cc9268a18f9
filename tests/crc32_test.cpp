#include "muonlab/core/crc32.h"

#include <span>
#include <string_view>

#include <doctest/doctest.h>

namespace muonlab::test {
namespace {

std::uint32_t sum(std::string_view text, std::uint32_t before = 0) {
  return crc32(std::as_bytes(std::span(text)), before);
}

TEST_CASE("the checksum is CRC-32, also in pieces") {
  CHECK(sum("123456789") == 0xCBF43926);  // the check value of the standard's catalogue
  CHECK(sum("") == 0);
  CHECK(sum("6789", sum("", sum("12345"))) == sum("123456789"));
}

}  // namespace
}  // namespace muonlab::test
