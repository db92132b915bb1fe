//===- ErrorId.h - diagnostics with an error id -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The id of an error (Errors.def) goes with a diagnostic, not in its text, which holds names that
// a model chose:
//
//   return withId(emitError(loc), E2003) << "the model input '" << name << "' is no tensor";
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IR_ERRORID_H
#define OPTC_IR_ERRORID_H

#include "lib/Support/Errors.h"
#include "mlir/IR/Diagnostics.h"

namespace optc {

inline mlir::InFlightDiagnostic withId(mlir::InFlightDiagnostic diagnostic, ErrorCode id) {
  if (mlir::Diagnostic *inner = diagnostic.getUnderlyingDiagnostic())
    inner->getMetadata().push_back(mlir::DiagnosticArgument(static_cast<int64_t>(id)));
  return diagnostic;
}

/// NoError for a diagnostic without an id.
inline ErrorCode idOf(const mlir::Diagnostic &diagnostic) {
  // There is no const form of it.
  for (mlir::DiagnosticArgument &argument :
       const_cast<mlir::Diagnostic &>(diagnostic).getMetadata())
    if (argument.getKind() == mlir::DiagnosticArgument::DiagnosticArgumentKind::Integer)
      return static_cast<ErrorCode>(argument.getAsInteger());
  return NoError;
}

} // namespace optc

#endif // OPTC_IR_ERRORID_H
