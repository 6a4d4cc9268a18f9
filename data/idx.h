#pragma once

#include <filesystem>

#include "muonlab/core/tensor.h"

namespace muonlab::data {

/// The most elements a file may claim to hold; the largest of MNIST holds 47 million, and that of
/// EMNIST's digits 188 million.
inline constexpr Index idx_limit = Index{1} << 28;

/// The array of unsigned bytes, of 1 to 4 axes, that an IDX file holds, plain or gzipped.
/// Throws, with the file's name, when the file cannot be read, is another kind of file, claims more
/// than idx_limit elements, or holds fewer or more than it claims. A false claim costs no memory
/// beyond what the file holds.
/// Format: two zero bytes, the element type (0x08: unsigned byte), the number of axes, their sizes
/// as 32-bit big-endian numbers, then the elements, row-major.
Bytes read_idx(const std::filesystem::path& file);

}  // namespace muonlab::data
