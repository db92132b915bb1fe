//===- DiagnosticCollector.cpp - MLIR diagnostics as errors --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See DiagnosticCollector.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/DiagnosticCollector.h"
#include "lib/IR/ErrorId.h"
#include "lib/IR/NodeNames.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace optc;
using namespace optc::driver;

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          caught.push_back(
              {idOf(diagnostic), diagnostic.str(), nodeName(diagnostic.getLocation())});
        return success(); // nothing is printed
      }) {}

/// Whether the message is of a rule of an nn op, "'nn.pad' op [nn.pad.R1] ...": such an op says
/// what a node of the model says, and its rules are about the node's operands. Passes that learn
/// more about shapes may be the first to see one broken.
static bool isRuleOfNode(StringRef text) {
  static const llvm::Regex rule(R"(^'nn\.[a-z_0-9]+' op \[nn\.[a-z_0-9]+\.R[0-9]+\] )");
  return rule.match(text);
}

/// The id of an error that has none of its own.
static ErrorCode guessId(std::string &text, ErrorCode fallback) {
  // The lowering knows the op, but not in this form.
  if (StringRef(text).starts_with("failed to legalize operation 'nn.")) {
    text = "optc has no code for this form of it (" +
           StringRef(text).split('\'').second.split('\'').first.str() + ")";
    return E2001;
  }
  return isRuleOfNode(text) ? E2002 : fallback;
}

Error DiagnosticCollector::take(ErrorCode fallback, const char *noMessage) {
  taken.clear();
  for (Caught &one : caught) {
    ErrorCode code = one.id == NoError ? guessId(one.message, fallback) : one.id;
    if (!one.node.empty() && one.message.find("'" + one.node + "'") == std::string::npos)
      one.message = "node '" + one.node + "': " + one.message;
    taken.push_back({{code, one.message}, one.node});
  }
  caught.clear();
  if (taken.empty())
    return {E9001, noMessage};
  Error &first = taken.front().error;
  return {first.code, first.message + otherNodes(taken.size())};
}

std::string optc::driver::otherNodes(size_t count) {
  return count > 1 ? "; " + std::to_string(count - 1) +
                         " more nodes are unsupported, `optc check` lists all"
                   : "";
}
