#include "apps/sweep/store.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <set>
#include <utility>

#include "apps/comparison/machine.h"
#include "apps/comparison/parse.h"
#include "apps/comparison/snapshot.h"
#include "apps/sweep/printing.h"
#include "apps/sweep/report.h"
#include "core/files.h"
#include "core/threads.h"

namespace muonlab::app {
namespace {

constexpr int format = 1;                // of the file, and of what its figures mean
constexpr Index max_bytes = 16'000'000;  // those of fifty thousand cells
constexpr std::size_t max_list = 1000;   // of machines, and of commands
constexpr const char* kind = "a sweep";

Json to_json(const Result& result) {
  const auto& [cell, score, diverged] = result;
  Json json = {{"optimizer", cell.optimizer},
               {"batch_size", cell.batch_size},
               {"lr", Json::parse(fmt::format("{}", cell.lr))},  // no more digits than it takes
               {"seed", cell.seed}};
  if (!diverged.empty()) {
    json["diverged"] = diverged;
    return json;
  }
  json["loss"] = score.loss;
  json["validation_loss"] = score.validation_loss;
  json["validation_accuracy"] = score.validation_accuracy;
  json["test_accuracy"] = score.test_accuracy;
  json["train_seconds"] = score.train_seconds;
  return json;
}

Cell to_cell(const Fields& fields) {
  constexpr double least = std::numeric_limits<float>::denorm_min();
  constexpr double most = std::numeric_limits<float>::max();
  return {.optimizer = fields.at("optimizer").text(),
          .batch_size = fields.at("batch_size").whole(1),
          .lr = static_cast<float>(fields.at("lr").number(least, most)),
          .seed = fields.at("seed").bits()};
}

Result to_result(const Fields& fields) {
  Result result = {.cell = to_cell(fields)};
  if (fields.has("diverged")) {
    result.diverged = fields.at("diverged").text();
    fields.at("diverged").check_is(!result.diverged.empty(), "a text that says where");
    return result;
  }
  result.score = {.loss = fields.at("loss").number(0),
                  .validation_loss = fields.at("validation_loss").number(0),
                  .validation_accuracy = fields.at("validation_accuracy").number(0, 1),
                  .test_accuracy = fields.at("test_accuracy").number(0, 1),
                  .train_seconds = fields.at("train_seconds").number(0)};
  return result;
}

Json rules_of(const Defaults& defaults) {
  Json rules = Json::object();
  for (const Contender& contender : defaults.contenders) rules[contender.name] = contender.about;
  return rules;
}

std::string this_machine(Device device) {
  return fmt::format("{}, {} {}{}", processor(), threads(), threads() == 1 ? "thread" : "threads",
                     device == Device::cpu ? "" : ", " + name_of(device));
}

Json make_head(const Plan& plan, const Trial& trial) {
  const Arguments& arguments = plan.arguments;
  return {{"format", format},
          {"app", "sweep"},
          {"protocol", plan.protocol},
          {"data", trial.experiment.data},
          {"classes", trial.validation.classes},
          {"epochs", arguments.epochs},
          {"products", products(arguments)},
          {"muon_precision", name_of(arguments.contenders.front().orthogonalization)},
          {"train_data", fingerprint(trial.experiment.train)},
          {"validation_data", fingerprint(trial.validation)},
          {"test_data", fingerprint(trial.experiment.test)},
          {"rules", rules_of(comparison_of(plan.protocol))},
          {"version", MUONLAB_VERSION},
          {"machines", {this_machine(arguments.device)}},
          {"commands", Json::array({plan.recipe()})}};
}

/// Throws unless the file's cells were made as those of `head` are.
void check_head(const Fields& fields, const Json& json, const Json& head) {
  fields.at("format").whole(format, format);
  for (const char* name : {"app", "protocol", "data", "epochs", "products", "muon_precision",
                           "train_data", "validation_data", "test_data"}) {
    fields.at(name).check_is(json[name] == head[name],
                             head[name].dump() + ", or another folder for this sweep");
  }
  for (const std::string& name : fields.at("rules").names()) {
    const Fields rule = fields.at("rules").at(name);
    rule.check_is(head["rules"].contains(name), "one of the protocol's optimizers");
    rule.check_is(rule.text() == head["rules"][name], head["rules"][name].dump());
  }
}

/// `head`'s list, after what the file's has besides.
Json joined(const Json& stored, const Json& own) {
  Json all = stored;
  for (const Json& item : own) {
    if (std::ranges::find(stored, item) == stored.end()) all.push_back(item);
  }
  return all;
}

}  // namespace

Store::Store(const Plan& plan, const Trial& trial) : plan_(plan) {
  if (plan.arguments.out.empty()) return;
  file_ = plan.arguments.out / "sweep.json";
  head_ = make_head(plan, trial);
  std::error_code ignored;
  if (std::filesystem::exists(file_, ignored)) read();
}

void Store::read() {
  const std::string file = file_.string();
  const Json json = parse(read_text(file_, max_bytes, kind), file, kind);
  const Fields fields(json, file);
  check_head(fields, json, head_);
  const Fields machines = fields.at("machines");
  machines.check_is(machines.size() <= max_list, fmt::format("at most {}", max_list));
  machines.each([](const Fields& machine) { machine.text(); });
  const Fields commands = fields.at("commands");
  commands.check_is(commands.size() <= max_list, fmt::format("at most {}", max_list));
  commands.each([](const Fields& words) { words.each([](const Fields& word) { word.text(); }); });
  std::set<Cell> seen;
  fields.at("cells").each([&](const Fields& cell) {
    results_.push_back(to_result(cell));
    const std::string& optimizer = results_.back().cell.optimizer;
    cell.at("optimizer").check_is(head_["rules"].contains(optimizer), "one of the protocol's");
    cell.check_is(seen.insert(results_.back().cell).second, "every cell once");
  });
  head_["machines"] = joined(json["machines"], head_["machines"]);
  head_["commands"] = joined(json["commands"], head_["commands"]);
}

bool Store::has(const Cell& cell) const {
  return std::ranges::find(results_, cell, &Result::cell) != results_.end();
}

void Store::write() const {
  if (file_.empty()) return;
  Json json = head_;
  json["cells"] = Json::array();
  for (const Result& result : results_) json["cells"].push_back(to_json(result));
  files::replace(file_, readable(json) + '\n');
  const Grid grid(results_);
  files::replace(file_.parent_path() / "report.html",
                 report(head_, grid, tuned_command(grid, plan_)));
}

}  // namespace muonlab::app
