#pragma once

#include <string_view>

/// The files that pages are made of. embed.cmake puts them into the programs, which then need no
/// files beside them. A text is named after its folder and its file.
namespace muonlab::app::assets {

extern const std::string_view page_template_html;
extern const std::string_view page_style_css;
extern const std::string_view page_echarts_echarts_min_js;
extern const std::string_view page_colors_js;
extern const std::string_view page_drawing_js;
extern const std::string_view page_tables_js;
extern const std::string_view page_charts_js;

extern const std::string_view report_data_js;
extern const std::string_view report_tables_js;
extern const std::string_view report_published_js;
extern const std::string_view report_report_js;
extern const std::string_view report_spectra_js;

extern const std::string_view orthogonalize_matrices_js;
extern const std::string_view orthogonalize_page_js;
extern const std::string_view saddle_plane_js;
extern const std::string_view saddle_page_js;
extern const std::string_view memory_page_js;

extern const std::string_view sweep_data_js;
extern const std::string_view sweep_sweep_js;

}  // namespace muonlab::app::assets
