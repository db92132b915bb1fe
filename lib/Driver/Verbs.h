//===- Verbs.h - the verbs of the command line ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each verb adds its subcommand to the parser and, when it is the one chosen, sets the
// action that does its work. main.cpp runs the action and turns its error into a message
// and an exit code.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_VERBS_H
#define OPTC_DRIVER_VERBS_H

#include "lib/Driver/Session.h"
#include "lib/Support/Errors.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace optc::driver {

using Action = std::function<Error()>;

// In OptcCompileVerbs, with the compiler:
/// The whole command: parses, runs the verb, prints its error, returns the exit code.
int runCommand(int argc, char **argv);
void addBuild(CLI::App &app, Action &action);
/// What `optc run MODEL.onnx` does first.
Error compileForHost(const std::string &path, const SessionOptions &session, int &fd);
void addCheck(CLI::App &app, Action &action);
void addCompare(CLI::App &app, Action &action);

/// With a compiler, they take .onnx files, too.
void addRun(CLI::App &app, Action &action, const ModelCompiler &compiler = {});
void addBench(CLI::App &app, Action &action, const ModelCompiler &compiler = {});
/// With decoders that keep their caches.
void addGenerate(CLI::App &app, Action &action);
void addInspect(CLI::App &app, Action &action);
void addExplain(CLI::App &app, Action &action);

/// Gives every option with a long name, of the app and its subcommands, an environment variable:
/// OPTC_OUTPUT_DIR for --output-dir.
void bindEnvironment(CLI::App &app);

/// --max-memory, for the verbs that compile; 0 stays what is not given.
void addMemoryOption(CLI::App &verb, uint64_t &bytes);

/// The text for a terminal: names of models can hold anything, but no control character except
/// the end of a line leaves.
std::string printable(std::string text);

/// Prints an error as one line on stderr and returns the exit code.
int report(const Error &error);

/// The arguments with "build" in front where no verb is named: `optc MODEL.onnx`.
std::vector<char *> withDefaultVerb(const CLI::App &app, int argc, char **argv);

/// Fails if the first argument is neither an option nor a verb and cannot be a file.
Error checkVerb(const CLI::App &app, int argc, char **argv);

/// Parses the command line and runs the chosen action; returns the exit code. No exception
/// leaves it.
int runCommandLine(CLI::App &app, Action &action, int argc, char **argv);

} // namespace optc::driver

#endif // OPTC_DRIVER_VERBS_H
