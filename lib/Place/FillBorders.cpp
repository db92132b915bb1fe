//===- FillBorders.cpp - padding writes borders only ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. A padded tensor is a fill with the interior inserted over it: of the fill only
// the borders can be seen, and the whole would be written twice.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEFILLBORDERS
#include "lib/Place/Passes.h.inc"

namespace {

/// %f = linalg.fill ins(%v) outs(%e)
/// %p = tensor.insert_slice %x into %f[..]
///   ->
/// per dimension with a border, before and after: a fill of that part of %e
/// %p = tensor.insert_slice %x into %borders[..]
class BorderFiller {
public:
  BorderFiller(tensor::InsertSliceOp insert, linalg::FillOp fill)
      : b(insert.getLoc(), insert), insert(insert), value(fill.getInputs().front()),
        offsets(insert.getDestType().getRank(), b.getIndexAttr(0)),
        sizes(tensor::getMixedSizes(b, b.getLoc(), fill.getOutputs().front())) {}

  void run(Value empty) {
    Value filled = empty;
    SmallVector<OpFoldResult> inner = insert.getMixedOffsets(), extents = insert.getMixedSizes();
    for (auto [d, before, extent] : llvm::enumerate(inner, extents)) {
      OpFoldResult end = sum(before, extent, 1), after = sum(sizes[d], end, -1);
      filled = fillPart(filled, d, b.getIndexAttr(0), before);
      filled = fillPart(filled, d, end, after);
      // The corners are done: what follows is inside along this dimension.
      offsets[d] = before;
      sizes[d] = extent;
    }
    insert.getDestMutable().assign(filled);
  }

private:
  /// x + factor * y.
  OpFoldResult sum(OpFoldResult x, OpFoldResult y, int64_t factor) {
    AffineExpr expr = b.getAffineDimExpr(0) + b.getAffineDimExpr(1) * factor;
    return affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr, {x, y});
  }

  Value fillPart(Value tensor, unsigned dim, OpFoldResult offset, OpFoldResult size) {
    if (getConstantIntValue(size) == 0)
      return tensor;
    SmallVector<OpFoldResult> partOffsets = offsets, partSizes = sizes;
    SmallVector<OpFoldResult> steps(offsets.size(), b.getIndexAttr(1));
    partOffsets[dim] = offset;
    partSizes[dim] = size;
    Value part = tensor::ExtractSliceOp::create(b, tensor, partOffsets, partSizes, steps);
    Value filled = linalg::FillOp::create(b, value, part).getResult(0);
    return tensor::InsertSliceOp::create(b, filled, tensor, partOffsets, partSizes, steps);
  }

  ImplicitLocOpBuilder b;
  tensor::InsertSliceOp insert;
  Value value;
  /// The part that is not decided yet: borders of the dimensions so far are filled.
  SmallVector<OpFoldResult> offsets, sizes;
};

struct FillBordersPass : impl::PlaceFillBordersBase<FillBordersPass> {
  using PlaceFillBordersBase::PlaceFillBordersBase;

  void runOnOperation() override {
    getOperation()->walk([](tensor::InsertSliceOp insert) {
      auto fill = insert.getDest().getDefiningOp<linalg::FillOp>();
      if (!fill || !fill->hasOneUse() || !insert.hasUnitStride() ||
          insert.getSourceType().getRank() != insert.getDestType().getRank())
        return;
      Value empty = fill.getOutputs().front();
      if (!empty.hasOneUse() || !empty.getDefiningOp<tensor::EmptyOp>())
        return;
      BorderFiller(insert, fill).run(empty);
      fill.erase();
    });
  }
};

} // namespace
} // namespace optc::place
