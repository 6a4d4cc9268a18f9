// Numbers on the command lines of all apps: what is none, or out of range, is refused by name.
#include "apps/kit/numbers.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

/// What the option --n makes of a text: its value, or the message.
template <class Value>
std::string read(const CLI::Validator& validator, const std::string& text) {
  CLI::App line;
  Value value = 0;
  line.add_option("--n", value)->transform(validator);
  try {
    line.parse({"--n=" + text});
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return fmt::format("{}", value);
}

/// Every option that takes a whole number, with an app's words before it and its range.
struct Option {
  std::string app;
  std::string words;  // up to and with the option's name
  std::string range;
};
std::string name_of(const Option& option) {
  return option.words.substr(option.words.rfind(' ') + 1);
}

const std::vector<Option> options = {
    {MUONLAB_MNIST_COMPARE, "--epochs", "1 to 100000"},
    {MUONLAB_MNIST_COMPARE, "--batch-size", "1 to 1000000000"},
    {MUONLAB_MNIST_COMPARE, "--seed", "0 to 9223372036854775807"},
    {MUONLAB_MNIST_COMPARE, "--seeds", "1 to 10000"},
    {MUONLAB_MNIST_COMPARE, "--threads", "1 to 1024"},
    {MUONLAB_MNIST_COMPARE, "--telemetry", "0 to 9223372036854775807"},
    {MUONLAB_CIFAR_COMPARE, "--width", "1 to 1024"},
    {MUONLAB_SWEEP, "mnist --batch-sizes", "1 to 1000000000"},
    {MUONLAB_SWEEP, "mnist --epochs", "1 to 100000"},
    {MUONLAB_SWEEP, "mnist --seeds", "1 to 100"},
    {MUONLAB_SWEEP, "mnist --threads", "1 to 1024"},
    {MUONLAB_SADDLE, "--seeds", "1 to 1000"},
    {MUONLAB_SADDLE, "--steps", "1 to 1000000"},
    {MUONLAB_ORTHOGONALIZE, "--steps", "1 to 100"},
    {MUONLAB_MEMORY, "--model cnn --width", "1 to 256"},
    {MUONLAB_MEMORY, "--model cnn --batch-size", "1 to 4096"},
};

TEST_CASE("a whole number is decimal digits, and zeros before them say nothing") {
  const CLI::Validator validator = app::whole(0, 100);
  CHECK(read<Index>(validator, "10") == "10");
  CHECK(read<Index>(validator, "010") == "10");
  CHECK(read<Index>(validator, "08") == "8");
  CHECK(read<Index>(validator, "0000000000000000000000000000100") == "100");
  CHECK(read<Index>(validator, "00") == "0");
  const std::string largest = "9223372036854775807";
  CHECK(read<Index>(app::whole(0, std::numeric_limits<Index>::max()), largest) == largest);
  CHECK(read<int>(app::whole(1, 2'147'483'647), "2147483647") == "2147483647");
}

TEST_CASE("a number is decimal, a finite one of float32, and within its range") {
  const CLI::Validator validator = app::real(0, 1);
  CHECK(read<float>(validator, "0") == "0");
  CHECK(read<float>(validator, "1e-3") == "0.001");
  CHECK(read<float>(validator, "00.50") == "0.5");
  CHECK(read<double>(validator, ".5") == "0.5");
  for (const std::string text : {"nan", "inf", "-inf", "1e999", "1e-999", "1e-40", "0x1p-3", "0,5",
                                 "+0.5", "1.0000001", "-0.1", "0.5f", "half"}) {
    CHECK(read<float>(validator, text) ==
          "--n: got '" + text + "', expected a number of float32 from 0 to 1");
  }
}

TEST_CASE("what is no whole number in the range is refused by every option with its range") {
  const Folder folder;
  for (const Option& option : options) {
    std::vector<std::string> wrong = {"x", "99999999999999999999"};
    if (&option == &options.front()) {
      wrong = {"0x10",
               "0b1",
               "0o7",
               "1'000",
               "1_000",
               "1,000",
               "1e3",
               "1.0",
               "+3",
               "-1",
               " 3",
               "3 ",
               "\t3",
               "",
               "¼",
               "9223372036854775808",
               "18446744073709551617"};
    }
    for (const std::string& text : wrong) {
      const std::string shown = text == "\t3" ? "bytes that are no text" : "'" + text + "'";
      check_refused(folder, option.app, option.words + " \"" + text + "\"",
                    fmt::format("{}: got {}, expected a whole number from {}", name_of(option),
                                shown, option.range));
    }
  }
}

TEST_CASE("one more than the most is refused") {
  const Folder folder;
  const auto refused = [&folder](const std::string& app, const std::string& words,
                                 const std::string& message) {
    check_refused(folder, app, words, message);
  };
  refused(MUONLAB_MNIST_COMPARE, "--seed 9223372036854775808",
          "--seed: got '9223372036854775808', expected a whole number from 0 to "
          "9223372036854775807");
  refused(MUONLAB_MNIST_COMPARE, "--threads 1025",
          "--threads: got '1025', expected a whole number from 1 to 1024");
  refused(MUONLAB_SWEEP, "mnist --batch-sizes 32,0",
          "--batch-sizes: got '0', expected a whole number from 1 to 1000000000");
  refused(MUONLAB_MEMORY, "--model cnn --width 256 --batch-size 257",
          "--batch-size: got 257 images for --width 256, expected at most 256, with which a step "
          "holds 1 GB");
  refused(MUONLAB_SADDLE, "--start 1.5",
          "--start: got '1.5', expected a number of float32 from 0 to 1");
}

}  // namespace
}  // namespace muonlab::test
