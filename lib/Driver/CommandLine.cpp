//===- CommandLine.cpp - parsing and reporting ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What all verbs share around their work: environment variables, messages, exit codes, and
// the end of every exception.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Verbs.h"

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <new>

namespace optc::driver {

void bindEnvironment(CLI::App &app) {
  for (CLI::Option *option : app.get_options()) {
    if (option->get_lnames().empty() || option == app.get_help_ptr() ||
        option == app.get_config_ptr())
      continue;
    std::string name = "OPTC_";
    for (char c : option->get_lnames().front())
      name += c == '-' ? '_' : char(std::toupper(static_cast<unsigned char>(c)));
    option->envname(name);
  }
  for (CLI::App *sub : app.get_subcommands(nullptr))
    bindEnvironment(*sub);
}

/// One line of at most 400 characters without control characters.
static std::string printable(const std::string &message) {
  constexpr size_t limit = 400;
  std::string text;
  for (char c : message)
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return text.size() <= limit ? text : text.substr(0, limit) + "...";
}

int report(const Error &error) {
  if (!error)
    return 0;
  std::fprintf(stderr, "error: %s: %s\n", errorId(error.code).c_str(),
               printable(error.message).c_str());
  const ErrorInfo *info = findError(error.code);
  return info ? info->exitCode : 1;
}

std::vector<char *> withDefaultVerb(const CLI::App &app, int argc, char **argv) {
  static char build[] = "build";
  std::vector<char *> arguments(argv, argv + argc);
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--help" || argument == "-h" || argument == "--version")
      return arguments;
    if (argument.empty() || argument[0] == '-')
      continue;
    for (const CLI::App *verb : app.get_subcommands([](const CLI::App *) { return true; }))
      if (verb->get_name() == argument)
        return arguments;
    break;
  }
  if (argc > 1)
    arguments.insert(arguments.begin() + 1, build);
  return arguments;
}

int runCommandLine(CLI::App &app, Action &action, int argc, char **argv) {
  try {
    app.parse(argc, argv);
    if (!action)
      return report(Error(E102, "nothing to do; see optc --help"));
    return report(action());
  } catch (const CLI::Success &stop) { // --help and --version
    return app.exit(stop);
  } catch (const CLI::ParseError &error) {
    return report(Error(E102, error.what()));
  } catch (const std::bad_alloc &) {
    return report(Error(E7008, "not enough memory"));
  } catch (const std::exception &error) {
    return report(Error(E9001, error.what()));
  }
}

} // namespace optc::driver
