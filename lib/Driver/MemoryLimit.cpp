//===- MemoryLimit.cpp - an end to what compiling may take ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See MemoryLimit.h. A thread reads /proc/self/status 40 times a second, in which a process can
// take some hundred megabytes: the default leaves a quarter of the machine.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/MemoryLimit.h"
#include "lib/Support/Errors.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace optc::driver {

/// The number behind a name in a file like /proc/meminfo, in bytes; 0 without.
static uint64_t kilobytesIn(std::istream &file, std::initializer_list<const char *> names) {
  uint64_t total = 0;
  for (std::string line; std::getline(file, line);)
    for (const char *name : names)
      if (line.rfind(name, 0) == 0)
        total += std::strtoull(line.c_str() + std::char_traits<char>::length(name), nullptr, 10)
                 << 10;
  return total;
}

/// The least limit of a control group and those around it.
static uint64_t limitOfGroup(const std::string &root, std::string group, const char *file) {
  uint64_t least = UINT64_MAX;
  while (true) {
    std::ifstream stream(root + group + "/" + file);
    if (uint64_t limit; stream >> limit) // "max" is no number
      least = std::min(least, limit);
    if (group.empty() || group == "/")
      return least;
    group.erase(group.find_last_of('/'));
  }
}

uint64_t defaultMemoryLimit() {
  std::ifstream machine("/proc/meminfo");
  uint64_t total = kilobytesIn(machine, {"MemTotal:"});
  if (!total)
    total = UINT64_MAX;
  std::ifstream groups("/proc/self/cgroup"); // "4:memory:/a/b", or "0::/a/b" of version 2
  for (std::string line; std::getline(groups, line);) {
    size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == line.npos)
      continue;
    std::string controllers = line.substr(first + 1, second - first - 1),
                group = line.substr(second + 1);
    if (controllers.empty())
      total = std::min(total, limitOfGroup("/sys/fs/cgroup", group, "memory.max"));
    else if (controllers == "memory")
      total =
          std::min(total, limitOfGroup("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
  }
  return total / 4 * 3;
}

/// Memory that is of this process alone, in bytes.
static uint64_t ownMemory() {
  std::ifstream status("/proc/self/status");
  return kilobytesIn(status, {"RssAnon:", "RssShmem:", "VmSwap:"});
}

static std::string sizeText(uint64_t bytes) {
  char text[32];
  double megabytes = double(bytes) / (1 << 20);
  bool isLarge = megabytes >= 1024;
  std::snprintf(text, sizeof(text), isLarge ? "%.1f GB" : "%.0f MB",
                isLarge ? megabytes / 1024 : megabytes);
  return text;
}

/// Needs no memory. Other threads go on meanwhile: nothing of them is waited for.
[[noreturn]] static void endProgram(const std::string &message) {
  constexpr char clearLine[] = "\r\033[K"; // of the progress
  ssize_t written = 0;
  if (isatty(STDERR_FILENO))
    written = write(STDERR_FILENO, clearLine, sizeof(clearLine) - 1);
  written = write(STDERR_FILENO, message.data(), message.size());
  (void)written;
  constexpr int budget = 7;
  _exit(budget);
}

struct MemoryLimit::Watch {
  uint64_t limit = 0;
  std::string beyondLimit; // messages, made while there is memory
  static std::string noMemory;
  std::new_handler newHandler = nullptr;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable done;
  bool isDone = false;

  void run() {
    constexpr auto interval = std::chrono::milliseconds(25);
    std::unique_lock<std::mutex> lock(mutex);
    do {
      if (ownMemory() > limit)
        endProgram(beyondLimit);
    } while (!done.wait_for(lock, interval, [&] { return isDone; }));
  }
};

std::string MemoryLimit::Watch::noMemory;

MemoryLimit::MemoryLimit(uint64_t bytes, const std::string &task)
    : watch(std::make_unique<Watch>()) {
  watch->limit = bytes ? bytes : defaultMemoryLimit();
  watch->beyondLimit = "error: " + errorId(E5002) + ": " + task + " takes more than the " +
                       sizeText(watch->limit) + (bytes ? "" : " (three quarters of the memory)") +
                       " that --max-memory allows; give more if the model is that large: a damaged "
                       "one can ask for any size\n";
  Watch::noMemory = "error: " + errorId(E1091) + ": " + task + " takes more memory than there is\n";
  watch->newHandler = std::set_new_handler([] { endProgram(Watch::noMemory); });
  llvm::install_bad_alloc_error_handler(
      [](void *, const char *, bool) { endProgram(Watch::noMemory); });
  try {
    watch->thread = std::thread([watch = watch.get()] { watch->run(); });
  } catch (const std::system_error &) {
    // A system that has no room for a thread denies memory, too.
  }
}

MemoryLimit::~MemoryLimit() {
  {
    std::lock_guard<std::mutex> lock(watch->mutex);
    watch->isDone = true;
  }
  watch->done.notify_one();
  if (watch->thread.joinable())
    watch->thread.join();
  llvm::remove_bad_alloc_error_handler();
  std::set_new_handler(watch->newHandler);
}

} // namespace optc::driver
