#include "apps/kit/names.h"

#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

#include "apps/kit/terminal.h"

namespace muonlab::app {
namespace {

std::string lower(std::string word) {
  std::ranges::transform(word, word.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  return word;
}

/// The number of edits from `word` to `name`; the largest when `word` cannot mean `name`.
std::size_t distance(const std::string& word, const std::string& name) {
  constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  constexpr std::size_t longest = 40;  // letters; all names are shorter
  if (word.empty() || word.size() > longest) return none;
  const std::size_t edits = edit_distance(word, name);
  if (edits <= 1 && word.size() <= 3) return word[0] == name[0] ? edits : none;  // gpu is no cpu
  if (edits <= std::max<std::size_t>(1, word.size() / 3)) return edits;
  return word.size() >= 3 && name.starts_with(word) ? edits : none;
}

}  // namespace

std::string any_of(const std::vector<std::string>& names) {
  const std::vector<std::string> first(names.begin(), names.end() - 1);
  return fmt::format("{}{}{}", fmt::join(first, ", "), first.empty() ? "" : " or ", names.back());
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // edits[i][j]: between the first i letters of a and the first j of b
  std::vector edits(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      std::size_t& least = edits[i][j] = i + j;
      if (i > 0) least = std::min(least, edits[i - 1][j] + 1);
      if (j > 0) least = std::min(least, edits[i][j - 1] + 1);
      if (i > 0 && j > 0) {
        least = std::min(least, edits[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
      }
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        least = std::min(least, edits[i - 2][j - 2] + 1);
      }
    }
  }
  return edits.back().back();
}

std::string suggestion(const std::string& word, const std::vector<std::string>& names) {
  std::size_t least = std::numeric_limits<std::size_t>::max();
  std::string best;
  for (const std::string& name : names) {
    const std::size_t edits = distance(lower(word), lower(name));
    if (edits < least) {
      least = edits;
      best = name;
    }
  }
  return best.empty() ? "" : "; did you mean " + best + "?";
}

void check_name(const std::string& what, const std::string& word,
                const std::vector<std::string>& names) {
  check(std::ranges::count(names, word) > 0, what, ": got ", excerpt(word), ", expected ",
        any_of(names), suggestion(word, names));
}

}  // namespace muonlab::app
