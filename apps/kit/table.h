#pragma once

#include <string>
#include <vector>

namespace muonlab::app {

/// A table as text. Each column is as wide as its widest cell; the first `left` columns are aligned
/// to the left, the others, which hold numbers, to the right. A rule is below the header.
std::string table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows, std::size_t left = 1);

}  // namespace muonlab::app
