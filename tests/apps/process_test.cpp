// What apps make of a process that was set up badly for them: closed standard files, limits on the
// size of files, signals that are ignored.
#include "apps/kit/process.h"

#include <csignal>
#include <fstream>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "apps/kit/main.h"
#include "muonlab/core/error.h"
#include "muonlab/core/shape.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

const std::string compare = MUONLAB_MNIST_COMPARE;
const std::string small = mini + "--optimizers sgd --epochs 1 --batch-size 5000 ";

/// Each line of a file is a JSON value.
void check_lines(const Folder& folder, const std::string& file) {
  std::istringstream lines(folder.read(file));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(nlohmann::json::accept(line));
  }
  CHECK(count == 3);  // whose they are, and both steps
}

TEST_CASE("with closed standard files nothing that is printed gets into a file") {
  const Folder folder;
  const std::string error = "error: cannot write to standard output\n";
  for (const std::string closed : {">&-", "2>&-", "<&- >&- 2>&-"}) {
    CAPTURE(closed);
    const Outcome run = run_app(folder, compare,
                                small + "--out out --telemetry 2 --checkpoint kept " + closed +
                                    "; rc=$?; rm -r "
                                    "kept; exit $rc");
    const bool has_output = closed.find(" >") == std::string::npos && closed[0] != '>';
    CHECK(run.status == (has_output ? 0 : 1));
    CHECK(run.error == (closed == ">&-" ? error : ""));
    check_lines(folder, "out/telemetry.jsonl");
    CHECK(folder.read("out/report.html").ends_with("</html>\n"));
  }
  const auto leaves = [&](const std::string& app, const std::string& arguments,
                          const std::string& file, const std::string& end) {
    CAPTURE(app);
    const Outcome run = run_app(folder, app, arguments + " <&- >&-");
    CHECK(run.status == 1);
    CHECK(run.error == error);
    CHECK(folder.read(file).ends_with(end));
  };
  leaves(MUONLAB_REPORT, "out --out page.html", "page.html", "</html>\n");
  leaves(MUONLAB_MEMORY, "--parameters 7B --out memory", "memory/report.html", "</html>\n");
  leaves(MUONLAB_ORTHOGONALIZE, "--example spectrum --out matrix", "matrix/report.html",
         "</html>\n");
  leaves(MUONLAB_SWEEP,
         "mnist " + mini +
             "--batch-sizes 9000 --optimizers sgd --rates sgd=0.1 "
             "--out sweep",
         "sweep/sweep.json", "}\n");
}

TEST_CASE("a signal that was ignored when the program began is ignored") {
  const Folder folder;
  const std::string command = "trap '' INT HUP; exec '" + compare + "' " + mini +
                              "--optimizers sgd --epochs 3 --checkpoint kept --quiet";
  Process process(folder, "/bin/sh", {"-c", command});
  wait_until([&] { return folder.names("kept").size() > 1; });
  for (const int signal : {SIGINT, SIGHUP}) process.send(signal);
  CHECK(process.wait() == 0);
  CHECK(folder.read("stderr").empty());
}

TEST_CASE("where the system has no more memory, there is some while the exception is on its way") {
  REQUIRE(app::prepare_process());
  Index pages = 0;  // of the address space that is in use
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  rlimit all_in_use = before;
  all_in_use.rlim_cur = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE));
  setrlimit(RLIMIT_AS, &all_in_use);
  constexpr std::size_t size = 8'000'000;
  const std::unique_ptr<char[]> wanted(new (std::nothrow) char[size]);  // its failure gives back
  const std::unique_ptr<char[]> needed(new (std::nothrow) char[size]);
  const std::unique_ptr<char[]> more(new (std::nothrow) char[4 * size]);
  setrlimit(RLIMIT_AS, &before);
  std::set_new_handler(nullptr);
  std::signal(SIGXFSZ, SIG_DFL);  // what later tests start inherits it
  CHECK(!wanted);
  CHECK(needed);
  CHECK(!more);
}

TEST_CASE("a comparison none of whose checkpoints could be written ends with an error") {
  const Folder folder;
  const std::string failed =
      "warning: cannot write kept/000001.safetensors: File too large; there is no checkpoint yet\n";
  const Outcome run =
      run_shell(folder, "ulimit -f 500; '" + compare + "' " + small + "--checkpoint kept");
  CHECK(run.status == 1);
  CHECK(run.error == failed + failed + "error: no checkpoint could be written into kept\n");
  CHECK(run.out.find("\nsgd ") != std::string::npos);
  CHECK(folder.names("kept").empty());
}

TEST_CASE("memory that is used up while input is read is no fault of the input") {
  const auto status_of = [](const auto& thrown) {
    const auto prepare = [&thrown]() -> int { throw thrown; };
    const int status = app::run_app(prepare, [](int) { return 0; });
    std::set_new_handler(nullptr);
    std::signal(SIGXFSZ, SIG_DFL);
    return status;
  };
  CHECK(status_of(Error("a test: the input is wrong")) == 2);
  CHECK(status_of(MemoryError("a test: memory is used up")) == 1);
  CHECK(status_of(std::bad_alloc()) == 1);
}

}  // namespace
}  // namespace muonlab::test
