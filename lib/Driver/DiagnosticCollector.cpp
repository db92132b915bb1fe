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
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error && message.empty()) {
          message = diagnostic.str();
          nodeName = nn::nodeName(diagnostic.getLocation());
        }
        return success(); // nothing is printed
      }) {}

Error DiagnosticCollector::take(ErrorCode fallback, const char *noMessage) {
  if (message.empty())
    return {fallback, noMessage};
  std::string text = message;
  ErrorCode code = fallback;
  size_t begin = text.find("[OPTC-E");
  if (begin != std::string::npos) {
    size_t end = text.find(']', begin);
    int number = 0;
    StringRef digits = StringRef(text).slice(begin + 7, end);
    if (!digits.getAsInteger(10, number)) {
      code = static_cast<ErrorCode>(number);
      // "'nn.unary' op [OPTC-E2001] is not..." keeps its subject.
      text.erase(begin, end + 2 - begin);
    }
  }
  // A shape rule of an nn op that an imported node breaks is the model's fault.
  if (begin == std::string::npos && fallback == E9001 && text.find(".R") != std::string::npos)
    code = E2002;
  if (!nodeName.empty() && text.find("node '") == std::string::npos)
    text = "node '" + nodeName + "': " + text;
  return {code, text};
}
