#pragma once

#include <string>

#include "apps/orthogonalize/study.h"

/// A study as text, at most 80 columns wide.
namespace muonlab::app {

/// The shape, the singular values and the rank of M, and the precision, in one to three lines.
std::string heading(const Study& study);

/// A table of the first path with a row for each stage: singular values, or quantiles when there
/// are many, and the error; for a matrix (2, 2) its elements, too. With `gram_schmidt`, the exact
/// answer is followed by the Q of M = Q R.
std::string stages(const Study& study, bool gram_schmidt);

/// Two tables: the error of every path after each step, and the last stage of every path.
std::string comparison(const Study& study);

/// A logarithmic histogram of the singular values of M / |M| and of the last stage of every path;
/// empty when there are at most 4 singular values, or more than 4 paths.
std::string histogram(const Study& study);

}  // namespace muonlab::app
