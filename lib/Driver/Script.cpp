//===- Script.cpp - a command that judges artifacts -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Script.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Script.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace optc::driver {

TemporaryFile::~TemporaryFile() { (void)std::remove(path.c_str()); }

namespace {
/// A process whose output is read.
class Process {
public:
  ~Process();
  /// 0, or what errno would be.
  int start(const std::vector<std::string> &words);
  /// All that it printed; at most the last bytes that count.
  std::string read() const;
  /// How it ended: "" if well.
  std::string wait();

private:
  pid_t id = -1;
  int output = -1;
};
} // namespace

Process::~Process() {
  if (output >= 0)
    close(output);
  if (id > 0)
    (void)wait();
}

int Process::start(const std::vector<std::string> &words) {
  std::vector<char *> arguments;
  for (const std::string &word : words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return errno;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  int code = posix_spawnp(&id, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  output = ends[0];
  if (code != 0)
    id = -1;
  return code;
}

std::string Process::read() const {
  constexpr size_t kept = 4096;
  std::string text;
  char buffer[kept];
  for (;;) {
    ssize_t count = ::read(output, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return text;
    text.append(buffer, static_cast<size_t>(count));
    if (text.size() > 2 * kept)
      text.erase(0, text.size() - kept);
  }
}

std::string Process::wait() {
  int status = 0;
  while (waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  id = -1;
  if (WIFSIGNALED(status))
    return "it ended by signal " + std::to_string(WTERMSIG(status));
  int code = WEXITSTATUS(status);
  return code == 0 ? "" : "it ended with exit code " + std::to_string(code);
}

/// The last line that is not empty.
static std::string lastLineOf(const std::string &text) {
  std::istringstream lines(text);
  std::string line, last;
  while (std::getline(lines, line))
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      last = line;
  return last;
}

static bool isNumber(const std::string &line, double &number) {
  char *end = nullptr;
  number = std::strtod(line.c_str(), &end);
  bool isRead = end != line.c_str();
  return isRead && std::strspn(end, " \t\r") == std::strlen(end) && std::isfinite(number);
}

Error runScript(const std::string &command, const std::string &artifact, double &score) {
  auto fail = [&](const std::string &what) {
    return Error(E8006, "--script '" + command + "': " + what);
  };
  std::istringstream stream(command);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  if (words.empty())
    return fail("there is no command in it");
  words.push_back(artifact);
  Process process;
  if (int code = process.start(words))
    return fail("cannot run '" + words.front() + "': " + std::strerror(code));
  std::string line = lastLineOf(process.read());
  if (std::string ended = process.wait(); !ended.empty())
    return fail(ended);
  if (!isNumber(line, score))
    return fail(line.empty() ? "it printed nothing, and its last line is to be a number"
                             : "its last line is to be a number, and not '" + line + "'");
  return {};
}

} // namespace optc::driver
