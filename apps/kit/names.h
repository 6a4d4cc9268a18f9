#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "muonlab/core/error.h"

/// Names that people type, and what they may have meant.
namespace muonlab::app {

/// The fewest letters to insert, leave out, replace, or swap with the next one that make `b` of
/// `a`. https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance (optimal string alignment)
std::size_t edit_distance(std::string_view a, std::string_view b);

/// "; did you mean muon?", of the name that is nearest to `word`; empty when none is near.
std::string suggestion(const std::string& word, const std::vector<std::string>& names);

/// "deep, plane or all"
std::string any_of(const std::vector<std::string>& names);

/// Throws, in the name of `what`, unless `word` is one of `names`.
void check_name(const std::string& what, const std::string& word,
                const std::vector<std::string>& names);

/// Throws, in the name of `what`, when something is in `list` twice.
template <class Value>
void check_no_doubles(const std::string& what, const std::vector<Value>& list) {
  for (const Value& value : list) {
    check(std::ranges::count(list, value) == 1, what, ": ", value, " is named more than once");
  }
}

}  // namespace muonlab::app
