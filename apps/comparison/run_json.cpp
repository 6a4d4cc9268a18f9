#include "apps/comparison/run_json.h"

#include <fmt/format.h>
#include <limits>
#include <utility>

namespace muonlab::app {
namespace {

Json to_json(const Profile& profile) {
  Json parts = Json::array();
  for (const auto& [name, depth, ms] : profile.parts) {
    parts.push_back({{"part", name}, {"depth", depth}, {"ms", ms}});
  }
  Json bytes = Json::object();
  for (const auto& [name, count] : profile.memory) bytes[name] = count;
  return {{"steps", profile.steps}, {"parts", parts}, {"bytes", bytes}};
}

Profile to_profile(const Fields& fields) {
  Profile profile = {.steps = fields.at("steps").whole(1), .parts = {}, .memory = {}};
  fields.at("parts").each([&profile](const Fields& part) {
    profile.parts.push_back({part.at("part").text(), static_cast<int>(part.at("depth").whole(0, 9)),
                             part.at("ms").number(0)});
  });
  const Fields bytes = fields.at("bytes");
  for (const std::string& name : bytes.names()) {
    profile.memory.push_back({name, bytes.at(name).whole(0)});
  }
  return profile;
}

Epoch to_epoch(const Fields& fields, int number) {
  fields.at("epoch").whole(number, number);
  return {number, fields.at("loss").number(0), fields.at("test_accuracy").number(0, 1),
          fields.at("train_seconds").number(0)};
}

}  // namespace

Json to_json(const Run& run) {
  Json epochs = Json::array();
  for (const Epoch& epoch : run.epochs) {
    epochs.push_back({{"epoch", epoch.number},
                      {"loss", epoch.loss},
                      {"test_accuracy", epoch.test_accuracy},
                      {"train_seconds", epoch.train_seconds}});
  }
  Json json = {{"optimizer", run.optimizer},
               {"seed", run.seed},
               {"lr", Json::parse(fmt::format("{}", run.lr))},
               {"parameters", run.parameters},
               {"state_bytes", run.state_bytes},
               {"epochs", epochs}};
  if (!run.stopped.empty()) json["stopped"] = run.stopped;
  if (run.profile) json["profile"] = to_json(*run.profile);
  return json;
}

Run to_run(const Fields& fields, int max_epochs) {
  constexpr double largest = std::numeric_limits<float>::max();
  Run run = {.optimizer = fields.at("optimizer").text(),
             .lr = static_cast<float>(fields.at("lr").number(0, largest)),
             .seed = fields.at("seed").bits(),
             .parameters = fields.at("parameters").whole(0),
             .state_bytes = fields.at("state_bytes").whole(0)};
  const Fields epochs = fields.at("epochs");
  epochs.check_is(std::cmp_less_equal(epochs.size(), max_epochs),
                  fmt::format("at most {} epochs", max_epochs));
  epochs.each([&run](const Fields& epoch) {
    run.epochs.push_back(to_epoch(epoch, static_cast<int>(run.epochs.size()) + 1));
  });
  if (fields.has("stopped")) run.stopped = fields.at("stopped").text();
  if (fields.has("profile")) {
    const Fields profile = fields.at("profile");
    profile.check_is(run.is_finished(max_epochs), "none before the run has ended");
    run.profile = to_profile(profile);
  }
  return run;
}

}  // namespace muonlab::app
