//===- Progress.cpp - progress of long work ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Progress.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Progress.h"

#include <cstdio>
#include <unistd.h>

using namespace optc::driver;

Progress::Progress(bool quiet)
    : visible(!quiet && isatty(STDERR_FILENO)), start(std::chrono::steady_clock::now()) {}

Progress::~Progress() { clear(); }

void Progress::stage(int index, int count, const std::string &name) {
  if (visible)
    std::fprintf(stderr, "\r\033[K[%d/%d] %3d %% %6.1f s  %s%s", index, count,
                 100 * (index - 1) / count, elapsedSeconds(), taskName.c_str(), name.c_str());
}

void Progress::note(const std::string &text) {
  clear();
  if (visible)
    std::fprintf(stderr, "%s\n", text.c_str());
}

void Progress::clear() {
  if (visible)
    std::fputs("\r\033[K", stderr);
}

double Progress::elapsedSeconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
