//===- ConvMaps.cpp - the iteration space of conv -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ConvMaps.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/ConvMaps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

AffineMap ConvMaps::input() {
  int64_t channels = op.getInputChannels() / op.getGroups();
  SmallVector<AffineExpr> exprs = {dim(batch())};
  for (unsigned i = 0; i < spatial; ++i) {
    AffineExpr tapExpr = op.getWindow()[i] == 1 ? zero() : dim(tap(i)) * op.getDilations()[i];
    exprs.push_back(dim(place(i)) * op.getStrides()[i] + tapExpr);
  }
  AffineExpr groupExpr = op.getGroups() == 1 ? zero() : dim(group()) * channels;
  exprs.push_back(groupExpr + dim(channel()));
  return AffineMap::get(size(), 0, exprs, op->getContext());
}

AffineMap ConvMaps::result() {
  int64_t outputs = op.getOutputChannels() / op.getGroups();
  SmallVector<AffineExpr> exprs = {dim(batch())};
  for (unsigned i = 0; i < spatial; ++i)
    exprs.push_back(phases == 0 ? dim(place(i))
                                : dim(place(i)) * op.getPhases()[i] + dim(phase(i)));
  AffineExpr groupExpr = op.getGroups() == 1 ? zero() : dim(group()) * outputs;
  exprs.push_back(groupExpr + dim(output()));
  return AffineMap::get(size(), 0, exprs, op->getContext());
}

/// Sizes that the window, the groups and the phases give; null for the others.
SmallVector<OpFoldResult> ConvMaps::sizes(OpBuilder &builder) {
  SmallVector<OpFoldResult> known(size());
  auto attr = [&](int64_t size) { return builder.getIndexAttr(size); };
  known[group()] = attr(op.getGroups());
  known[output()] = attr(op.getOutputChannels() / op.getGroups());
  known[channel()] = attr(op.getInputChannels() / op.getGroups());
  for (unsigned i = 0; i < spatial; ++i)
    known[tap(i)] = attr(op.getWindow()[i]);
  for (unsigned i = 0; i < phases; ++i) {
    known[phase(i)] = attr(op.getPhases()[i]);
    OpFoldResult all = memref::getMixedSize(builder, op.getLoc(), op.getInit(), 1 + i);
    if (std::optional<int64_t> constant = getConstantIntValue(all))
      known[place(i)] = attr(*constant / op.getPhases()[i]);
    else
      known[place(i)] = arith::DivUIOp::create(builder, op.getLoc(), cast<Value>(all),
                                               indexValue(builder, op.getLoc(), known[phase(i)]))
                            .getResult();
  }
  return known;
}

FailureOr<LoopNest> ConvMaps::getNest(OpBuilder &builder) {
  SmallVector<NestOperandSpec> operands = {{op.getInput(), input()}};
  for (auto [extra, map] :
       llvm::zip_equal(op.getExtras(), cast<kernel::EpilogueOpInterface>(*op).getExtraMapList()))
    operands.push_back({extra, map.compose(result())});
  operands.push_back({op.getInit(), result(), /*output=*/true});
  llvm::SmallBitVector reductions(size());
  reductions.set(tap(0), size());
  return LoopNest::get(builder, op.getLoc(), operands, reductions, sizes(builder));
}

Value cpu::getFlatFilter(OpBuilder &builder, kernel::ConvOp op) {
  auto nest =
      LoopNest::get(builder, op.getLoc(), {{op.getFilter(), builder.getMultiDimIdentityMap(1)}},
                    llvm::SmallBitVector(1));
  return nest->operands[0].flat;
}
