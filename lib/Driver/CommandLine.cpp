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
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <new>
#include <numeric>
#include <sys/stat.h>

namespace optc::driver {

void bindEnvironment(CLI::App &app) {
  for (CLI::Option *option : app.get_options()) {
    if (option->get_lnames().empty() || option == app.get_help_ptr() ||
        option == app.get_config_ptr() || option->check_lname("version"))
      continue;
    std::string name = "OPTC_";
    for (char c : option->get_lnames().front())
      name += c == '-' ? '_' : char(std::toupper(static_cast<unsigned char>(c)));
    option->envname(name);
  }
  for (CLI::App *sub : app.get_subcommands(nullptr))
    bindEnvironment(*sub);
}

void addMemoryOption(CLI::App &verb, uint64_t &bytes) {
  verb.add_option(
          "--max-memory", bytes,
          "memory that compiling may take, for example 8G or 512M; more ends with exit code 7 "
          "(default: three quarters of the machine's, or of the control group's)")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->check([](const std::string &size) { return size == "0" ? "it must be more than 0" : ""; });
}

static bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string printable(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return isControl(c) && c != '\n'; }, ' ');
  return text;
}

/// One line of at most 400 characters.
static std::string oneLine(std::string message) {
  constexpr size_t limit = 400;
  std::replace_if(message.begin(), message.end(), isControl, ' ');
  return message.size() <= limit ? message : message.substr(0, limit) + "...";
}

int report(const Error &error) {
  if (!error)
    return 0;
  std::fprintf(stderr, "error: %s: %s\n", errorId(error.code).c_str(),
               oneLine(error.message).c_str());
  const ErrorInfo *info = findError(error.code);
  return info ? info->exitCode : 1;
}

/// The first argument behind --config: a verb, or a model or an option of the default one.
static int firstArgument(int argc, char **argv) {
  int i = 1;
  while (i < argc && std::string_view(argv[i]).substr(0, 8) == "--config")
    i += std::strlen(argv[i]) == 8 ? 2 : 1; // its value may be behind '='
  return std::min(i, argc);
}

static std::vector<std::string> verbsOf(const CLI::App &app) {
  std::vector<std::string> names;
  for (const CLI::App *verb : app.get_subcommands([](const CLI::App *) { return true; }))
    names.push_back(verb->get_name());
  return names;
}

static bool contains(const std::vector<std::string> &names, const std::string &name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<char *> withDefaultVerb(const CLI::App &app, int argc, char **argv) {
  static char build[] = "build";
  std::vector<char *> arguments(argv, argv + argc);
  int first = firstArgument(argc, argv);
  if (first < argc && !contains(verbsOf(app), argv[first]) &&
      !contains({"--help", "-h", "--version"}, argv[first]))
    arguments.insert(arguments.begin() + first, build);
  return arguments;
}

/// How many letters to change, add or leave out to make b of a.
static size_t editDistance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row.back();
}

/// "; did you mean 'check'?", or nothing if no name is like the word.
static std::string suggestion(const std::string &word, const std::vector<std::string> &names) {
  constexpr size_t mostChanges = 2;
  std::string best;
  size_t least = std::min(mostChanges, word.size() / 2) + 1;
  for (const std::string &name : names)
    if (size_t distance = editDistance(word, name); distance < least) {
      least = distance;
      best = name;
    }
  return best.empty() ? "" : "; did you mean '" + best + "'?";
}

Error checkVerb(const CLI::App &app, int argc, char **argv) {
  int first = firstArgument(argc, argv);
  std::string word = first < argc ? argv[first] : "";
  std::vector<std::string> verbs = verbsOf(app);
  struct stat info;
  bool mayBeModel = word.empty() || word[0] == '-' || word.find_first_of("./") != word.npos ||
                    stat(word.c_str(), &info) == 0;
  if (mayBeModel || contains(verbs, word))
    return {};
  return {E102, "there is no verb and no file '" + word + "'" + suggestion(word, verbs)};
}

/// The message of an option nobody knows, with one that is like it.
static std::string unknownOption(const CLI::App &app, const CLI::ParseError &error) {
  std::string message = error.what();
  size_t dashes = message.find("--");
  const auto parsed = app.get_subcommands();
  if (dashes == message.npos || parsed.empty())
    return message;
  std::string word = message.substr(dashes, message.find_first_of(" =", dashes) - dashes);
  std::vector<std::string> names;
  for (const CLI::Option *option : parsed.front()->get_options())
    for (const std::string &name : option->get_lnames())
      names.push_back("--" + name);
  return message + suggestion(word, names);
}

int runCommandLine(CLI::App &app, Action &action, int argc, char **argv) {
  try {
    app.parse(argc, argv);
    if (!action)
      return report(Error(E102, "nothing to do; see optc --help"));
    return report(action());
  } catch (const CLI::Success &stop) { // --help and --version
    return app.exit(stop);
  } catch (const CLI::ExtrasError &error) {
    return report(Error(E102, unknownOption(app, error)));
  } catch (const CLI::ParseError &error) {
    return report(Error(E102, error.what()));
  } catch (const std::bad_alloc &) {
    return report(Error(E7008, "not enough memory"));
  } catch (const std::exception &error) {
    return report(Error(E9001, error.what()));
  }
}

} // namespace optc::driver
