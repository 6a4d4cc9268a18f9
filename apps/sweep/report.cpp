#include "apps/sweep/report.h"

#include "apps/keeping/run_json.h"
#include "apps/page/assets.h"
#include "apps/page/page.h"

namespace muonlab::app {
namespace {

Json to_json(const Point& point) {
  Json json = {{"optimizer", point.optimizer},
               {"batch_size", point.batch_size},
               {"lr", shortest(point.lr)},
               {"seeds", point.seeds},
               {"diverged", point.diverged}};
  json.update(to_json(point.score));
  return json;
}

}  // namespace

std::string report(const Json& head, const Grid& grid, const std::string& tuned) {
  Json content = head;
  content["tuned"] = tuned;
  content["points"] = Json::array();
  for (const Point& point : grid.points()) content["points"].push_back(to_json(point));
  return page(content, {assets::sweep_data_js, assets::sweep_sweep_js});
}

}  // namespace muonlab::app
