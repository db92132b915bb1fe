//===- CheckModel.cpp - all that stands in the way of a model --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `optc check` reports: see Compile.h. A build that stops where nothing can refuse the
// model any more; so both agree on every model.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Compilation.h"
#include "lib/Driver/LoadModel.h"

#include <map>

using namespace mlir;
using namespace optc;
using namespace optc::driver;

/// Takes "node 'x' (Op): " off a message: a finding has these apart.
static void stripSubject(CheckFinding &finding) {
  StringRef rest = finding.reason;
  if (!rest.consume_front("node '" + finding.node + "'"))
    return;
  if (rest.consume_front(" ("))
    rest = rest.substr(rest.find(')') + 1);
  if (rest.consume_front(": "))
    finding.reason = rest.str();
}

/// What the loader says of single nodes; anything else is an error of the whole model.
static Error fromLoader(const std::vector<onnximport::Diagnostic> &found, CheckResult &result) {
  for (const onnximport::Diagnostic &diagnostic : found)
    if (diagnostic.code == E2001)
      result.findings.push_back({diagnostic.node, diagnostic.op, E2001, diagnostic.message});
  llvm::for_each(result.findings, stripSubject);
  return result.findings.empty() ? firstError(found) : Error();
}

/// The findings of the stage that refused the model, with what its nodes are.
static void addFindings(const Compilation &compilation, const onnximport::Model &model,
                        CheckResult &result) {
  std::map<std::string, std::string> opOf;
  onnximport::forEachNode(
      model.graph, [&](const onnximport::Node &node, const onnximport::Graph &) {
        opOf[node.name] = (node.domain.empty() ? "" : node.domain + ":") + node.opType;
      });
  for (const auto &[error, node] : compilation.getFindings()) {
    result.findings.push_back({node, opOf[node], error.code, error.message});
    stripSubject(result.findings.back());
  }
}

Error optc::driver::checkModel(const std::string &path, const CompileOptions &options,
                               CheckResult &result) {
  std::vector<onnximport::Diagnostic> found;
  std::unique_ptr<onnximport::Model> model = loadModel(path, {options.allowSymlinks}, found);
  for (const onnximport::Diagnostic &diagnostic : found)
    if (!diagnostic.isError)
      result.notes.push_back({diagnostic.node, diagnostic.op, diagnostic.code, diagnostic.message});
  if (!model)
    return fromLoader(found, result);
  Progress progress(/*quiet=*/true);
  Compilation compilation(options, progress);
  Error refusal = compilation.judge(*model, result.notJudged);
  constexpr int unsupportedModel = 3;
  if (refusal && findError(refusal.code)->exitCode == unsupportedModel)
    addFindings(compilation, *model, result);
  return result.findings.empty() ? refusal : Error();
}
