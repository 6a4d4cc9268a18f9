#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace muonlab {

/// CRC-32, the checksum of gzip and PNG. `before` is the checksum of the bytes that precede these,
/// so that a file can be summed piece by piece. It detects every change of up to four bytes in a
/// row and nearly every other accident, but no forgery.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace muonlab
