//===- Explain.cpp - optc explain -----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints what an error id means and what to do, or the list of all.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Verbs.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace optc::driver {

static void print(const ErrorInfo &info) {
  std::printf("%s (exit code %d)\n  %s\n  %s\n", errorId(info.code).c_str(), info.exitCode,
              info.meaning, info.action);
}

/// The number in "OPTC-E7005", "E7005" or "7005"; -1 when there is none.
static int numberOf(const std::string &id) {
  size_t digits = id.find_first_of("0123456789");
  if (digits == id.npos || id.size() - digits > 4 ||
      id.find_first_not_of("0123456789", digits) != id.npos)
    return -1;
  return std::stoi(id.substr(digits));
}

static Error explain(const std::string &id) {
  if (id.empty()) {
    size_t count;
    const ErrorInfo *all = errorTable(count);
    for (size_t i = 0; i < count; ++i)
      print(all[i]);
    return Error();
  }
  const ErrorInfo *info = findError(numberOf(id));
  if (!info)
    return Error(E102, "there is no error '" + id + "'; `optc explain` lists all");
  print(*info);
  return Error();
}

void addExplain(CLI::App &app, Action &action) {
  auto id = std::make_shared<std::string>();
  CLI::App *verb = app.add_subcommand("explain", "tell what an error means and what to do");
  verb->footer("Examples:\n"
               "  optc explain OPTC-E7005     (E7005 and 7005 will do)\n"
               "  optc explain                all errors");
  verb->add_option("id", *id, "error id, OPTC-E7005; without one, all are listed");
  verb->callback([id, &action] { action = [id] { return explain(*id); }; });
}

} // namespace optc::driver
