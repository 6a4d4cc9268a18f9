#include "apps/comparison/keeper.h"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <string_view>

#include "apps/comparison/run_json.h"
#include "apps/comparison/snapshot.h"

namespace muonlab::app {
namespace {

constexpr int format = 1;  // of the JSON

Json make_head(const Arguments& arguments, const std::string& app, const Experiment& experiment) {
  return {{"format", format},
          {"app", app},
          {"protocol", experiment.protocol},
          {"recipe", arguments.recipe},
          {"running", arguments.running},
          {"train_data", fingerprint(experiment.train)},
          {"test_data", fingerprint(experiment.test)}};
}

void check_head(const Checkpoint& checkpoint, const Json& head) {
  const Fields fields = checkpoint.fields();
  fields.at("format").whole(format, format);
  fields.at("protocol")
      .check_is(checkpoint.json["protocol"] == head["protocol"], head["protocol"].dump());
  for (const char* data : {"train_data", "test_data"}) {
    const std::string made_with = fields.at(data).text();
    const std::string found = head[data].get<std::string>();
    check(made_with == found, checkpoint.file.string(), ": ", data, ": was made with ", made_with,
          "; got ", found, ", name the folder of the others with --data");
  }
}

/// As a shell takes it for one word.
std::string quoted(const std::string& word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

}  // namespace

Keeper::Keeper(const Arguments& arguments, const std::string& app, const Experiment& experiment)
    : program_(arguments.program), resumed_(arguments.resumed) {
  if (!resumed_ && arguments.checkpoint.empty()) return;
  head_ = make_head(arguments, app, experiment);
  if (resumed_) {
    check_head(*resumed_, head_);
    checkpoints_.emplace(*resumed_);
  } else {
    checkpoints_.emplace(arguments.checkpoint);
  }
}

std::vector<Run> Keeper::runs(const Arguments& arguments) const {
  if (!resumed_) return {};
  const std::vector<Contender>& contenders = arguments.contenders;
  const Fields field = resumed_->fields().at("runs");
  const std::vector<Fields> list = field.list();
  const std::size_t most = contenders.size() * arguments.seeds.size();
  field.check_is(!list.empty() && list.size() <= most, fmt::format("1 to {} runs", most));
  std::vector<Run> runs;
  for (const Fields& fields : list) {
    const Contender& contender = contenders[runs.size() % contenders.size()];
    const std::uint64_t seed = arguments.seeds[runs.size() / contenders.size()];
    const Run& run = runs.emplace_back(to_run(fields, arguments.epochs));
    const bool fits = run.optimizer == contender.name && run.lr == contender.lr && run.seed == seed;
    fields.check_is(fits, fmt::format("the run of {} with seed {}", contender.name, seed));
    fields.check_is(run.is_finished(arguments.epochs) || runs.size() == list.size(),
                    "a finished run before others");
  }
  return runs;
}

void Keeper::restore(Training& training) const {
  app::restore(training, resumed_->fields().at("training"), resumed_->tensors,
               resumed_->file.string());
}

void Keeper::save(const std::vector<Run>& runs, const Training& training) {
  if (!checkpoints_) return;
  Json json = head_;
  for (const Run& run : runs) json["runs"].push_back(to_json(run));
  json["training"] = to_json(training);
  saved_ = false;
  try {
    checkpoints_->write(std::move(json), tensors_of(training));
    saved_ = true;
  } catch (const std::exception& error) {
    const std::string last = checkpoints_->last().string();
    fmt::print(stderr, "warning: {}; {}\n", error.what(),
               last.empty() ? "there is no checkpoint yet" : "the last checkpoint is " + last);
  }
}

void Keeper::say_interrupted() const {
  if (!checkpoints_) {
    fmt::print(stderr, "interrupted: nothing was kept; next time --checkpoint DIR does it\n");
    return;
  }
  const std::string last = checkpoints_->last().string();
  if (last.empty()) {
    fmt::print(stderr, "interrupted: nothing could be kept\n");
    return;
  }
  fmt::print(stderr, "interrupted: {} {}; to go on: {} --resume {}\n",
             saved_ ? "saved" : "the last checkpoint is", last, quoted(program_),
             quoted(checkpoints_->folder().string()));
}

}  // namespace muonlab::app
