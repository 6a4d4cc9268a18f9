#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "muonlab/core/tensor.h"

/// Reads matrices from outside, and trusts none of them. Every Error is one line that says where
/// the matrix came from, what is wrong there, and what to do about it.
namespace muonlab::app {

/// A larger matrix is refused: its singular values would take minutes.
inline constexpr Index max_elements = Index{1} << 22;

/// Throws unless a matrix (rows, columns) is neither empty nor larger than max_elements; `source`
/// is what the message calls it.
void check_size(const std::string& source, Index rows, Index columns);

/// `value` as float32. Throws unless it is finite in float32; row and column count from 1.
float to_element(const std::string& source, Index row, Index column, double value);

/// Reads rows of numbers separated by commas: "10,0.5;0.5,0.1" where `end_of_row` is ';'. Spaces
/// around numbers, plus signs before them, and empty rows at the end are accepted.
Tensor parse_matrix(const std::string& source, std::string_view text, char end_of_row);

/// Reads a matrix in NumPy's format: float32 or float64, in C's order or in Fortran's.
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
Tensor read_npy(const std::filesystem::path& file);

/// The matrix that one word of a command line gives: a file whose name ends in .npy or .csv, or the
/// rows themselves, separated by semicolons.
Tensor read_matrix(const std::string& word);

}  // namespace muonlab::app
