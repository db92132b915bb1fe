//===- DiagnosticCollector.h - MLIR diagnostics as errors ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Catches MLIR's diagnostics while a model is compiled and turns errors into optc::Errors
// with their id and the ONNX node.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_DIAGNOSTICCOLLECTOR_H
#define OPTC_DRIVER_DIAGNOSTICCOLLECTOR_H

#include "lib/Support/Errors.h"
#include "mlir/IR/Diagnostics.h"

#include <vector>

namespace optc::driver {

class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);

  /// The first error since the start, and how many more there are. Its id is the diagnostic's
  /// (ErrorId.h), else `fallback`; `noMessage` is the text if there was no diagnostic at all.
  Error take(ErrorCode fallback, const char *noMessage);

  struct Finding {
    Error error;
    std::string node; ///< of ONNX, or ""
  };
  /// What the last call of `take` was about.
  const std::vector<Finding> &getTaken() const { return taken; }

private:
  struct Caught {
    ErrorCode id; ///< NoError: the diagnostic had none
    std::string message, node;
  };
  std::vector<Caught> caught;
  std::vector<Finding> taken;
  mlir::ScopedDiagnosticHandler handler;
};

/// What a message about one of `count` unsupported nodes says of the others.
std::string otherNodes(size_t count);

} // namespace optc::driver

#endif // OPTC_DRIVER_DIAGNOSTICCOLLECTOR_H
