//===- CommandServer.cpp - the command optc, many times a second ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Half of the time of a short compile is the start: loading LLVM, filling ONNX's tables. Tests that
// run thousands of commands have them forked from one process that has started:
//
//   CommandServer SECONDS MEGABYTES [ARGUMENT...]     ARGUMENTs: a command to run first, for warmth
//
// Reads commands from stdin, a line each, arguments apart by tabs. Answers each with a line "code
// seconds megabytes bytes" and that many bytes, what the command printed. The code is the exit
// code, or the negative signal. A command may use so many seconds of CPU, and of address space so
// many megabytes more than the server.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Verbs.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

static int run(std::string line) {
  static char name[] = "optc";
  std::vector<char *> arguments = {name};
  for (size_t begin = 0; begin <= line.size();) {
    size_t end = std::min(line.find('\t', begin), line.size());
    arguments.push_back(line.data() + begin);
    if (end < line.size())
      line[end] = '\0';
    begin = end + 1;
  }
  return optc::driver::runCommand(int(arguments.size()), arguments.data());
}

static void limit(unsigned seconds, size_t megabytes) {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlim_t addresses = pages * sysconf(_SC_PAGESIZE) + (rlim_t(megabytes) << 20);
  rlimit cpu = {seconds, seconds + 1}, memory = {addresses, addresses}, none = {0, 0};
  setrlimit(RLIMIT_CPU, &cpu);
  setrlimit(RLIMIT_AS, &memory);
  setrlimit(RLIMIT_CORE, &none);
  alarm(20 * seconds); // waiting for what never comes takes no CPU
}

static std::string contentsOf(int file) {
  std::string text(size_t(lseek(file, 0, SEEK_END)), '\0');
  ssize_t count = pread(file, text.data(), text.size(), 0);
  text.resize(size_t(std::max<ssize_t>(count, 0)));
  return text;
}

int main(int argc, char **argv) {
  if (argc < 3)
    return 2;
  unsigned seconds = unsigned(std::strtoul(argv[1], nullptr, 10));
  size_t megabytes = size_t(std::strtoull(argv[2], nullptr, 10));
  std::string warm;
  for (int i = 3; i < argc; ++i)
    warm += (i > 3 ? "\t" : "") + std::string(argv[i]);
  if (!warm.empty() && run(warm) != 0)
    return 1;
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    int output = memfd_create("output", MFD_CLOEXEC);
    pid_t child = fork();
    if (child == 0) {
      dup2(output, STDOUT_FILENO);
      dup2(output, STDERR_FILENO);
      limit(seconds, megabytes);
      int code = run(line);
      std::fflush(nullptr);
      _exit(code);
    }
    int status = 0;
    rusage usage = {};
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
      return 1;
    double used = double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                  double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    std::string text = contentsOf(output);
    close(output);
    std::printf("%d %.3f %ld %zu\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
                used, usage.ru_maxrss >> 10, text.size());
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }
  return 0;
}
