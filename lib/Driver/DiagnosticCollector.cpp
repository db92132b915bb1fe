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
#include "lib/Conversion/NNToLinalg/Lowering.h"

using namespace mlir;
using namespace optc;
using namespace optc::driver;

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          caught.push_back({diagnostic.str(), nn::nodeName(diagnostic.getLocation())});
        return success(); // nothing is printed
      }) {}

/// Whether the message is of a rule of an nn op, "'nn.pad' op [pad.R1] ...": such an op says what
/// a node of the model says, and its rules are about the node's operands. Passes that learn more
/// about shapes may be the first to see one broken.
static bool isRuleOfNode(StringRef text) {
  size_t rule = text.find(".R");
  return text.starts_with("'nn.") && rule != StringRef::npos && rule + 2 < text.size() &&
         llvm::isDigit(text[rule + 2]);
}

/// "failed to legalize operation 'nn.reduce' that was explicitly marked illegal": the lowering
/// knows the op, but not in this form.
static bool hasNoLowering(StringRef text) {
  return text.starts_with("failed to legalize operation 'nn.");
}

/// The id in front of a message, which is erased; `fallback` without one.
static ErrorCode takeCode(std::string &text, ErrorCode fallback) {
  size_t begin = text.find("[OPTC-E");
  if (begin == std::string::npos && hasNoLowering(text)) {
    text = "optc has no code for this form of it (" +
           StringRef(text).split('\'').second.split('\'').first.str() + ")";
    return E2001;
  }
  if (begin == std::string::npos)
    return isRuleOfNode(text) ? E2002 : fallback;
  size_t end = text.find(']', begin);
  int number = 0;
  if (StringRef(text).slice(begin + 7, end).getAsInteger(10, number))
    return fallback;
  // "'nn.unary' op [OPTC-E2001] is not..." keeps its subject.
  text.erase(begin, end + 2 - begin);
  return static_cast<ErrorCode>(number);
}

Error DiagnosticCollector::take(ErrorCode fallback, const char *noMessage) {
  taken.clear();
  for (Caught &one : caught) {
    ErrorCode code = takeCode(one.message, fallback);
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
