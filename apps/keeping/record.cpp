#include "apps/keeping/record.h"

#include <limits>

#include "apps/keeping/run_json.h"
#include "apps/kit/parse.h"

namespace muonlab::app {
namespace {

constexpr Index max_bytes = 64'000'000;  // twice the bytes of forty curves and 100,000 epochs

Json to_json(const Ruled& ruled) {
  Json rules = Json::object();
  for (const auto& [contender, name] : ruled.rules) rules[contender] = name;
  return {{"parameter", ruled.parameter},
          {"shape", ruled.shape},
          {"role", ruled.role},
          {"rules", rules}};
}

Ruled to_ruled(const Fields& fields) {
  Ruled ruled = {.parameter = fields.at("parameter").text(),
                 .shape = fields.at("shape").text(),
                 .role = fields.at("role").text(),
                 .rules = {}};
  const Fields rules = fields.at("rules");
  for (const std::string& contender : rules.names()) {
    ruled.rules.push_back({contender, rules.at(contender).text()});
  }
  return ruled;
}

/// Empty when there is no such field, as in files of earlier versions.
std::string text_if_any(const Fields& fields, const std::string& name) {
  return fields.has(name) ? fields.at(name).text() : "";
}

Record to_record(const Fields& fields) {
  Record record = {.app = text_if_any(fields, "app"),
                   .id = text_if_any(fields, "id"),
                   .version = text_if_any(fields, "version"),
                   .processor = text_if_any(fields, "processor"),
                   .gpu = text_if_any(fields, "gpu"),
                   .products = text_if_any(fields, "products"),
                   .protocol = fields.at("protocol").text(),
                   .data = fields.at("data").text(),
                   .recipe = {},
                   .watching = {},
                   .device = fields.at("device").text(),
                   .threads = fields.at("threads").whole(1),
                   .batch_size = fields.at("batch_size").whole(1)};
  fields.at("recipe").each([&record](const Fields& word) { record.recipe.push_back(word.text()); });
  if (fields.has("watching")) {
    fields.at("watching").each([&record](const Fields& word) {
      record.watching.push_back(word.text());
    });
  }
  if (fields.has("parameters")) {
    fields.at("parameters").each([&record](const Fields& ruled) {
      record.parameters.push_back(to_ruled(ruled));
    });
  }
  fields.at("runs").each([&record](const Fields& run) {
    record.runs.push_back(to_run(run, std::numeric_limits<int>::max()));
  });
  return record;
}

}  // namespace

Json to_json(const Record& record, const std::vector<Run>& runs) {
  Json json = {{"app", record.app},
               {"id", record.id},
               {"version", record.version},
               {"protocol", record.protocol},
               {"data", record.data},
               {"recipe", record.recipe},
               {"watching", record.watching},
               {"device", record.device},
               {"threads", record.threads},
               {"processor", record.processor},
               {"gpu", record.gpu},
               {"products", record.products},
               {"batch_size", record.batch_size},
               {"parameters", Json::array()},
               {"runs", Json::array()}};
  for (const Ruled& ruled : record.parameters) json["parameters"].push_back(to_json(ruled));
  for (const Run& run : runs) json["runs"].push_back(to_json(run));
  return json;
}

Record read_record(const std::filesystem::path& file) {
  const Json json = parse(read_text(file, max_bytes, "a comparison's results"), file.string(),
                          "a comparison's results");
  return to_record(Fields(json, file.string()));
}

}  // namespace muonlab::app
