//===- Output.cpp - results of the entry ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules of Output.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"

using namespace mlir;
using namespace optc::run;

LogicalResult OutputOp::verify() {
  auto type = cast<MemRefType>(getResult().getType());
  if (type.getNumDynamicDims() != getSizes().size())
    return emitOpError("[run.output.R1] its result has ")
           << type.getNumDynamicDims() << " dynamic dimensions, given are " << getSizes().size()
           << " sizes";
  return success();
}
