// Runs memory as a user does. The figures are those of the tutorials, and bytes counted by hand.
#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/rows.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

const std::string program = MUONLAB_MEMORY;

/// With one space where a table has several: how wide its columns are depends on all rows.
std::string squeezed(std::string text) {
  const auto both = [](char a, char b) { return a == ' ' && b == ' '; };
  text.erase(std::unique(text.begin(), text.end(), both), text.end());
  return text;
}

TEST_CASE("the tutorial's table: Adam takes 12 bytes a parameter") {
  const std::string text = printed(program, "");
  // sgd, momentum, muon, adamw: 4, 8, 8 and 12 bytes a parameter; then the tutorial's figure.
  check_row(text, "VGG-19              144M", {576, 1.15, 1.15, 1.73, 1.7}, 0);
  check_row(text, "Transformer         213M", {852, 1.7, 1.7, 2.56, 2.5}, 0);
  check_row(text, "BERT-Large          340M", {1.36, 2.72, 2.72, 4.08, 4}, 0);
  check_row(text, "GPT-2               1.5B", {6, 12, 12, 18, 18}, 0);
  check_row(text, "GPT-3               175B", {700, 1.4, 1.4, 2.1, 2}, 0);
  check_row(text, "Llama 2 70B          70B", {280, 560, 560, 840, 840}, 0);
  check_row(text, "Llama 3 405B        405B", {1.62, 3.24, 3.24, 4.86, 4.9}, 0);
}

TEST_CASE("7B parameters take 84 GB with AdamW and 56 GB with Muon") {
  const std::string table = printed(program, "--parameters 7B");
  const std::string text = squeezed(table);
  CHECK(text.find("\nmuon the momentum 2 8 56 GB 67 %\n") != std::string::npos);
  CHECK(text.find("\nadamw the means of g and g² 3 12 84 GB 100 %\n") != std::string::npos);
  for (const char* same : {"7000M", "7e9", "0.007T", "7000000000", "7000000K"}) {
    CHECK(printed(program, std::string("--parameters ") + same) == table);
  }
  CHECK(printed(program, "--parameters 1").find(" 12 B ") != std::string::npos);
}

/// The rows of a model of `parameters` weights, `apart` of which are not hidden matrices. What is
/// measured may be an eighth above what is predicted.
void check_model(const std::string& text, double parameters, double apart) {
  const double copy = parameters * 4 / (1 << 20);
  const double mixed = (parameters + apart) * 4 / (1 << 20);
  const std::vector<std::pair<std::string, double>> rows = {
      {"parameters", copy},
      {"gradients", copy},
      {"sgd nothing", 0},
      {"momentum the momentum", copy},
      {"muon the momentum", copy},
      {"hybrid as muon and adamw, by role", mixed},
      {"adamw the means of g and g²", 2 * copy}};
  double peak = 0;
  for (const auto& row : rows) {
    const std::string& name = row.first;
    const double predicted = row.second;
    CAPTURE(name);
    const std::vector<double> values = numbers(text, name);
    REQUIRE(values.size() >= 2);
    CHECK(std::abs(values[0] - predicted) < 0.0051);
    CHECK(values[1] >= values[0] - 0.0051);
    CHECK(values[1] <= values[0] * 1.125 + 0.0051);
    if (values.size() < 3) continue;
    CHECK(values[2] > 2 * copy + values[1]);
    peak = values[2];
  }
  CHECK(peak > 4 * copy);
}

TEST_CASE("of a model, what is measured is what was predicted, but for the blocks' rounding") {
  const std::string mlp = squeezed(printed(program, "--model mlp"));
  CHECK(mlp.starts_with("the network of mnist_compare: 235146 parameters, batches of 64\n"));
  check_model(mlp, 235146, 10 * 128 + 256 + 128 + 10);
  const std::string cnn = squeezed(printed(program, "--model cnn --width 8 --batch-size 4"));
  const double inputs = 8 * 27;
  const double biases = 8 + 16 + 32 + 512 + 10;
  const double filters = 16 * 72 + 32 * 144 + 512 * 512;
  CHECK(cnn.starts_with("the network of cifar_compare: 273818 parameters, batches of 4\n"));
  check_model(cnn, inputs + biases + filters + 5120, inputs + biases + 5120);
}

TEST_CASE("a larger batch takes more at the peak, and nothing else") {
  const std::string small = squeezed(printed(program, "--model cnn --width 4 --batch-size 2"));
  const std::string large = squeezed(printed(program, "--model cnn --width 4 --batch-size 32"));
  const std::vector<double> few = numbers(small, "adamw the means of g and g²");
  const std::vector<double> many = numbers(large, "adamw the means of g and g²");
  REQUIRE(few.size() == 3);
  REQUIRE(many.size() == 3);
  CHECK(few[1] == many[1]);
  CHECK(few[2] < many[2]);
}

TEST_CASE("everything fits into a terminal of 80 columns") {
  for (const char* arguments : {"", "--parameters 405B", "--model mlp", "--model cnn"}) {
    for (const std::string& line : lines_from(printed(program, arguments), "")) {
      CAPTURE(line);
      CHECK(width_of(line) <= 80);
    }
  }
}

TEST_CASE("--out leaves a page") {
  check_leaves_page(program, "");
  check_leaves_page(program, "--parameters 7B");
  const Folder folder;  // what is measured differs from run to run, as threads meet
  CHECK(run_app(folder, program, "--model mlp --out out").out.ends_with("\nout/report.html\n"));
}

TEST_CASE("help teaches, and what memory cannot take is refused in one line") {
  CHECK(printed(program, "--help").find("Muon one copy") != std::string::npos);
  const Folder folder;
  for (const char* wrong : {"seven", "7X", "-7B", "0", "7BB", "1e30", "nan", "inf", "7 B", "0.1"}) {
    check_refused(folder, program, std::string("--parameters=") + "'" + wrong + "'",
                  std::string("--parameters: expected a number such as 7B, 340M, 12K or 1.5e9, "
                              "got '") +
                      wrong + "'");
  }
  check_refused(folder, program, "--model gpt", "--model: got 'gpt', expected mlp or cnn");
  check_refused(folder, program, "--width 8", "--width: needs --model cnn");
  check_refused(folder, program, "--batch-size 8", "--batch-size: needs --model mlp or cnn");
  check_refused(folder, program, "--model mlp --parameters 7B",
                "--parameters: not beside --model, which has its own");
}

}  // namespace
}  // namespace muonlab::test
