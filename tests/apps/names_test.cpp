// Names that are none: what is said of them, and what may have been meant.
#include "apps/kit/names.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

void refused(const std::string& app, const std::string& words, const std::string& message) {
  const Folder folder;
  check_refused(folder, app, words, message);
}

TEST_CASE("an edit inserts, leaves out, replaces a letter, or swaps two") {
  CHECK(app::edit_distance("", "") == 0);
  CHECK(app::edit_distance("muon", "muon") == 0);
  CHECK(app::edit_distance("", "sgd") == 3);
  CHECK(app::edit_distance("adam", "adamw") == 1);
  CHECK(app::edit_distance("batchsize", "batch-size") == 1);
  CHECK(app::edit_distance("moun", "muon") == 1);
  CHECK(app::edit_distance("orthogonalise", "orthogonalize") == 1);
  CHECK(app::edit_distance("kitten", "sitting") == 3);
  CHECK(app::edit_distance("ca", "abc") == 3);  // what was swapped stays as it is
}

TEST_CASE("the nearest name is suggested, and none that is far") {
  const std::vector<std::string> names = {"muon", "hybrid", "adamw", "sgd", "polar_express"};
  CHECK(app::suggestion("adam", names) == "; did you mean adamw?");
  CHECK(app::suggestion("MUON", names) == "; did you mean muon?");
  CHECK(app::suggestion("sdg", names) == "; did you mean sgd?");
  CHECK(app::suggestion("polar-expres", names) == "; did you mean polar_express?");
  CHECK(app::suggestion("polar", names) == "; did you mean polar_express?");
  CHECK(app::suggestion("lion", names).empty());
  CHECK(app::suggestion("po", names).empty());
  CHECK(app::suggestion("", names).empty());
  CHECK(app::suggestion(std::string(1'000'000, 'm'), names).empty());
  CHECK(app::suggestion("gpu", {"cpu", "cuda"}).empty());
}

TEST_CASE("an unknown option is named, not its value, with the one that was meant") {
  const std::string help = " (--help shows what there is)";
  refused(MUONLAB_MNIST_COMPARE, "--epochs 3 --batchsize 3",
          "unknown option --batchsize; did you mean --batch-size?");
  refused(MUONLAB_MNIST_COMPARE, "--batchsize=3",
          "unknown option --batchsize; did you mean --batch-size?");
  refused(MUONLAB_MNIST_COMPARE, "-epochs 3", "unknown option -epochs; did you mean --epochs?");
  refused(MUONLAB_MNIST_COMPARE, "--optimizer sgd",
          "unknown option --optimizer; did you mean --optimizers?");
  refused(MUONLAB_MNIST_COMPARE, "--color 3 --epochs 3", "unknown option --color" + help);
  refused(MUONLAB_MNIST_COMPARE, "--\x1b[31m", "unknown option bytes that are no text" + help);
  refused(MUONLAB_MNIST_COMPARE, "--epochs 3 sgd", "unexpected argument 'sgd'" + help);
  refused(MUONLAB_SWEEP, "--batchsizes 3 mnist",
          "unknown option --batchsizes; did you mean --batch-sizes?");
  refused(MUONLAB_SADDLE, "--step 3", "unknown option --step; did you mean --steps?");
  refused(MUONLAB_REPORT, "here --ouput x", "unknown option --ouput; did you mean --out?");
}

TEST_CASE("of names that are one of a few, the nearest is suggested") {
  refused(MUONLAB_MNIST_COMPARE, "--optimizers adam",
          "--optimizers: got 'adam', expected muon, hybrid, adamw, sgd or another that --help "
          "lists; did you mean adamw?");
  refused(MUONLAB_MNIST_COMPARE, "--lr mun=0.1",
          "--lr: got 'mun', expected muon, hybrid, adamw, sgd or another that --help lists; did "
          "you mean muon?");
  refused(MUONLAB_MNIST_COMPARE, "--precision float",
          "--precision: got 'float', expected float32 or bfloat16; did you mean float32?");
  refused(MUONLAB_SWEEP, "cifar",
          "PROTOCOL: got 'cifar', expected mnist or cifar10; did you mean cifar10?");
  refused(MUONLAB_SADDLE, "--problem plain", "--problem: got 'plain', expected deep, plane or all");
  refused(MUONLAB_ORTHOGONALIZE, "--example spectra",
          "--example: got 'spectra', expected 2x2 or spectrum; did you mean spectrum?");
  refused(MUONLAB_ORTHOGONALIZE, "--set Cubic",
          "--set: got 'Cubic', expected standard, quintic, you6, polar_express, deepseek, cubic5, "
          "cubic, taylor or all; did you mean cubic?");
  refused(MUONLAB_MEMORY, "--model ccn",
          "--model: got 'ccn', expected mlp or cnn; did you mean cnn?");
}

TEST_CASE("./muonlab suggests the app that was meant") {
  const Folder folder;
  const auto error_of = [&folder](const std::string& words) {
    const Outcome run = run_app(folder, MUONLAB_SOURCE_DIR "/muonlab", words);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    return run.error;
  };
  CHECK(error_of("mnist-compare") ==
        "muonlab: no command or app is called 'mnist-compare'; did you mean mnist_compare?\n");
  CHECK(error_of("orthogonalise --steps 3") ==
        "muonlab: no command or app is called 'orthogonalise'; did you mean orthogonalize?\n");
  CHECK(error_of("tset") == "muonlab: no command or app is called 'tset'; did you mean test?\n");
  CHECK(error_of("cifar") ==
        "muonlab: no command or app is called 'cifar'; did you mean cifar_compare?\n");
  CHECK(error_of("serve") ==
        "muonlab: no command or app is called 'serve'; ./muonlab help lists them\n");
}

TEST_CASE("what may be said once is refused twice") {
  refused(MUONLAB_MNIST_COMPARE, "--lr muon=0.1 --lr muon=0.2",
          "--lr: muon is named more than once");
  refused(MUONLAB_MNIST_COMPARE, "--lr muon=0.1 sgd=1 muon=0.1",
          "--lr: muon is named more than once");
  refused(MUONLAB_MNIST_COMPARE, "--lr muon=0.1,muon=0.2",
          "--lr: the rate of muon must be a positive number, got '0.1,muon=0.2'");
  refused(MUONLAB_MNIST_COMPARE, "--optimizers sgd,muon --optimizers sgd",
          "--optimizers: sgd is named more than once");
  refused(MUONLAB_MNIST_COMPARE, "--epochs 3 --epochs 3", "--epochs: is given more than once");
  refused(MUONLAB_MNIST_COMPARE, "--out a --out b", "--out: is given more than once");
  refused(MUONLAB_MNIST_COMPARE, "--epochs", "--epochs: a value is needed");
  refused(MUONLAB_MNIST_COMPARE, "--out --quiet", "--out: a value is needed");
  refused(MUONLAB_MNIST_COMPARE, "--data=", "--data: a value is needed");
  refused(MUONLAB_MNIST_COMPARE, "--checkpoint ''", "--checkpoint: a value is needed");
  refused(MUONLAB_REPORT, "''", "DIR: a value is needed");
  refused(MUONLAB_MNIST_COMPARE, "--optimizers=", "--optimizers: a value is needed");
  refused(MUONLAB_SADDLE, "--lr adam=1 adam=1", "--lr: adam is named more than once");
  refused(MUONLAB_SWEEP, "mnist --batch-sizes 32,032", "--batch-sizes: 32 is named more than once");
  refused(MUONLAB_SWEEP, "mnist --rates muon=0.1,0.10", "--rates: muon has 0.10 more than once");
  refused(MUONLAB_ORTHOGONALIZE, "--set cubic,cubic", "--set: cubic is named more than once");
  refused(MUONLAB_REPORT, "here ./here/", "here: is named more than once");
}

}  // namespace
}  // namespace muonlab::test
