#include "muonlab/data/windows.h"

#include <algorithm>

#include "muonlab/core/crc32.h"

namespace muonlab::data {
namespace {

/// Tokens first, first + 1, ... as rows of `length`, as many as labels can follow.
Integers rows(const Integers& tokens, Index first, Index length) {
  check(length >= 1, "windows: the length is ", length, ", expected at least 1");
  const Index count = (tokens.count() - 1) / length;
  check(count >= 1, "windows: ", tokens.count(), " tokens make no window of ", length,
        " and the token after it");
  return tokens.slice(first, first + count * length).reshape({count, length});
}

}  // namespace

Windows::Windows(const Integers& tokens, Index length, Index classes)
    : tokens_(rows(tokens, 0, length)), next_(rows(tokens, 1, length)), classes_(classes) {
  const Integers here = tokens.to(Device::cpu);
  for (const std::int32_t token : here.values()) {
    check(0 <= token && token < classes, "windows: got a token ", token,
          ", expected it within [0, ", classes, ")");
  }
}

Index Windows::bytes() const { return (tokens_.count() + 1) * Index{sizeof(std::int32_t)}; }

std::string Windows::content() const {
  const std::uint32_t sum = crc32(std::as_bytes(next_.to(Device::cpu).values()),
                                  crc32(std::as_bytes(tokens_.to(Device::cpu).values())));
  return std::to_string(size()) + " windows of " + std::to_string(tokens_.shape()[1]) +
         " tokens, checksum " + hexadecimal(sum);
}

Batch Windows::batch(const Draw& draw) const {
  return {.tokens = taken(tokens_, draw.numbers), .labels = taken(next_, draw.numbers)};
}

Integers bytes_as_tokens(std::string_view text) {
  Integers tokens({static_cast<Index>(text.size())});
  std::ranges::transform(text, tokens.data(),
                         [](char byte) { return static_cast<unsigned char>(byte); });
  return tokens;
}

}  // namespace muonlab::data
