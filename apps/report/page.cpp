#include "apps/report/page.h"

#include <string_view>
#include <utility>

#include "apps/report/assets.h"
#include "core/error.h"

namespace muonlab::app {
namespace {

/// Puts `content` where `mark` stands, from `*at` on, and moves that behind it: no mark is looked
/// for within a content.
void put(std::string& text, std::size_t* at, std::string_view mark, std::string_view content) {
  *at = text.find(mark, *at);
  check(*at != std::string::npos, "report: the template has no ", mark);
  text.replace(*at, mark.size(), content);
  *at += content.size();
}

}  // namespace

std::string script_text(const Json& json) {
  std::string text;
  // Outside of strings JSON has no such letter; bytes that are not UTF-8 become U+FFFD.
  for (const char letter : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    text += letter == '<' ? std::string_view("\\u003c") : std::string_view(&letter, 1);
  }
  return text;
}

std::string page(const std::vector<Json>& comparisons) {
  std::string text(assets::template_html);
  std::size_t at = 0;
  put(text, &at, "{{style}}", assets::style_css);
  put(text, &at, "{{json}}", script_text(comparisons));
  put(text, &at, "{{echarts}}", assets::echarts_min_js);
  put(text, &at, "{{drawing}}", assets::drawing_js);
  put(text, &at, "{{data}}", assets::data_js);
  put(text, &at, "{{tables}}", assets::tables_js);
  put(text, &at, "{{page}}", assets::page_js);
  return text;
}

}  // namespace muonlab::app
