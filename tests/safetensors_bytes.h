#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace muonlab::test {

template <class Number>
std::string bytes_of(const Number& number) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(Number)>>(number);
  return {bytes.begin(), bytes.end()};
}

/// A file of this header and `data` bytes of zeros.
inline std::string pack(const std::string& header, std::size_t data = 0) {
  return bytes_of(std::uint64_t{header.size()}) + header + std::string(data, '\0');
}

}  // namespace muonlab::test
