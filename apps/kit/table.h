#pragma once

#include <string>
#include <vector>

namespace muonlab::app {

/// A table as text: columns as wide as their widest cell, the first `left` of them aligned to the
/// left, the others, numbers, to the right; a rule below the header.
std::string table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows, std::size_t left = 1);

}  // namespace muonlab::app
