#include "apps/memory/page.h"

#include "apps/page/assets.h"
#include "apps/training/divergence.h"

namespace muonlab::app {
namespace {

std::string memory_page(const Json& content) { return page(content, {assets::memory_page_js}); }

/// Parameters and state of a model whose matrices are all hidden ones: {"parameters", "optimizers":
/// [{"name", "about", "parameters", "state"}]} in bytes, without the optimizers whose state depends
/// on roles.
Json counted(double parameters, const std::vector<Keeping>& keepings = all_keepings()) {
  Json optimizers = Json::array();
  for (const Keeping& keeping : keepings) {
    if (keeping.by_roles) continue;
    const double all = predicted_bytes(keeping, parameters);
    const double weights = sizeof(float) * parameters;
    optimizers.push_back({{"name", keeping.name},
                          {"about", keeping.about},
                          {"parameters", weights},
                          {"state", all - weights}});
  }
  return {{"parameters", parameters}, {"optimizers", optimizers}};
}

}  // namespace

std::string published_page(const Json& made) {
  constexpr double seven_billion = 7e9;
  Json models = Json::array();
  for (const Published& model : all_published()) {
    Json json = counted(model.parameters, shown_for_models());
    json["name"] = model.name;
    json["published"] = model.adam;
    models.push_back(json);
  }
  return memory_page({{"making", made}, {"models", models}, {"counted", counted(seven_billion)}});
}

std::string count_page(double parameters, const Json& made) {
  return memory_page({{"making", made}, {"counted", counted(parameters)}});
}

std::string measured_page(const Subject& subject, const nn::Parameters& parameters,
                          const std::vector<Measured>& measured, const Json& made) {
  const Index weights = predicted_parameters(parameters);
  Json optimizers = Json::array();
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const Keeping& keeping = all_keepings()[i];
    const Measured& one = measured[i];
    optimizers.push_back(
        {{"name", keeping.name},
         {"about", keeping.about},
         {"predicted",
          {{"parameters", weights},
           {"gradients", weights},
           {"state", predicted_state(keeping, parameters)}}},
         {"measured",
          {{"parameters", one.parameters}, {"gradients", one.gradients}, {"state", one.state}}},
         {"peak", one.peak}});
  }
  return memory_page({{"making", made},
                      {"subject",
                       {{"name", subject.name},
                        {"parameters", count(parameters)},
                        {"batch_size", subject.images[0]},
                        {"optimizers", optimizers}}}});
}

}  // namespace muonlab::app
