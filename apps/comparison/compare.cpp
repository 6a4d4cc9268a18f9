#include "apps/comparison/compare.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/comparison/parse_arguments.h"
#include "apps/keeping/keeper.h"
#include "apps/kit/interrupt.h"
#include "apps/kit/main.h"
#include "apps/kit/progress.h"
#include "apps/kit/terminal.h"
#include "apps/showing/printing.h"
#include "apps/showing/results.h"
#include "apps/telemetry/telemetry.h"
#include "apps/training/cost.h"
#include "apps/training/divergence.h"
#include "apps/training/profile.h"
#include "apps/training/training.h"

namespace muonlab::app {
namespace {

class Comparison {
 public:
  Comparison(Arguments arguments, const std::string& app, Experiment experiment)
      : arguments_(std::move(arguments)),
        experiment_(std::move(experiment)),
        keeper_(arguments_, app, experiment_),
        results_(app, experiment_, arguments_),
        runs_(resumed_runs(arguments_)) {
    start_text_ = start_text();
    if (arguments_.resumed) {
      restore(start(runs_.size() - 1), runs_.back(), *arguments_.resumed);
      arguments_.resumed.reset();  // its tensors would hold memory to the end
    }
    telemetry_.emplace(arguments_, reached());
    // What cannot be written is better known now than after an epoch.
    results_.write(runs_, telemetry_->spectra());
  }

  /// Trains every contender with every seed. Returns the exit status.
  int run();

 private:
  std::size_t total() const { return arguments_.contenders.size() * arguments_.seeds.size(); }
  const Contender& contender(std::size_t number) const {
    return arguments_.contenders[number % arguments_.contenders.size()];
  }
  std::uint64_t seed(std::size_t number) const {
    return arguments_.seeds[number / arguments_.contenders.size()];
  }
  bool is_finished(const Run& run) const { return run.is_finished(arguments_.epochs); }

  /// Of a run's curve: some 40,000 in all runs make a page of about 1 MB.
  Index curve_points() const {
    return std::clamp(Index{40'000} / static_cast<Index>(total()), Index{20}, Index{2000});
  }

  std::string start_text() const;
  Training& start(std::size_t number);
  std::vector<Telemetry::Reached> reached() const;
  void train(std::size_t number);
  void train_to_end();
  void add_epoch(Profiler& profiler);
  void say_cost(const Profiler& profiler) const;
  Index steps_done() const;
  bool is_due() const;
  void save() { keeper_.save(runs_, *training_); }
  int finish();

  Arguments arguments_;
  Experiment experiment_;
  Keeper keeper_;
  Results results_;
  std::optional<Telemetry> telemetry_;
  std::vector<Run> runs_;             // the last is the one at work
  std::optional<Training> training_;  // of that one
  std::string start_text_;
};

int Comparison::run() {
  remember_interrupts();
  fmt::print("{}", start_text_);
  std::fflush(stdout);
  try {
    for (std::size_t i = runs_.empty() ? 0 : runs_.size() - 1; i < total(); ++i) train(i);
  } catch (const Interrupted& interrupted) {
    keeper_.say_interrupted(results_.kept(runs_));
    std::erase_if(runs_, [this](const Run& run) { return !is_finished(run); });
    if (!keeper_.is_on() && !runs_.empty()) print_summary(runs_);
    return interrupted.exit_status();
  }
  return finish();
}

/// What is printed first. It takes a model, so it is made before there is one in training.
std::string Comparison::start_text() const {
  std::string text = experiment_.notice.empty() ? "" : experiment_.notice + '\n';
  if (arguments_.quiet || (runs_.size() == total() && is_finished(runs_.back()))) return text;
  Rng rng(0);
  const auto model = experiment_.make_model(rng);
  text += table_of(roles(model->parameters(), arguments_.contenders)) + '\n';
  text += "products: " + products(arguments_);
  if (std::ranges::any_of(arguments_.contenders, [&model](const Contender& contender) {
        return has_orthogonalization(contender.assignments(model->parameters()));
      })) {
    const Precision precision = arguments_.contenders.front().precision_on(arguments_.device);
    text += fmt::format("; Muon's orthogonalization: {}{}", name_of(precision),
                        precision == Precision::bfloat16 ? ", small matrices float32" : "");
  }
  text += '\n';
  if (arguments_.resumed) {
    const std::string out = arguments_.out.string();
    text += fmt::format("goes on from {}{}\n", arguments_.resumed->file.string(),
                        out.empty() ? "" : ", writes into " + out);
  }
  return text;
}

Training& Comparison::start(std::size_t number) {
  training_.reset();  // two models at a time would take twice the memory
  return training_.emplace(contender(number), seed(number), experiment_, arguments_.device,
                           arguments_.precision);
}

/// Where each run is, before the one at work goes on.
std::vector<Telemetry::Reached> Comparison::reached() const {
  std::vector<Telemetry::Reached> all;
  for (const Run& run : runs_) {
    const bool is_at_work = &run == &runs_.back() && !is_finished(run);
    const Index step = is_at_work ? steps_done() : std::numeric_limits<Index>::max();
    all.push_back({.optimizer = run.optimizer, .seed = run.seed, .step = step});
  }
  return all;
}

/// Trains one model, or what is left of the one at work.
void Comparison::train(std::size_t number) {
  if (number == runs_.size()) {
    const Training& training = start(number);
    runs_.push_back({.optimizer = contender(number).name,
                     .lr = contender(number).lr,
                     .seed = seed(number),
                     .parameters = count(training.model->parameters()),
                     .state_bytes = training.optimizer->state_bytes(),
                     .curve = Curve(arguments_.epochs * training.batches.size(), curve_points())});
    if (number == 0) save();  // from now on there is something to go on from
  }
  try {
    train_to_end();
  } catch (const Interrupted&) {
    save();
    throw;
  }
}

void Comparison::train_to_end() {
  Profiler profiler(arguments_.device);
  const std::size_t width = name_width(arguments_.contenders);
  Run& run = runs_.back();
  while (!is_finished(run)) {
    try {
      add_epoch(profiler);
    } catch (const Diverged& diverged) {
      run.stopped = fmt::format("epoch {}, {}", run.epochs.size() + 1, diverged.what());
    }
    if (arguments_.profile && is_finished(run)) {
      run.profile = profiler.result(*training_, experiment_);
    }
    if (!arguments_.quiet || !run.stopped.empty()) print_epoch(run, arguments_.epochs, width);
    if (is_finished(run) && run.stopped.empty() && !arguments_.quiet) say_cost(profiler);
    if (is_finished(run) && !arguments_.quiet) print_cost(run, telemetry_->cost_lines(), width);
    if (run.profile) print_profile(run);
    results_.save(runs_, telemetry_->spectra());
    if (is_finished(run) || is_due()) save();
  }
}

/// Trains what is left of an epoch, and adds it to the run.
void Comparison::add_epoch(Profiler& profiler) {
  Run& run = runs_.back();
  Training& training = *training_;
  const auto epoch = static_cast<Index>(run.epochs.size());
  const Index batches = training.batches.size();
  Position& position = training.position;
  const double seconds_before = run.train_seconds();
  {
    const std::string title =
        fmt::format("{} epoch {}/{}", run.optimizer, epoch + 1, arguments_.epochs);
    Progress progress(title, position.batch, batches, arguments_.quiet);
    std::optional<Profiler::Measurement> measurement;
    if (arguments_.device == Device::cpu || arguments_.profile) {  // on the GPU it costs time
      measurement.emplace(profiler, position);
    }
    telemetry_->before(training, steps_done() + 1);
    train_epoch(training, epoch, [&] {
      telemetry_->after(run, training, steps_done());
      if (run.curve) run.curve->add(position.loss, seconds_before + position.seconds);
      progress.show(position.batch, position.loss);
      if (is_due()) {
        progress.erase();
        save();
      }
      stop_if_asked();
    });
  }
  const double loss = position.loss_sum / static_cast<double>(batches);
  const Evaluation test = evaluate(training, experiment_, experiment_.test);
  run.epochs.push_back({.number = static_cast<int>(epoch) + 1,
                        .loss = loss,
                        .test_loss = test.loss,
                        .test_accuracy = test.accuracy,
                        .train_seconds = position.seconds});
  position = {};
}

/// Says what Newton-Schulz takes, where there is any. With the first seed only: with others the
/// work is the same.
void Comparison::say_cost(const Profiler& profiler) const {
  const Run& run = runs_.back();
  if (run.seed != arguments_.seeds.front() || !profiler.has_measured()) return;
  const Cost cost = cost_of(
      matrices_of(training_->model->parameters(), experiment_.positions, arguments_.batch_size),
      training_->optimizer->assignments());
  if (cost.newton_schulz == 0) return;
  print_cost(run,
             cost_lines(cost, profiler.share_of("orthogonalize"), arguments_.batch_size,
                        experiment_.train->size()),
             name_width(arguments_.contenders));
}

/// Steps of the run at work.
Index Comparison::steps_done() const {
  return std::ssize(runs_.back().epochs) * training_->batches.size() + training_->position.batch;
}

/// Whether --every asks to save now: between two steps, or when an epoch was added.
bool Comparison::is_due() const {
  const auto epochs = static_cast<Index>(runs_.back().epochs.size());
  const Index batch = training_->position.batch;
  const auto [count, unit] = arguments_.every;
  if (unit == Every::Unit::epochs) return batch == 0 && epochs % count == 0;
  return batch != 0 && steps_done() % count == 0;
}

int Comparison::finish() {
  print_summary(runs_);
  if (!arguments_.out.empty()) fmt::print("{}\n", (arguments_.out / "report.html").string());
  const auto stopped = [](const Run& run) { return !run.stopped.empty(); };
  const std::string problem = keeper_.problem();
  if (!problem.empty()) say("error: " + problem);
  const bool is_whole = problem.empty() && results_.are_saved() && telemetry_->is_whole() &&
                        std::ranges::none_of(runs_, stopped);
  return is_whole ? 0 : 1;
}

/// load(arguments.setting()). An app checks its own options there: in a checkpoint's, the file is
/// at fault.
Experiment load_for(const Arguments& arguments,
                    const std::function<Experiment(const Setting&)>& load) {
  try {
    return load(arguments.setting());
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    if (!arguments.resumed) throw;
    throw Error(arguments.resumed->file.string() + ": " + error.what());
  }
}

}  // namespace

int compare(int argc, char** argv, const Defaults& defaults,
            const std::function<Experiment(const Setting&)>& load) {
  // Reads and checks all input before any training starts.
  const auto prepare = [&] {
    Arguments arguments = parse_arguments(argc, argv, defaults);
    Experiment experiment = load_for(arguments, load);
    return std::make_unique<Comparison>(std::move(arguments), defaults.name, std::move(experiment));
  };
  return run_app(prepare, [](const auto& comparison) { return comparison->run(); });
}

}  // namespace muonlab::app
