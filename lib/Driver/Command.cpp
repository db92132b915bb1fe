//===- Command.cpp - the command optc ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of verbs. What they do is in their own files.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/ConfigFile.h"
#include "lib/Driver/Verbs.h"
#include "optc/runtime.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace optc::driver {

int runCommand(int argc, char **argv) {
  CLI::App app("optc compiles ONNX models ahead of time, packs them into one file and runs them.",
               "optc");
  app.set_version_flag("--version", optc_version());
  const char *config = std::getenv("OPTC_CONFIG");
  app.set_config("--config", config ? config : "",
                 "TOML or JSON file with values of options, a section per verb (or OPTC_CONFIG)",
                 /*config_required=*/config != nullptr);
  app.config_formatter(std::make_shared<ConfigFile>());
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.require_subcommand(0, 1);

  Action action;
  addBuild(app, action);
  addCheck(app, action);
  addRun(app, action, compileForHost);
  addBench(app, action, compileForHost);
  addGenerate(app, action);
  addCompare(app, action);
  addInspect(app, action);
  addExplain(app, action);
  // After the verbs, which would inherit it.
  app.footer(
      "`optc VERB --help` shows the options of a verb. Each can be given as a variable, too\n"
      "(OPTC_THREADS=1 for --threads 1), or in a file for --config, in a section of the verb's "
      "name:\n"
      "[bench] threads = 1 (TOML), {\"bench\": {\"threads\": 1}} (JSON).\n"
      "Exit codes: 0 ok, 1 internal error, 2 wrong usage or input, 3 unsupported model,\n"
      "4 accuracy gate, 5 size or performance gate, 6 damaged artifact, 7 budget.\n"
      "`optc explain ID` tells what an error means and what to do.");
  bindEnvironment(app);
  if (optc::Error error = checkVerb(app, argc, argv))
    return report(error);
  std::vector<char *> arguments = withDefaultVerb(app, argc, argv);
  return runCommandLine(app, action, arguments.size(), arguments.data());
}

} // namespace optc::driver
