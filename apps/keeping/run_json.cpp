#include "apps/keeping/run_json.h"

#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace muonlab::app {
namespace {

constexpr double largest_float = std::numeric_limits<float>::max();

Json to_json(const Curve& curve) {
  Json json = {{"bucket", curve.bucket()},     {"steps", curve.steps()},
               {"point_steps", Json::array()}, {"point_losses", Json::array()},
               {"means", Json::array()},       {"seconds", Json::array()}};
  for (const auto& [step, loss] : curve.points()) {
    json["point_steps"].push_back(step);
    json["point_losses"].push_back(shortest(loss));
  }
  for (const auto& [mean, seconds] : curve.buckets()) {
    json["means"].push_back(mean);
    json["seconds"].push_back(shortest(seconds));
  }
  return json;
}

Curve to_curve(const Fields& fields) {
  const Fields steps = fields.at("point_steps");
  const Fields losses = fields.at("point_losses");
  const Fields means = fields.at("means");
  const Fields seconds = fields.at("seconds");
  losses.check_is(losses.size() == steps.size(), fmt::format("{} losses", steps.size()));
  seconds.check_is(seconds.size() == means.size(), fmt::format("{} seconds", means.size()));
  std::vector<Curve::Point> points;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto loss = static_cast<float>(losses.item(i).number(0, largest_float));
    points.push_back({steps.item(i).whole(1), loss});
  }
  std::vector<Curve::Bucket> buckets;
  double before = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    before = seconds.item(i).number(before, largest_float);
    buckets.push_back({means.item(i).number(0, largest_float), static_cast<float>(before)});
  }
  Curve curve(fields.at("bucket").whole(1), fields.at("steps").whole(0), std::move(points),
              std::move(buckets));
  steps.check_is(curve.is_consistent(), "one or two steps in every bucket, in order");
  return curve;
}

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

Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Epoch to_epoch(const Fields& fields, int number) {
  fields.at("epoch").whole(number, number);
  // Files of earlier versions have no test loss.
  const bool has_test_loss = fields.has("test_loss") && !fields.at("test_loss").is_null();
  return {.number = number,
          .loss = fields.at("loss").number(0),
          .test_loss = has_test_loss ? fields.at("test_loss").number(0) : std::nan(""),
          .test_accuracy = fields.at("test_accuracy").number(0, 1),
          .train_seconds = fields.at("train_seconds").number(0)};
}

}  // namespace

Json shortest(float value) { return Json::parse(fmt::format("{}", value)); }

Json to_json(const Run& run) {
  Json epochs = Json::array();
  for (const Epoch& epoch : run.epochs) {
    epochs.push_back({{"epoch", epoch.number},
                      {"loss", epoch.loss},
                      {"test_loss", finite_or_null(epoch.test_loss)},
                      {"test_accuracy", epoch.test_accuracy},
                      {"train_seconds", epoch.train_seconds}});
  }
  Json json = {{"optimizer", run.optimizer},     {"seed", run.seed},
               {"lr", shortest(run.lr)},         {"parameters", run.parameters},
               {"state_bytes", run.state_bytes}, {"epochs", epochs}};
  if (!run.stopped.empty()) json["stopped"] = run.stopped;
  if (run.profile) json["profile"] = to_json(*run.profile);
  if (run.curve) json["curve"] = to_json(*run.curve);
  return json;
}

Run to_run(const Fields& fields, int max_epochs) {
  Run run = {.optimizer = fields.at("optimizer").text(),
             .lr = static_cast<float>(fields.at("lr").number(0, largest_float)),
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
  if (fields.has("profile")) run.profile = to_profile(fields.at("profile"));
  if (fields.has("curve")) run.curve = to_curve(fields.at("curve"));
  return run;
}

}  // namespace muonlab::app
