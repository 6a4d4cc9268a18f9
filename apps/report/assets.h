#pragma once

#include <string_view>

/// The files of this folder that a page is made of, as embed.cmake puts them into the program: it
/// then needs no files beside it.
namespace muonlab::app::assets {

extern const std::string_view template_html;
extern const std::string_view style_css;
extern const std::string_view drawing_js;
extern const std::string_view data_js;
extern const std::string_view tables_js;
extern const std::string_view page_js;
extern const std::string_view echarts_min_js;

}  // namespace muonlab::app::assets
