#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace muonlab {

/// CRC-32, the checksum of gzip and PNG, of `before`'s bytes followed by these: it sees every
/// change of up to four bytes in a row, and nearly any other, but no forgery.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace muonlab
