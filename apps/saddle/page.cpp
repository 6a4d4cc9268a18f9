#include "apps/saddle/page.h"

#include <algorithm>

#include "apps/page/assets.h"

namespace muonlab::app {
namespace {

/// The seed with which the first optimizer takes its median of steps in the last direction.
std::uint64_t seed_of(const Escapes& escapes) {
  const std::vector<Index>& steps = escapes.all.front().steps.back();
  return static_cast<std::uint64_t>(std::ranges::find(steps, median(steps)) - steps.begin());
}

/// How many steps a page follows, so that it shows the escapes: twice the largest median, at least
/// 200, and at most `limit`.
Index steps_of(const Escapes& escapes, Index limit) {
  constexpr Index least = 100;
  Index most = least;
  for (const Escapes::Of& one : escapes.all) {
    for (const std::vector<Index>& steps : one.steps) most = std::max(most, median(steps));
  }
  return most > limit / 2 ? limit : std::min(2 * most, limit);
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(rounded(value));
  return list;
}

/// null for never.
Json to_json(Index steps) { return steps == never ? Json() : Json(steps); }

/// {"fallen", "diverged", "steps", "losses", "progress", "places"}, the last four with an item for
/// each moment; losses are those above the minimum.
Json to_json(const Way& way, double minimum) {
  Json json = {{"fallen", to_json(way.fallen)}, {"diverged", to_json(way.diverged)},
               {"steps", Json::array()},        {"losses", Json::array()},
               {"progress", Json::array()},     {"places", Json::array()}};
  for (const Moment& moment : way.moments) {
    json["steps"].push_back(moment.step);
    json["losses"].push_back(rounded(moment.loss - minimum));
    json["progress"].push_back(numbers(moment.progress));
    if (!moment.place.empty()) json["places"].push_back(numbers(moment.place));
  }
  return json;
}

/// Steps by direction and seed.
Json to_json(const std::vector<std::vector<Index>>& steps) {
  Json directions = Json::array();
  for (const std::vector<Index>& seeds : steps) {
    Json list = Json::array();
    for (const Index count : seeds) list.push_back(to_json(count));
    directions.push_back(list);
  }
  return directions;
}

Json to_json(const Escapes& escapes, float start, Index limit) {
  const std::uint64_t seed = seed_of(escapes);
  const Index steps = steps_of(escapes, limit);
  Json optimizers = Json::array();
  for (const Escapes::Of& one : escapes.all) {
    Json medians = Json::array();
    for (const std::vector<Index>& counts : one.steps) medians.push_back(median_and_range(counts));
    optimizers.push_back({{"name", one.contender.name},
                          {"about", one.contender.about},
                          {"lr", rounded(one.contender.lr)},
                          {"escapes", to_json(one.steps)},
                          {"medians", medians},
                          {"way", to_json(follow(escapes.saddle, one.contender, seed, start, steps),
                                          escapes.saddle.minimum)}});
  }
  return {{"name", escapes.saddle.name},
          {"about", escapes.saddle.about},
          {"directions", escapes.saddle.directions},
          {"seed", seed},
          {"steps", steps},
          {"optimizers", optimizers}};
}

}  // namespace

Escapes escapes(const Saddle& saddle, const std::vector<Contender>& contenders, int seeds,
                float start, Index limit) {
  Escapes result = {.saddle = saddle, .all = {}};
  for (const Contender& contender : contenders) {
    Escapes::Of one = {.contender = contender,
                       .steps = std::vector<std::vector<Index>>(saddle.directions.size())};
    for (int seed = 0; seed < seeds; ++seed) {
      const std::vector<Index> run =
          escape(saddle, contender, static_cast<std::uint64_t>(seed), start, limit);
      for (std::size_t k = 0; k < run.size(); ++k) one.steps[k].push_back(run[k]);
    }
    result.all.push_back(one);
  }
  return result;
}

std::string saddle_page(const std::vector<Escapes>& saddles, float start, Index limit,
                        const Json& made) {
  Json list = Json::array();
  for (const Escapes& one : saddles) list.push_back(to_json(one, start, limit));
  const Json content = {{"making", made},
                        {"start", rounded(start)},
                        {"limit", limit},
                        {"seeds", saddles.front().all.front().steps.front().size()},
                        {"saddles", list}};
  return page(content, {assets::saddle_plane_js, assets::saddle_page_js});
}

}  // namespace muonlab::app
