#include "apps/orthogonalize/page.h"

#include <algorithm>
#include <cmath>

#include "apps/page/assets.h"
#include "muonlab/core/linalg.h"

namespace muonlab::app {
namespace {

constexpr Index max_drawn = Index{48} * 48;  // elements; the squares of more are too small to see

/// The indices of the singular values that a page shows: the first, the last, and as many between
/// them as keep the page small.
std::vector<std::size_t> chosen(const Study& study) {
  constexpr std::size_t all_stages = 20'000;  // numbers
  const std::size_t count = study.start.singular_values.size();
  const std::size_t stages = study.paths.size() * study.paths.front().stages.size();
  const std::size_t most = std::clamp<std::size_t>(all_stages / stages, 20, 200);
  std::vector<std::size_t> indices;
  if (count <= most) {
    for (std::size_t k = 0; k < count; ++k) indices.push_back(k);
  } else {
    for (std::size_t i = 0; i < most; ++i) indices.push_back(i * (count - 1) / (most - 1));
  }
  return indices;
}

Json elements(const Tensor& x) {
  Json rows = Json::array();
  for (Index row = 0; row < x.shape()[0]; ++row) {
    Json line = Json::array();
    for (Index column = 0; column < x.shape()[1]; ++column) {
      line.push_back(rounded(x.data()[row * x.shape()[1] + column]));
    }
    rows.push_back(line);
  }
  return rows;
}

/// {"values", "near_one", "error"}, with "x", its elements, when `is_drawn`.
Json to_json(const Stage& stage, const std::vector<std::size_t>& indices, bool is_drawn) {
  Json values = Json::array();
  for (const std::size_t k : indices) values.push_back(rounded(stage.singular_values[k]));
  Json json = {{"values", values}, {"near_one", stage.near_one()}, {"error", rounded(stage.error)}};
  if (is_drawn) json["x"] = elements(stage.x);
  return json;
}

/// {"set", "coefficients": [[a, b, c]], one for each step, "stages"}.
Json to_json(const Path& path, const std::vector<std::size_t>& indices) {
  const auto count = static_cast<int>(path.stages.size());
  Json coefficients = Json::array();
  for (const optim::NewtonSchulzStep& step :
       optim::repeat_last(optim::steps_of(optim::coefficients_named(path.set)), count)) {
    coefficients.push_back({rounded(step.a), rounded(step.b), rounded(step.c)});
  }
  Json stages = Json::array();
  for (const Stage& stage : path.stages) {
    const bool is_last = &stage == &path.stages.back();
    const bool is_drawn =
        stage.x.shape() == Shape{2, 2} || (is_last && stage.x.count() <= max_drawn);
    stages.push_back(to_json(stage, indices, is_drawn));
  }
  return {{"set", path.set}, {"coefficients", coefficients}, {"stages", stages}};
}

}  // namespace

std::string study_page(const Study& study, const std::string& example, const Json& made) {
  const std::vector<std::size_t> indices = chosen(study);
  const bool is_drawn = study.start.x.count() <= max_drawn;
  Json paths = Json::array();
  for (const Path& path : study.paths) paths.push_back(to_json(path, indices));
  const std::string in_float32 = study.sets_in_float32();
  const std::string exceptions =
      in_float32.empty() ? "" : ", in float32 all the same: " + in_float32;
  Json content = {{"making", made},
                  {"example", example},
                  {"shape", {study.start.x.shape()[0], study.start.x.shape()[1]}},
                  {"rank", study.rank()},
                  {"count", study.start.singular_values.size()},
                  {"precision", std::string(name_of(study.precision)) + exceptions},
                  {"indices", indices},
                  {"start", to_json(study.start, indices, is_drawn)},
                  {"normalized", to_json(study.normalized, indices, is_drawn)},
                  {"exact", to_json(study.exact, indices, is_drawn)},
                  {"paths", paths}};
  if (example == "2x2") {
    content["gram_schmidt"] = elements(linalg::orthonormal_columns(study.start.x));
  }
  return page(content, {assets::orthogonalize_matrices_js, assets::orthogonalize_page_js});
}

}  // namespace muonlab::app
