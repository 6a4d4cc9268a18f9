#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/kit/fields.h"

/// Pages that show what an app found. A page is one file, which needs no other and no network.
namespace muonlab::app {

/// `json` as the text of a script element of HTML; nothing in the text can end the element.
std::string script_text(const Json& json);

/// The HTML of a page that `scripts` draw, one after the other. They may use what all pages share:
/// colors (colors.js), `content`, elements and cards (drawing.js), tables and facts (tables.js),
/// lines and bars (charts.js). They fill the elements of template.html; empty ones do not show.
std::string page(const Json& content, const std::vector<std::string_view>& scripts);

/// How a page was made: {"app", "words", "version", "processor", "threads"}, where "words" are
/// those of the command line, quoted for a shell.
Json making(const std::string& app, const std::vector<std::string>& words);

/// `value` rounded to `digits` significant digits; JSON writes no more than these. Five are more
/// than a chart shows, and keep a page small.
double rounded(double value, int digits = 5);

}  // namespace muonlab::app
