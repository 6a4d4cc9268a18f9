#include "apps/sweep/report.h"

#include <fmt/format.h>

#include "apps/page/assets.h"
#include "apps/page/page.h"

namespace muonlab::app {
namespace {

Json to_json(const Point& point) {
  return {{"optimizer", point.optimizer},
          {"batch_size", point.batch_size},
          {"lr", Json::parse(fmt::format("{}", point.lr))},
          {"seeds", point.seeds},
          {"diverged", point.diverged},
          {"loss", point.score.loss},
          {"validation_loss", point.score.validation_loss},
          {"validation_accuracy", point.score.validation_accuracy},
          {"test_accuracy", point.score.test_accuracy},
          {"train_seconds", point.score.train_seconds}};
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
