// What an app writes on a terminal.
#include "apps/kit/terminal.h"

#include <array>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

/// What a shell's command writes, in the folder, when standard output is a terminal.
std::string on_terminal(const Folder& folder, const std::string& command) {
  int terminal = -1;
  const std::string all = fmt::format("cd '{}' && {}", folder.path.string(), command);
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(child >= 0);
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", all.c_str(), nullptr);
    _exit(127);
  }
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t size = 0; (size = read(terminal, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
  close(terminal);
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  return text;
}

TEST_CASE("a progress bar is drawn where the terminal obeys escapes, and only there") {
  const Folder folder;
  const std::string image(3073, '\0');
  for (const char* name : {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                           "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"}) {
    folder.write(name, image);
  }
  const std::string command = fmt::format(
      " '{}' --data . --optimizers sgd --epochs 1 --batch-size 5 --width 1", MUONLAB_CIFAR_COMPARE);
  CHECK(on_terminal(folder, "env TERM=xterm" + command).find("\r\x1b[K") != std::string::npos);
  for (const std::string other : {"env TERM=dumb", "env TERM=", "env -u TERM"}) {
    CAPTURE(other);
    const std::string text = on_terminal(folder, other + command);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("epoch 1/1  loss ") != std::string::npos);
  }
}

TEST_CASE("an excerpt is short, whole characters, and harmless") {
  CHECK(app::excerpt("") == "''");
  CHECK(app::excerpt("0x10") == "'0x10'");
  CHECK(app::excerpt("12345678901234567890") == "'12345678901234567890'");
  CHECK(app::excerpt("123456789012345678901") == "'12345678901234567890...'");
  CHECK(app::excerpt("1234567890123456789éé") == "'1234567890123456789...'");
  CHECK(app::excerpt("\x1b[2J") == "bytes that are no text");
  CHECK(app::excerpt("\xFF") == "bytes that are no text");
}

}  // namespace
}  // namespace muonlab::test
