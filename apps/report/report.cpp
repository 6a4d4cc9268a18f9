#include "apps/report/report.h"

#include "apps/page/assets.h"
#include "apps/page/page.h"

namespace muonlab::app {

std::string report(const std::vector<Json>& comparisons) {
  return page(comparisons,
              {assets::report_data_js, assets::report_tables_js, assets::report_published_js,
               assets::report_report_js, assets::report_spectra_js});
}

}  // namespace muonlab::app
