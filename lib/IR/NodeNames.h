//===- NodeNames.h - the ONNX nodes an op comes from ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every op keeps the names of the nodes it was made of in its location.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IR_NODENAMES_H
#define OPTC_IR_NODENAMES_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/SetVector.h"

#include <string>

namespace optc {

/// The names in a location, each once, in order; nodes without a name are left out.
llvm::SetVector<llvm::StringRef> nodeNames(mlir::Location loc);

/// The first of them, or nothing.
std::string nodeName(mlir::Location loc);

} // namespace optc

#endif // OPTC_IR_NODENAMES_H
