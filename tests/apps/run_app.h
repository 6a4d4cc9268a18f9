#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/folder.h"

/// Apps run as a user runs them.
namespace muonlab::test {

/// The small data set that comes with the source, as an argument.
inline const std::string mini = "--data '" + std::string(MUONLAB_SOURCE_DIR) + "/data/mini' ";

struct Outcome {
  int status;
  std::string out;
  std::string error;
};

/// What a shell makes of `command`, in the folder; DIR stands for the folder's path in it and in
/// the outcome.
inline Outcome run_shell(const Folder& folder, const std::string& command) {
  const std::string path = folder.path.string();
  const int status = std::system(fmt::format("cd '{0}' && DIR='{0}' && {{ {1} ; }} "
                                             ">'{0}/stdout' 2>'{0}/stderr'",
                                             path, command)
                                     .c_str());
  return {WEXITSTATUS(status), folder.read("stdout"), folder.read("stderr")};
}

inline Outcome run_app(const Folder& folder, const std::string& app, const std::string& arguments) {
  return run_shell(folder, fmt::format("'{}' {}", app, arguments));
}

/// What the app prints; checks that all is well.
inline std::string printed(const std::string& app, const std::string& arguments) {
  const Folder folder;
  const Outcome run = run_app(folder, app, arguments);
  CAPTURE(arguments);
  CHECK(run.error.empty());
  CHECK(run.status == 0);
  return run.out;
}

/// Each of these ends in one line on stderr and exit status 2, before anything is trained.
inline void check_refused(const Folder& folder, const std::string& app,
                          const std::string& arguments, const std::string& message) {
  const Outcome run = run_app(folder, app, arguments);
  CAPTURE(arguments);
  CHECK(run.error == "error: " + message + "\n");
  CHECK(run.status == 2);
  CHECK(run.out.empty());
}

/// What an app whose only file is a page does with --out: it prints as without it and names the
/// page last, leaves nothing else there, and says in a line what it cannot write.
inline void check_leaves_page(const std::string& app, const std::string& arguments) {
  CAPTURE(arguments);
  const Folder folder;
  const Outcome run = run_app(folder, app, arguments + " --out new/out");
  CHECK(run.status == 0);
  CHECK(run.error.empty());
  CHECK(run.out == printed(app, arguments) + "\nnew/out/report.html\n");
  CHECK(folder.names("new/out") == std::vector<std::string>{"report.html"});
  CHECK(folder.read("new/out/report.html").ends_with("</html>\n"));

  folder.write("file", "");
  const Outcome unwritable = run_app(folder, app, arguments + " --out file/out");
  CHECK(unwritable.status == 1);
  CHECK(unwritable.out.empty());  // it is said before anything is computed
  CHECK(unwritable.error == "error: cannot make the folder file/out: Not a directory\n");
  check_refused(folder, app, "--out ''", "--out: a value is needed");
}

/// What must have the same bits however often a run was stopped: the losses and accuracies in
/// DIR/NAME/results.json, with all their digits.
inline std::string figures(const Folder& folder, const std::string& name) {
  const auto json = nlohmann::json::parse(folder.read(name + "/results.json"));
  REQUIRE(!json["runs"].empty());
  std::string text;
  for (const auto& run : json["runs"]) {
    text += run["optimizer"].get<std::string>() + ' ' + run["seed"].dump();
    for (const auto& epoch : run["epochs"]) {
      for (const char* measure : {"loss", "test_loss", "test_accuracy"}) {
        text += ' ' + epoch[measure].dump();
      }
    }
    text += '\n';
  }
  return text;
}

/// Waits until `condition` holds; fails when that takes a minute.
template <class Condition>
void wait_until(const Condition& condition) {
  for (int i = 0; !condition(); ++i) {
    REQUIRE(i < 30'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// A program that runs in the folder, beside the test; ended with it.
class Process {
 public:
  /// Returns when the program itself runs, with stdout and stderr anew in files of these names.
  Process(const Folder& folder, const std::string& app, std::vector<std::string> words) {
    words.insert(words.begin(), app);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder.path.c_str());
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "stdout", flags, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "stderr", flags, 0600);
    // The tests may run in the background of a script, which ignores some.
    sigset_t heeded;
    sigemptyset(&heeded);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&heeded, signal);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigdefault(&attributes, &heeded);
    const int problem =
        posix_spawn(&pid_, app.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(problem == 0);
  }
  ~Process() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void send(int signal) const {
    REQUIRE(pid_ > 0);
    kill(pid_, signal);
  }

  /// The exit status, or 128 + the signal that ended it, as shells have it.
  int wait() {
    REQUIRE(pid_ > 0);
    int status = 0;
    waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_ = 0;  // 0: it has been waited for
};

}  // namespace muonlab::test
