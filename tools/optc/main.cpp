//===- main.cpp - the optc command ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of verbs. What they do is in lib/Driver.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/ConfigFile.h"
#include "lib/Driver/Verbs.h"
#include "optc/runtime.h"

#include <CLI/CLI.hpp>

using namespace optc::driver;

int main(int argc, char **argv) {
  CLI::App app("optc compiles ONNX models ahead of time, packs them into one file and runs them.",
               "optc");
  app.set_version_flag("--version", optc_version());
  app.set_config("--config", "", "TOML or JSON file with values of options, a section per verb");
  app.config_formatter(std::make_shared<ConfigFile>());
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.require_subcommand(0, 1);

  Action action;
  addBuild(app, action);
  addCheck(app, action);
  addRun(app, action);
  addBench(app, action);
  addCompare(app, action);
  addInspect(app, action);
  addExplain(app, action);
  bindEnvironment(app);
  std::vector<char *> arguments = withDefaultVerb(app, argc, argv);
  return runCommandLine(app, action, arguments.size(), arguments.data());
}
