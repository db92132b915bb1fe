//===- CheckModel.cpp - all that stands in the way of a model --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `optc check` reports: see Compile.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/NNToLinalg.h"
#include "lib/Driver/Compile.h"
#include "lib/Driver/DiagnosticCollector.h"
#include "lib/Driver/LoadModel.h"
#include "lib/Import/Onnx/Importer.h"
#include "mlir/Pass/PassManager.h"

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

const std::vector<std::string> &optc::driver::knownTargets() {
  static const std::vector<std::string> targets = {"cpu"};
  return targets;
}

/// What the lowering all targets share refuses of an imported module. Weights are not touched.
static LogicalResult lower(ModuleOp module) {
  PassManager passes(module.getContext());
  passes.addPass(createConvertNNToLinalg());
  return passes.run(module);
}

Error optc::driver::checkModel(const std::string &path, bool allowSymlinks, CheckResult &result) {
  std::vector<onnximport::Diagnostic> found;
  std::unique_ptr<onnximport::Model> model = loadModel(path, allowSymlinks, found);
  if (!model)
    return fromLoader(found, result);
  MLIRContext context(MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context);
  onnximport::ImportOptions options;
  options.notJudged = &result.notJudged;
  OwningOpRef<ModuleOp> module = onnximport::importModel(*model, &context, options);
  bool isSupported = module && succeeded(lower(*module));
  for (const auto &[error, node] : diagnostics.takeAll(module ? E3001 : E9001))
    result.findings.push_back({node, "", error.code, error.message});
  if (result.findings.empty())
    return isSupported ? Error() : Error(E9001, "the check failed without a message");
  std::map<std::string, std::string> opOf;
  onnximport::forEachNode(model->graph, [&](const onnximport::Node &node, const onnximport::Graph &) {
    opOf[node.name] = (node.domain.empty() ? "" : node.domain + ":") + node.opType;
  });
  for (CheckFinding &finding : result.findings) {
    finding.op = opOf[finding.node];
    stripSubject(finding);
  }
  return {};
}
