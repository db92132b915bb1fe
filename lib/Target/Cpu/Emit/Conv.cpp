//===- Conv.cpp - conv for the CPU ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Describes kernel.conv as a contraction over (batch, place.., group, output | tap.., channel).
// No copy of the input is made: a tile of rows is a run of output places, and each tap is
// another offset into the input.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Emit/Contraction.h"
#include "lib/Target/Cpu/Emit/Emit.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

bool cpu::canEmit(kernel::ConvOp op, StringRef &reason) {
  if (!op.getLayout()) {
    reason = "the filter is not packed";
    return false;
  }
  auto panels = dyn_cast<kernel::PanelsAttr>(*op.getLayout());
  if (panels && (panels.getWidth() % 8 != 0 || panels.getAlign() != 8 || panels.getWidth() > 64)) {
    reason = "panels of another form";
    return false;
  }
  auto layout = panels ? std::optional(panels) : std::nullopt;
  return canEmitContraction(op, op.getInputType(), op.getFilterType(), layout, reason);
}

namespace {

/// Maps of the operands over the iteration space. Dims of size 1 get no coefficient, so
/// that the nest sees through them.
struct ConvMaps {
  explicit ConvMaps(kernel::ConvOp op) : op(op), spatial(op.getNumSpatial()) {}

  unsigned place(unsigned i) const { return 1 + i; }
  unsigned group() const { return 1 + spatial; }
  unsigned output() const { return 2 + spatial; }
  unsigned tap(unsigned i) const { return 3 + spatial + i; }
  unsigned channel() const { return 3 + 2 * spatial; }
  unsigned size() const { return 4 + 2 * spatial; }

  AffineExpr dim(unsigned i) const { return getAffineDimExpr(i, op->getContext()); }
  AffineExpr zero() const { return getAffineConstantExpr(0, op->getContext()); }

  AffineMap input() {
    int64_t channels = op.getInputChannels() / op.getGroups();
    SmallVector<AffineExpr> exprs = {dim(0)};
    for (unsigned i = 0; i < spatial; ++i) {
      AffineExpr tapExpr =
          op.getWindow()[i] == 1 ? zero() : dim(tap(i)) * op.getDilations()[i];
      exprs.push_back(dim(place(i)) * op.getStrides()[i] + tapExpr);
    }
    AffineExpr groupExpr = op.getGroups() == 1 ? zero() : dim(group()) * channels;
    exprs.push_back(groupExpr + dim(channel()));
    return AffineMap::get(size(), 0, exprs, op->getContext());
  }

  AffineMap result() {
    int64_t outputs = op.getOutputChannels() / op.getGroups();
    SmallVector<AffineExpr> exprs = {dim(0)};
    for (unsigned i = 0; i < spatial; ++i)
      exprs.push_back(dim(place(i)));
    AffineExpr groupExpr = op.getGroups() == 1 ? zero() : dim(group()) * outputs;
    exprs.push_back(groupExpr + dim(output()));
    return AffineMap::get(size(), 0, exprs, op->getContext());
  }

  /// Sizes that the window and the groups give; kDynamic for the others.
  SmallVector<int64_t> sizes() {
    SmallVector<int64_t> known(size(), ShapedType::kDynamic);
    known[group()] = op.getGroups();
    known[output()] = op.getOutputChannels() / op.getGroups();
    known[channel()] = op.getInputChannels() / op.getGroups();
    for (unsigned i = 0; i < spatial; ++i)
      known[tap(i)] = op.getWindow()[i];
    return known;
  }

  kernel::ConvOp op;
  unsigned spatial;
};

} // namespace

LogicalResult cpu::emitKernel(OpBuilder &builder, kernel::ConvOp op, const CpuLevel &level) {
  auto panels = dyn_cast<kernel::PanelsAttr>(*op.getLayout());
  if (!panels)
    return emitDepthwise(builder, op, level);
  Location loc = op.getLoc();
  ConvMaps maps(op);
  SmallVector<NestOperandSpec> operands = {{op.getInput(), maps.input()}};
  for (auto [extra, map] : llvm::zip_equal(
           op.getExtras(), cast<kernel::EpilogueOpInterface>(*op).getExtraMapList()))
    operands.push_back({extra, map.compose(maps.result())});
  operands.push_back({op.getInit(), maps.result(), /*output=*/true});
  llvm::SmallBitVector reductions(maps.size());
  reductions.set(maps.tap(0), maps.size());
  FailureOr<LoopNest> nest = LoopNest::get(builder, loc, operands, reductions, maps.sizes());
  if (failed(nest))
    return op.emitOpError("has an operand whose layout is not strided");
  auto flat = LoopNest::get(builder, loc,
                            {{op.getFilter(), builder.getMultiDimIdentityMap(1)}},
                            llvm::SmallBitVector(1));
  int64_t outputs = op.getOutputChannels() / op.getGroups();
  Contraction contraction{op,
                          level,
                          *nest,
                          maps.output(),
                          builder.getIndexAttr(outputs),
                          panels,
                          flat->operands[0].flat,
                          op.getGroups() == 1 ? -1 : static_cast<int64_t>(maps.group())};
  return emitContraction(builder, std::move(contraction));
}
