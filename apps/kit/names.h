#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "muonlab/core/error.h"

/// Names that people type, and what they may have meant.
namespace muonlab::app {

/// The fewest edits that turn `a` into `b`: inserted, deleted or replaced letters, or swapped
/// neighbors. https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance (optimal string alignment)
std::size_t edit_distance(std::string_view a, std::string_view b);

/// "; did you mean muon?" with the name nearest to `word`; empty when no name is near.
std::string suggestion(const std::string& word, const std::vector<std::string>& names);

/// "deep, plane or all", from at least one name.
std::string any_of(const std::vector<std::string>& names);

/// Throws unless `word` is one of `names`; the message begins with `what`.
void check_name(const std::string& what, const std::string& word,
                const std::vector<std::string>& names);

/// Throws when a value is in `list` twice; the message begins with `what`.
template <class Value>
void check_no_doubles(const std::string& what, const std::vector<Value>& list) {
  for (const Value& value : list) {
    check(std::ranges::count(list, value) == 1, what, ": ", value, " is named more than once");
  }
}

}  // namespace muonlab::app
