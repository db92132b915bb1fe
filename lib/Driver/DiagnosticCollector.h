//===- DiagnosticCollector.h - MLIR diagnostics as errors ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Catches MLIR's diagnostics while a model is compiled and turns the first error into an
// optc::Error with its id and the ONNX node.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_DIAGNOSTICCOLLECTOR_H
#define OPTC_DRIVER_DIAGNOSTICCOLLECTOR_H

#include "lib/Support/Errors.h"
#include "mlir/IR/Diagnostics.h"

namespace optc::driver {

class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);

  /// The first error since the start. Its id is the "[OPTC-Ennnn]" of the message, else
  /// `fallback`; `noMessage` is the text if there was no diagnostic at all.
  Error take(ErrorCode fallback, const char *noMessage);
  /// The ONNX node it was about, or "".
  const std::string &node() const { return nodeName; }

private:
  std::string message, nodeName;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_DIAGNOSTICCOLLECTOR_H
