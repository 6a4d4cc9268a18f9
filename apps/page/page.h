#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/kit/fields.h"

/// Pages that show what an app found: one file each, which needs no other and no network.
namespace muonlab::app {

/// `json` as the text of a script element of HTML, which nothing in it can end.
std::string script_text(const Json& json);

/// The page that these scripts draw, one after the other, with what all pages share at hand: colors
/// (colors.js), the `content`, elements and cards (drawing.js), tables and facts (tables.js), lines
/// and bars (charts.js). What they fill is in template.html; what stays empty does not show.
std::string page(const Json& content, const std::vector<std::string_view>& scripts);

/// How a page was made: {"app", "words", "version", "processor", "threads"}, where the words are
/// those of the command line, as a shell takes them.
Json making(const std::string& app, const std::vector<std::string>& words);

/// The double nearest to what `value` is with so many digits: JSON writes those, and no more. Five
/// are more than a chart shows, and keep a page small.
double rounded(double value, int digits = 5);

}  // namespace muonlab::app
