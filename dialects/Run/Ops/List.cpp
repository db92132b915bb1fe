//===- List.cpp - rows that a loop collects -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules, effects and bufferization of List.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"

using namespace mlir;
using namespace optc::run;

bool AppendOp::bufferizesToMemoryRead(OpOperand &, const bufferization::AnalysisState &) {
  return true;
}

bool AppendOp::bufferizesToMemoryWrite(OpOperand &, const bufferization::AnalysisState &) {
  return false;
}

bufferization::AliasingValueList AppendOp::getAliasingValues(OpOperand &,
                                                             const bufferization::AnalysisState &) {
  return {};
}

LogicalResult AppendOp::bufferize(RewriterBase &rewriter,
                                  const bufferization::BufferizationOptions &options,
                                  bufferization::BufferizationState &state) {
  FailureOr<Value> row = bufferization::getBuffer(rewriter, getRow(), options, state);
  if (failed(row))
    return failure();
  AppendOp::create(rewriter, getLoc(), *row, getList());
  rewriter.eraseOp(*this);
  return success();
}

LogicalResult TakeOp::verify() {
  if (cast<ShapedType>(getInit().getType()).getRank() == 0)
    return emitOpError("[run.take.R1] the init has no dimension for the rows");
  return success();
}

void TakeOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  getDestinationEffects(*this, effects);
  effects.emplace_back(MemoryEffects::Read::get(), SideEffects::DefaultResource::get());
  effects.emplace_back(MemoryEffects::Write::get(), SideEffects::DefaultResource::get());
}
