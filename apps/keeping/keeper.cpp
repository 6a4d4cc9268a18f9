#include "apps/keeping/keeper.h"

#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "apps/keeping/moving.h"
#include "apps/keeping/run_json.h"
#include "apps/keeping/snapshot.h"
#include "apps/kit/process.h"
#include "apps/kit/terminal.h"
#include "apps/training/divergence.h"

namespace muonlab::app {
namespace {

constexpr int format = 1;  // of the JSON

std::vector<std::string> stored_running(const Arguments& arguments) {
  const std::filesystem::path folder =
      arguments.resumed ? arguments.resumed->file.parent_path() : arguments.checkpoint;
  std::vector<std::string> words;
  for (const std::string& word : arguments.running) words.push_back(stored_word(word, folder));
  return words;
}

Json make_head(const Arguments& arguments, const std::string& app, const Experiment& experiment) {
  for (const auto* words : {&arguments.recipe, &arguments.running}) {
    for (const std::string& word : *words) {
      check(is_printable(word), "a checkpoint cannot hold the option ", nn::quote(word),
            ", expected UTF-8 without control characters");
    }
  }
  Json rules = Json::object();
  for (const Contender& contender : arguments.contenders) rules[contender.name] = contender.about;
  return {{"format", format},
          {"app", app},
          {"id", arguments.id},
          {"protocol", experiment.protocol},
          {"recipe", arguments.recipe},
          {"rules", rules},
          {"running", stored_running(arguments)},
          {"out", arguments.out.empty() ? "" : std::filesystem::absolute(arguments.out).string()},
          {"train_data", experiment.train->content()},
          {"test_data", experiment.test->content()}};
}

void check_head(const Checkpoint& checkpoint, const Json& head) {
  const Fields fields = checkpoint.fields();
  fields.at("format").whole(format, format);
  fields.at("protocol")
      .check_is(checkpoint.json["protocol"] == head["protocol"], head["protocol"].dump());
  for (const auto& [name, about] : head["rules"].items()) {
    const Fields rule = fields.at("rules").at(name);
    rule.check_is(rule.text() == about.get<std::string>(), about.dump());
  }
  for (const char* data : {"train_data", "test_data"}) {
    const std::string made_with = fields.at(data).text();
    const std::string found = head[data].get<std::string>();
    check(made_with == found, checkpoint.file.string(), ": ", data, ": was made with ", made_with,
          "; got ", found, ", name the folder of the others with --data");
  }
}

}  // namespace

std::vector<Run> resumed_runs(const Arguments& arguments) {
  if (!arguments.resumed) return {};
  const std::vector<Contender>& contenders = arguments.contenders;
  const Fields list = arguments.resumed->fields().at("runs");
  const std::size_t most = contenders.size() * arguments.seeds.size();
  list.check_is(1 <= list.size() && list.size() <= most, fmt::format("1 to {} runs", most));
  std::vector<Run> runs;
  list.each([&](const Fields& fields) {
    const Contender& contender = contenders[runs.size() % contenders.size()];
    const std::uint64_t seed = arguments.seeds[runs.size() / contenders.size()];
    const Run& run = runs.emplace_back(to_run(fields, arguments.epochs));
    const bool fits = run.optimizer == contender.name && run.lr == contender.lr && run.seed == seed;
    fields.check_is(fits, fmt::format("the run of {} with seed {}", contender.name, seed));
    fields.check_is(run.is_finished(arguments.epochs) || runs.size() == list.size(),
                    "a finished run before others");
    if (run.profile) {
      fields.at("profile").check_is(run.is_finished(arguments.epochs),
                                    "none before the run has ended");
    }
  });
  return runs;
}

void restore(Training& training, const Run& run, const Checkpoint& checkpoint) {
  const Fields runs = checkpoint.fields().at("runs");
  const Fields last = runs.item(runs.size() - 1);
  const Index parameters = count(training.model->parameters());
  const Index state_bytes = training.optimizer->state_bytes();
  last.at("parameters").whole(parameters, parameters);
  last.at("state_bytes").whole(state_bytes, state_bytes);
  const Index epochs = std::ssize(run.epochs);
  restore(training, epochs, checkpoint.fields().at("training"), checkpoint.tensors,
          checkpoint.file.string());
  if (!run.curve || !run.stopped.empty()) return;
  const Index steps = epochs * training.batches.size() + training.position.batch;
  last.at("curve").at("steps").whole(steps, steps);
}

Keeper::Keeper(const Arguments& arguments, const std::string& app, const Experiment& experiment)
    : program_(arguments.program) {
  if (!arguments.resumed && arguments.checkpoint.empty()) return;
  head_ = make_head(arguments, app, experiment);
  if (arguments.resumed) {
    check_head(*arguments.resumed, head_);
    checkpoints_.emplace(*arguments.resumed);
  } else {
    checkpoints_.emplace(arguments.checkpoint);
  }
}

void Keeper::save(const std::vector<Run>& runs, const Training& training) {
  if (!checkpoints_) return;
  tried_ = true;
  saved_ = false;
  try {
    write(runs, training);
    saved_ = true;
  } catch (const std::exception& error) {
    put_memory_aside();
    const std::string last = checkpoints_->last().string();
    say(fmt::format(
        "warning: {}; {}", error.what(),
        last.empty() ? "there is no checkpoint yet" : "the last checkpoint is " + last));
  }
}

std::string Keeper::problem() const {
  if (!tried_ || saved_) return "";
  const std::string last = checkpoints_->last().string();
  return last.empty() ? "no checkpoint could be written into " + checkpoints_->folder().string()
                      : "the end could not be saved; the last checkpoint is " + last;
}

void Keeper::write(const std::vector<Run>& runs, const Training& training) {
  Json json = head_;
  for (const Run& run : runs) json["runs"].push_back(to_json(run));
  json["training"] = to_json(training);
  checkpoints_->write(std::move(json), tensors_of(training));
}

void Keeper::say_interrupted(const std::string& results) const {
  if (!checkpoints_) {
    return say("interrupted: " + (results.empty() ? "nothing was kept" : results) +
               "; next time --checkpoint DIR keeps what it takes to go on");
  }
  const std::string last = checkpoints_->last().string();
  if (last.empty()) {
    return say("interrupted: " + (results.empty() ? "nothing could be kept"
                                                  : "no checkpoint could be written; " + results));
  }
  say(fmt::format("interrupted: {} {}; to go on: {} --resume {}",
                  saved_ ? "saved" : "the last checkpoint is", last, quoted(program_),
                  quoted(checkpoints_->folder().string())));
}

}  // namespace muonlab::app
