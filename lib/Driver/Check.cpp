//===- Check.cpp - optc check ---------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints everything that stands in the way of a model: for people, as JSON, or as SARIF
// 2.1.0, which code hosts and editors show next to the file.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Compile.h"
#include "lib/Driver/MemoryLimit.h"
#include "lib/Driver/Verbs.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

using namespace optc;
using namespace optc::driver;

using Json = nlohmann::ordered_json;

namespace {
struct CheckArguments {
  std::string model, format = "text";
  CompileOptions compile;
  uint64_t maxMemory = 0;
};
} // namespace

static void print(const Json &json) {
  // Names are the model's: bad UTF-8 must not throw.
  std::printf("%s\n", json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

/// The distinct error ids, in order of their first finding.
static std::vector<ErrorCode> idsOf(const std::vector<CheckFinding> &findings) {
  std::vector<ErrorCode> ids;
  for (const CheckFinding &finding : findings)
    if (std::find(ids.begin(), ids.end(), finding.code) == ids.end())
      ids.push_back(finding.code);
  return ids;
}

static void printText(const CheckArguments &arguments, const CheckResult &result) {
  for (const CheckFinding &note : result.notes)
    std::printf("note: %s\n", printable(errorId(note.code) + ": " + note.reason).c_str());
  if (result.findings.empty()) {
    std::printf("%s: supported\n", arguments.model.c_str());
    return;
  }
  for (const CheckFinding &finding : result.findings) {
    std::string line = errorId(finding.code) + ": ";
    if (!finding.node.empty())
      line += finding.node + (finding.op.empty() ? "" : " (" + finding.op + ")") + ": ";
    std::printf("%s\n", printable(line + finding.reason).c_str());
  }
  if (result.notJudged)
    std::printf("%zu %s on these and could not be judged\n", result.notJudged,
                result.notJudged == 1 ? "node depends" : "nodes depend");
  for (ErrorCode id : idsOf(result.findings))
    std::printf("what to do about %s: %s\n", errorId(id).c_str(), findError(id)->action);
}

static Json toJson(const CheckFinding &finding) {
  return {{"node", finding.node},
          {"op", finding.op},
          {"id", errorId(finding.code)},
          {"reason", finding.reason},
          {"help", findError(finding.code)->action}};
}

static void printJson(const CheckResult &result) {
  Json findings = Json::array(), notes = Json::array();
  for (const CheckFinding &finding : result.findings)
    findings.push_back(toJson(finding));
  for (const CheckFinding &note : result.notes)
    notes.push_back(toJson(note));
  print({{"supported", result.findings.empty()},
         {"findings", findings},
         {"not_judged", result.notJudged},
         {"notes", notes}});
}

/// A path as the relative or absolute reference of RFC 3986.
static std::string uriOf(const std::string &path) {
  std::string uri;
  for (unsigned char c : path) {
    char text[8];
    std::snprintf(text, sizeof(text), "%%%02X", c);
    bool isPlain = c < 0x80 && (std::isalnum(c) || std::strchr("-._~/", c));
    uri += isPlain ? std::string(1, char(c)) : std::string(text);
  }
  return uri;
}

static Json sarifRule(ErrorCode id) {
  const ErrorInfo &info = *findError(id);
  return {{"id", errorId(id)},
          {"shortDescription", {{"text", info.meaning}}},
          {"help", {{"text", info.action}}},
          {"defaultConfiguration", {{"level", "error"}}}};
}

static Json sarifResult(const CheckFinding &finding, const char *level, size_t ruleIndex,
                        const std::string &uri) {
  Json location = {{"physicalLocation", {{"artifactLocation", {{"uri", uri}, {"index", 0}}}}}};
  if (!finding.node.empty())
    location["logicalLocations"] = Json::array({{{"name", finding.node},
                                                 {"fullyQualifiedName", finding.node},
                                                 {"kind", finding.op.empty() ? "value" : "node"}}});
  std::string text = finding.reason;
  if (!finding.op.empty())
    text = "node '" + finding.node + "' (" + finding.op + "): " + text;
  return {{"ruleId", errorId(finding.code)},
          {"ruleIndex", ruleIndex},
          {"level", level},
          {"message", {{"text", text}}},
          {"locations", Json::array({location})}};
}

static void printSarif(const CheckArguments &arguments, const CheckResult &result) {
  std::vector<CheckFinding> all = result.findings;
  all.insert(all.end(), result.notes.begin(), result.notes.end());
  std::vector<ErrorCode> ids = idsOf(all);
  std::string uri = uriOf(arguments.model);
  Json rules = Json::array(), results = Json::array();
  for (ErrorCode id : ids)
    rules.push_back(sarifRule(id));
  for (size_t i = 0; i < all.size(); ++i)
    results.push_back(sarifResult(all[i], i < result.findings.size() ? "error" : "note",
                                  std::find(ids.begin(), ids.end(), all[i].code) - ids.begin(),
                                  uri));
  Json run = {
      {"tool", {{"driver", {{"name", "optc"}, {"version", OPTC_VERSION}, {"rules", rules}}}}},
      {"artifacts", Json::array({{{"location", {{"uri", uri}}}}})},
      {"columnKind", "unicodeCodePoints"},
      {"results", results}};
  print({{"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                     "sarif-schema-2.1.0.json"},
         {"version", "2.1.0"},
         {"runs", Json::array({run})}});
}

static Error check(const CheckArguments &arguments) {
  CheckResult result;
  MemoryLimit limit(arguments.maxMemory, "checking '" + arguments.model + "'");
  Error whole = checkModel(arguments.model, arguments.compile, result);
  constexpr int unsupportedModel = 3;
  // A model that cannot be read is a finding, a file that is not there is none.
  if (whole && findError(whole.code)->exitCode != unsupportedModel)
    return whole;
  if (whole)
    result.findings.push_back({"", "", whole.code, whole.message});
  if (arguments.format == "json")
    printJson(result);
  else if (arguments.format == "sarif")
    printSarif(arguments, result);
  else if (!whole)
    printText(arguments, result);
  if (whole || result.findings.empty())
    return whole;
  size_t count = result.findings.size();
  return {E2001, "'" + arguments.model + "' is not supported, for " + std::to_string(count) +
                     (count == 1 ? " reason" : " reasons")};
}

void optc::driver::addCheck(CLI::App &app, Action &action) {
  CLI::App *verb =
      app.add_subcommand("check", "list every node of a model that optc can not compile");
  verb->footer("Examples:\n"
               "  optc check model.onnx\n"
               "  optc check model.onnx --format sarif > optc.sarif\n"
               "Exit code 0: the model is supported; 3: it is not.");
  auto arguments = std::make_shared<CheckArguments>();
  verb->add_option("model", arguments->model, "the ONNX model")->required();
  addTargetOption(*verb, arguments->compile);
  verb->add_option("--format", arguments->format, "text (default), json or sarif (2.1.0)")
      ->check(CLI::IsMember({"text", "json", "sarif"}));
  addMemoryOption(*verb, arguments->maxMemory);
  verb->add_flag("--allow-symlinks", arguments->compile.allowSymlinks,
                 "follow symbolic links to external data");
  verb->callback([arguments, &action] { action = [arguments] { return check(*arguments); }; });
}
