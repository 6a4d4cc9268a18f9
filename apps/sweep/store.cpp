#include "apps/sweep/store.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "apps/keeping/run_json.h"
#include "apps/keeping/snapshot.h"
#include "apps/kit/machine.h"
#include "apps/kit/parse.h"
#include "apps/page/out.h"
#include "apps/sweep/printing.h"
#include "apps/sweep/report.h"
#include "muonlab/core/files.h"
#include "muonlab/core/threads.h"

namespace muonlab::app {
namespace {

constexpr int format = 1;                // of the file, and of what its figures mean
constexpr Index max_bytes = 64'000'000;  // thrice those of max_cells cells and max_list commands
constexpr std::size_t max_list = 100;    // of versions, of machines, and of commands
constexpr std::size_t max_places = 100 * max_cells;
constexpr const char* kind = "a sweep";
constexpr const char* other_folder = ", or another folder for this sweep";

Json to_json(const Result& result) {
  const auto& [cell, score, diverged] = result;
  Json json = {{"optimizer", cell.optimizer},
               {"batch_size", cell.batch_size},
               {"lr", shortest(cell.lr)},
               {"seed", cell.seed}};
  if (diverged.empty()) {
    json.update(to_json(score));
  } else {
    json["diverged"] = diverged;
  }
  return json;
}

Cell to_cell(const Fields& fields) {
  const Fields rate = fields.at("lr");
  const auto lr = static_cast<float>(rate.number(0, 1e39));
  rate.check_is(std::isfinite(lr) && lr > 0, "a positive number, as float32");
  return {.optimizer = fields.at("optimizer").text(),
          .batch_size = fields.at("batch_size").whole(1),
          .lr = lr,
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
          {"classes", trial.validation->classes()},
          {"epochs", arguments.epochs},
          {"products", products(arguments)},
          {"muon_precision", name_of(arguments.contenders.front().precision_on(arguments.device))},
          {"train_data", trial.experiment.train->content()},
          {"validation_data", trial.validation->content()},
          {"test_data", trial.experiment.test->content()},
          {"rules", rules_of(comparison_of(plan.protocol))},
          {"versions", {MUONLAB_VERSION}},
          {"machines", {this_machine(arguments.device)}},
          {"commands", Json::array({plan.recipe()})}};
}

/// Throws unless the file's cells were made as those of `head` are.
void check_head(const Fields& fields, const Json& json, const Json& head) {
  fields.at("format").check_is(json["format"] == format, fmt::format("{}{}", format, other_folder));
  for (const char* name : {"app", "protocol", "data", "epochs", "products", "muon_precision",
                           "train_data", "validation_data", "test_data"}) {
    fields.at(name).check_is(json[name] == head[name], head[name].dump() + other_folder);
  }
  for (const std::string& name : fields.at("rules").names()) {
    const Fields rule = fields.at("rules").at(name);
    rule.check_is(head["rules"].contains(name), fmt::format("none of this name{}", other_folder));
    const Json& about = head["rules"][name];
    rule.check_is(rule.text() == about.get<std::string>(), about.dump() + other_folder);
  }
}

/// The last max_list of the list, in which `own` comes last unless it is among them.
Json joined(const Json& stored, const Json& own) {
  const auto last = [&stored](std::size_t count) {
    return stored.end() - static_cast<std::ptrdiff_t>(std::min(count, stored.size()));
  };
  const bool is_there = std::find(last(max_list), stored.end(), own) != stored.end();
  Json all = Json::array();
  for (auto item = last(is_there ? max_list : max_list - 1); item != stored.end(); ++item) {
    all.push_back(*item);
  }
  if (!is_there) all.push_back(own);
  return all;
}

}  // namespace

Store::Store(const Plan& plan, const Trial& trial) : plan_(plan) {
  if (plan.arguments.out.empty()) return;
  check_free_of(plan.arguments.out, {"results.json"});
  file_ = plan.arguments.out / "sweep.json";
  head_ = make_head(plan, trial);
  std::error_code ignored;
  if (std::filesystem::exists(file_, ignored)) read();
  const std::vector<Cell> all = plan.cells();
  const auto more = std::ranges::count_if(all, [this](const Cell& cell) { return !has(cell); });
  check(results_.size() + static_cast<std::size_t>(more) <= max_cells, file_.string(), ": has ",
        results_.size(), " trainings, and ", more, " more would be over ", max_cells,
        ": another folder is needed for this sweep, or fewer rates, batch sizes or seeds");
  check_tables(all);
}

/// Throws when the tables, a row for each rate and a column for each batch size, would be out of
/// proportion to their cells.
void Store::check_tables(const std::vector<Cell>& more) const {
  std::set<std::pair<std::string, float>> rows;
  std::set<Index> columns;
  const auto count = [&](const Cell& cell) {
    rows.insert({cell.optimizer, cell.lr});
    columns.insert(cell.batch_size);
  };
  for (const Result& result : results_) count(result.cell);
  for (const Cell& cell : more) count(cell);
  check(rows.size() * columns.size() <= max_places, file_.string(), ": has ", rows.size(),
        " rates and ", columns.size(),
        " batch sizes with those to train, expected a table of at "
        "most ",
        max_places, " places: another folder is needed for this sweep");
}

void Store::read() {
  const std::string file = file_.string();
  const Json json = parse(read_text(file_, max_bytes, kind), file, kind);
  const Fields fields(json, file);
  check_head(fields, json, head_);
  for (const char* name : {"versions", "machines"}) {
    fields.at(name).each([](const Fields& word) { word.text(); });
  }
  fields.at("commands").each([](const Fields& words) {
    words.each([](const Fields& word) { word.text(); });
  });
  fields.at("cells").each([this](const Fields& cell) {
    Result result = to_result(cell);
    const bool is_known = head_["rules"].contains(result.cell.optimizer);
    cell.at("optimizer").check_is(is_known, "one of the protocol's");
    cell.check_is(!has(result.cell), "every cell once");
    add(std::move(result));
  });
  for (const char* name : {"versions", "machines", "commands"}) {
    head_[name] = joined(json[name], head_[name].front());
  }
}

void Store::add(Result result) {
  cells_.insert(result.cell);
  results_.push_back(std::move(result));
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
