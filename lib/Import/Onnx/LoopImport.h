//===- LoopImport.h - Loop and Scan ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loop and Scan become scf.while over (iteration, condition, state..., scan outputs...).
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOOPIMPORT_H
#define OPTC_IMPORT_ONNX_LOOPIMPORT_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

mlir::LogicalResult importLoop(NodeImport &n, bool isScan);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOOPIMPORT_H
