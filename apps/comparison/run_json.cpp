#include "apps/comparison/run_json.h"

#include <fmt/format.h>

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
  for (const Fields& part : fields.at("parts").list()) {
    profile.parts.push_back({part.at("part").text(), static_cast<int>(part.at("depth").whole(0, 9)),
                             part.at("ms").number()});
  }
  const Fields bytes = fields.at("bytes");
  for (const std::string& name : bytes.names()) {
    profile.memory.push_back({name, bytes.at(name).whole(0)});
  }
  return profile;
}

Epoch to_epoch(const Fields& fields, int number) {
  fields.at("epoch").whole(number, number);
  const double accuracy = fields.at("test_accuracy").number();
  fields.at("test_accuracy").check_is(0 <= accuracy && accuracy <= 1, "a number from 0 to 1");
  return {number, fields.at("loss").number(), accuracy, fields.at("train_seconds").number()};
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
  Run run = {.optimizer = fields.at("optimizer").text(),
             .lr = static_cast<float>(fields.at("lr").number()),
             .seed = fields.at("seed").bits(),
             .parameters = fields.at("parameters").whole(0),
             .state_bytes = fields.at("state_bytes").whole(0)};
  const std::vector<Fields> epochs = fields.at("epochs").list();
  const std::string expected = fmt::format("at most {} epochs", max_epochs);
  fields.at("epochs").check_is(std::ssize(epochs) <= max_epochs, expected);
  for (const Fields& epoch : epochs) {
    run.epochs.push_back(to_epoch(epoch, static_cast<int>(run.epochs.size()) + 1));
  }
  if (fields.has("stopped")) run.stopped = fields.at("stopped").text();
  if (fields.has("profile")) run.profile = to_profile(fields.at("profile"));
  return run;
}

}  // namespace muonlab::app
