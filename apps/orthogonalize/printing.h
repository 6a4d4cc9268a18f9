#pragma once

#include <string>

#include "apps/orthogonalize/study.h"

/// A study as text, at most 80 columns wide.
namespace muonlab::app {

/// What M is, in a line or two.
std::string heading(const Study& study);

/// The first path, a row for each stage: singular values, or how they spread when there are many,
/// and the error; of a matrix (2, 2) its elements, too. With `gram_schmidt`, the Q of M = Q R
/// beside the exact answer.
std::string stages(const Study& study, bool gram_schmidt);

/// The error of every path after each step, and the last stage of each.
std::string comparison(const Study& study);

/// How many singular values lie where, on a logarithmic axis, in M / |M| and at the end of every
/// path; empty when there are few of them or many paths.
std::string histogram(const Study& study);

}  // namespace muonlab::app
