#include "apps/memory/printing.h"

#include <fmt/format.h>

#include "apps/kit/table.h"

namespace muonlab::app {
namespace {

using Row = std::vector<std::string>;

constexpr double element_size = sizeof(float);

/// "84 GB": three digits, in decimal units, as the tutorials have them.
std::string decimal(double bytes) {
  std::string unit = "B";
  for (const char* larger : {"kB", "MB", "GB", "TB", "PB", "EB"}) {
    if (bytes < 999.5) break;
    bytes /= 1000;
    unit = larger;
  }
  return fmt::format("{:.3g} {}", bytes, unit);
}

std::string mebibytes(Index bytes) {
  return fmt::format("{:.2f}", static_cast<double>(bytes) / (1 << 20));
}

}  // namespace

std::string published_table() {
  Row titles = {"model", "parameters"};
  for (const Keeping& keeping : shown_for_models()) titles.push_back(keeping.name);
  titles.emplace_back("tutorial's Adam");
  std::vector<Row> rows;
  for (const Published& model : all_published()) {
    const bool is_small = model.parameters < 1e9;
    rows.push_back({model.name, fmt::format("{:g}{}", model.parameters / (is_small ? 1e6 : 1e9),
                                            is_small ? "M" : "B")});
    for (const Keeping& keeping : shown_for_models()) {
      rows.back().push_back(decimal(predicted_bytes(keeping, model.parameters)));
    }
    rows.back().push_back(decimal(model.adam));
  }
  return table(titles, rows);
}

std::string count_table(double parameters) {
  const double most = predicted_bytes(keeping_named("adamw"), parameters);
  std::vector<Row> rows;
  for (const Keeping& keeping : all_keepings()) {
    if (keeping.by_roles) continue;  // its state depends on roles
    const double bytes = predicted_bytes(keeping, parameters);
    rows.push_back({keeping.name, keeping.about, fmt::format("{:.3g}", keeping.copies()),
                    fmt::format("{:.3g}", element_size * keeping.copies()), decimal(bytes),
                    fmt::format("{:.0f} %", 100 * bytes / most)});
  }
  return table({"optimizer", "keeps", "copies", "bytes each", "memory", "of adamw's"}, rows, 2);
}

std::string measured_table(const nn::Parameters& parameters,
                           const std::vector<Measured>& measured) {
  const Index weights = predicted_parameters(parameters);
  std::vector<Row> rows = {
      {"parameters", "", mebibytes(weights), mebibytes(measured.front().parameters), ""},
      {"gradients", "", mebibytes(weights), mebibytes(measured.front().gradients), ""}};
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const Keeping& keeping = all_keepings()[i];
    rows.push_back({keeping.name, keeping.about, mebibytes(predicted_state(keeping, parameters)),
                    mebibytes(measured[i].state), mebibytes(measured[i].peak)});
  }
  return table({"MiB", "keeps", "predicted", "measured", "peak in a step"}, rows, 2);
}

}  // namespace muonlab::app
