#include "apps/page/page.h"

#include <cstdlib>
#include <fmt/format.h>

#include "apps/kit/machine.h"
#include "apps/kit/terminal.h"
#include "apps/page/assets.h"
#include "muonlab/core/error.h"
#include "muonlab/core/threads.h"

namespace muonlab::app {
namespace {

/// Puts `content` in the place of the first `mark` from `*at` on, and moves `*at` behind it, so
/// that no later mark is found within the content. Throws when there is no mark.
void put(std::string& text, std::size_t* at, std::string_view mark, std::string_view content) {
  *at = text.find(mark, *at);
  check(*at != std::string::npos, "page: the template has no ", mark);
  text.replace(*at, mark.size(), content);
  *at += content.size();
}

/// A script element for each, so that an error in one script does not stop the others.
std::string elements(const std::vector<std::string_view>& scripts) {
  std::string text;
  for (const std::string_view script : scripts) {
    (text += "<script>\n").append(script) += "</script>\n";
  }
  return text;
}

}  // namespace

std::string script_text(const Json& json) {
  std::string text;
  // JSON has '<' within strings only, which may escape it; bytes that are not UTF-8 become U+FFFD.
  for (const char letter : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    text += letter == '<' ? std::string_view("\\u003c") : std::string_view(&letter, 1);
  }
  return text;
}

std::string page(const Json& content, const std::vector<std::string_view>& scripts) {
  std::string text(assets::page_template_html);
  std::size_t at = 0;
  put(text, &at, "{{style}}", assets::page_style_css);
  put(text, &at, "{{json}}", script_text(content));
  put(text, &at, "{{scripts}}",
      elements({assets::page_echarts_echarts_min_js, assets::page_colors_js,
                assets::page_drawing_js, assets::page_tables_js, assets::page_charts_js}) +
          elements(scripts));
  return text;
}

Json making(const std::string& app, const std::vector<std::string>& words) {
  Json shell_words = Json::array();
  for (const std::string& word : words) shell_words.push_back(quoted(word));
  return {{"app", app},
          {"words", shell_words},
          {"version", MUONLAB_VERSION},
          {"processor", processor()},
          {"threads", threads()}};
}

double rounded(double value, int digits) {
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

}  // namespace muonlab::app
