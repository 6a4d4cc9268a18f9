#include "apps/comparison/parse_arguments.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <random>
#include <utility>

#include "apps/comparison/command_line.h"
#include "apps/keeping/moving.h"
#include "apps/kit/names.h"
#include "apps/kit/terminal.h"
#include "apps/training/tuning.h"
#include "muonlab/core/replay.h"
#include "muonlab/core/threads.h"

namespace muonlab::app {
namespace {

void check_values(const CommandLine& line) {
  const Arguments& arguments = line.arguments;
  parse_device(line.device);
  check_name("--graph", line.graph, {"on", "off"});
  check(line.graph == "off" || line.device == "cuda", "--graph on: needs --device cuda");
  check(line.graph == "off" || !arguments.profile,
        "--graph on: not beside --profile, which measures the parts of a step");
}

void check_resume(const CommandLine& line) {
  check(line.given("--checkpoint") || line.given("--resume") || !line.given("--every"),
        "--every: needs --checkpoint DIR, where to save");
  if (!line.given("--resume")) return;
  check(!line.given("--checkpoint"),
        "--checkpoint: not beside --resume, which goes on saving where the checkpoint is");
  const std::string option = line.given_recipe();
  check(option.empty(), option, ": not beside --resume, the checkpoint says what is compared");
}

/// Those of `all` that the command line names, with the rates it gives.
std::vector<Contender> choose(std::vector<Contender> all, const CommandLine& line) {
  const auto& names = line.optimizers;
  for (const std::string& name : names) find_contender(all, "--optimizers", name);
  check_no_doubles("--optimizers", names);
  for (const std::string& name : set_rates(all, line.rates)) {
    check(std::ranges::count(names, name) == 1, "--lr: ", name,
          " is not among the optimizers to compare, ", fmt::format("{}", fmt::join(names, ",")));
  }
  optim::OrthogonalizeOptions orthogonalization = parse_newton_schulz(line.newton_schulz);
  orthogonalization.precision = parse_precision("--muon-precision", line.muon_precision);
  std::vector<Contender> chosen;
  for (const std::string& name : names) {
    chosen.push_back(find_contender(all, "--optimizers", name));
    chosen.back().orthogonalization = orthogonalization;
  }
  return chosen;
}

/// Checks what was parsed, and turns it into what the program uses.
Arguments to_arguments(const CommandLine& line, const Defaults& defaults) {
  check_values(line);
  Arguments arguments = line.arguments;
  arguments.every = parse_every(line.every);
  arguments.precision = parse_precision("--precision", line.precision);
  arguments.device = parse_device(line.device);
  arguments.checkpoint = line.checkpoint;
  arguments.contenders = choose(defaults.contenders, line);
  if (line.given("--seeds")) {
    for (int i = 0; i < line.seeds; ++i) arguments.seeds.push_back(i);
  } else {
    arguments.seeds = {static_cast<std::uint64_t>(line.seed)};
  }
  Words rates;
  for (const Contender& contender : arguments.contenders) {
    rates.push_back(fmt::format("{}={}", contender.name, contender.lr));
  }
  arguments.recipe = line.recipe(rates);
  arguments.running = line.running();
  set_threads(line.threads);
  set_replay(line.graph == "on");
  return arguments;
}

/// The words of a checkpoint's comparison, without those that the command line gives anew.
Words stored_words(const Checkpoint& checkpoint, const CommandLine& line) {
  constexpr std::size_t most = 1000;
  const std::filesystem::path folder = checkpoint.file.parent_path();
  Words words;
  checkpoint.fields().at("recipe").each([&](const Fields& field) {
    words.push_back(field.text());
    field.check_is(line.is_recipe(words.back()), "an option of the recipe, --NAME=VALUE");
    field.check_is(words.size() <= most, fmt::format("at most {} options", most));
  });
  checkpoint.fields().at("running").each([&](const Fields& field) {
    const std::string word = field.text();
    field.check_is(line.is_running(word), "an option beside --resume, --NAME=VALUE");
    if (!line.given(word.substr(0, word.find('=')))) words.push_back(found_word(word, folder));
    field.check_is(words.size() <= most, fmt::format("at most {} options", most));
  });
  return words;
}

std::string random_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

/// The arguments of the comparison that goes on: what the command line says is over what the
/// checkpoint says, which is parsed and checked as if it had been typed.
Arguments resume(const CommandLine& line, const Words& given, const Defaults& defaults) {
  Checkpoint checkpoint = read_checkpoint(line.resume);
  const std::string file = checkpoint.file.string();
  const std::string app = checkpoint.fields().at("app").text();
  check(app == defaults.name, file, ": is a checkpoint of ", app, ", not of ", defaults.name);
  Words words = stored_words(checkpoint, line);
  words.insert(words.end(), given.begin(), given.end());
  Arguments arguments;
  try {
    CommandLine whole(defaults);
    whole.parse(words);
    arguments = to_arguments(whole, defaults);
  } catch (const Error& error) {
    throw Error(file + ": " + error.what());
  }
  check(Json(arguments.recipe) == checkpoint.json["recipe"], file,
        ": recipe: is not what this version of ", defaults.name, " writes, ",
        fmt::format("{}", fmt::join(arguments.recipe, " ")));
  const bool has_id = checkpoint.fields().has("id");  // not of earlier versions
  arguments.id = has_id ? checkpoint.fields().at("id").text() : random_id();
  if (!line.given("--out")) find_own_out(arguments, checkpoint);
  arguments.resumed = std::move(checkpoint);
  return arguments;
}

}  // namespace

Arguments parse_arguments(int argc, char** argv, const Defaults& defaults) {
  const Words words(argv + 1, argv + argc);
  CommandLine line(defaults);
  line.parse(words);
  check_resume(line);
  Arguments arguments = to_arguments(line, defaults);  // errors here are of the command line alone
  arguments.id = random_id();
  if (line.given("--resume")) arguments = resume(line, words, defaults);
  check(arguments.telemetry == 0 || !arguments.out.empty(),
        "--telemetry: needs --out DIR, where telemetry.jsonl is written");
  arguments.program = argv[0];
  return arguments;
}

}  // namespace muonlab::app
