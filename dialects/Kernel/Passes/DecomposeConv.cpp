//===- DecomposeConv.cpp - conv as linalg ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.conv becomes one contraction over (batch, place.., group, output | tap.., channel)
// and, if it has an epilogue, one elementwise op. Groups are a dim of their own: channels are
// split into [groups, channels of a group] before and joined after. A filter transformed for
// Winograd is transformed back first: its transform loses nothing but rounding.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "dialects/Kernel/WinogradTransform.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

namespace {

/// The iteration space: batch, s places, group, output channel, s taps, channel.
struct ConvSpace {
  explicit ConvSpace(ConvOp op) : op(op), spatial(op.getNumSpatial()) {}

  unsigned place(unsigned i) const { return 1 + i; }
  unsigned group() const { return 1 + spatial; }
  unsigned output() const { return 2 + spatial; }
  unsigned tap(unsigned i) const { return 3 + spatial + i; }
  unsigned channel() const { return 3 + 2 * spatial; }
  unsigned size() const { return 4 + 2 * spatial; }

  AffineExpr dim(unsigned i) const { return getAffineDimExpr(i, op.getContext()); }
  AffineMap map(ArrayRef<AffineExpr> exprs) const {
    return AffineMap::get(size(), 0, exprs, op.getContext());
  }
  AffineMap inputMap() const {
    SmallVector<AffineExpr> exprs = {dim(0)};
    for (unsigned i = 0; i < spatial; ++i)
      exprs.push_back(dim(place(i)) * op.getStrides()[i] + dim(tap(i)) * op.getDilations()[i]);
    exprs.append({dim(group()), dim(channel())});
    return map(exprs);
  }
  AffineMap filterMap() const {
    SmallVector<AffineExpr> exprs = {dim(group()), dim(output()), dim(channel())};
    for (unsigned i = 0; i < spatial; ++i)
      exprs.push_back(dim(tap(i)));
    return map(exprs);
  }
  /// Of a tensor that only tells the sizes of the window.
  AffineMap windowMap() const { return filterMap().getSubMap(tapResults()); }
  AffineMap resultMap() const {
    SmallVector<AffineExpr> exprs = {dim(0)};
    for (unsigned i = 0; i < spatial; ++i)
      exprs.push_back(dim(place(i)));
    exprs.append({dim(group()), dim(output())});
    return map(exprs);
  }
  SmallVector<utils::IteratorType> iterators() const {
    SmallVector<utils::IteratorType> types(output() + 1, utils::IteratorType::parallel);
    types.append(spatial + 1, utils::IteratorType::reduction);
    return types;
  }

  mutable ConvOp op; // accessors of ops are not const
  unsigned spatial;

private:
  SmallVector<unsigned> tapResults() const {
    return llvm::to_vector(llvm::seq<unsigned>(3, 3 + spatial));
  }
};

} // namespace

/// Splits dim `at` of `value` into [groups, rest].
static Value splitGroups(RewriterBase &rewriter, Location loc, Value value, unsigned at,
                         int64_t groups) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[at] /= groups;
  shape.insert(shape.begin() + at, groups);
  SmallVector<ReassociationIndices> parts;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, value);
  sizes[at] = rewriter.getIndexAttr(shape[at + 1]);
  sizes.insert(sizes.begin() + at, rewriter.getIndexAttr(groups));
  for (int64_t i = 0, next = 0; i < type.getRank(); ++i) {
    parts.push_back({next++});
    if (i == at)
      parts.back().push_back(next++);
  }
  return tensor::ExpandShapeOp::create(rewriter, loc,
                                       RankedTensorType::get(shape, type.getElementType()), value,
                                       parts, sizes);
}

/// Joins the last two dims.
static Value joinGroups(RewriterBase &rewriter, Location loc, Value value) {
  int64_t rank = cast<ShapedType>(value.getType()).getRank();
  SmallVector<ReassociationIndices> parts;
  for (int64_t i = 0; i < rank - 1; ++i)
    parts.push_back({i});
  parts.back().push_back(rank - 1);
  return tensor::CollapseShapeOp::create(rewriter, loc, value, parts);
}

/// The element of a packed filter for the current iteration.
static Value readPacked(OpBuilder &builder, Location loc, const ConvSpace &space) {
  ConvOp op = space.op;
  int64_t groups = op.getGroups(), channels = op.getInputChannels() / groups;
  AffineExpr tap = builder.getAffineConstantExpr(0);
  for (unsigned i = 0; i < space.spatial; ++i)
    tap = tap * op.getWindow()[i] + space.dim(space.tap(i));
  SmallVector<OpFoldResult> dims;
  for (unsigned i = 0; i < space.size(); ++i)
    dims.push_back(linalg::IndexOp::create(builder, loc, i).getResult());
  auto apply = [&](AffineExpr expr) -> Value {
    return affine::makeComposedAffineApply(builder, loc, expr, dims);
  };
  auto panels = dyn_cast<PanelsAttr>(*op.getLayout());
  if (!panels) {
    Value at = apply(tap * groups + space.dim(space.group()));
    return tensor::ExtractOp::create(builder, loc, op.getFilter(), at);
  }
  int64_t rows = op.getReductionSize(), columns = op.getOutputChannels() / groups;
  Value k = apply(tap * channels + space.dim(space.channel()));
  Value n = apply(space.dim(space.output()));
  Value inGroup = createPanelPosition(
      builder, loc, panels, k, n, arith::ConstantIndexOp::create(builder, loc, rows),
      arith::ConstantIndexOp::create(builder, loc, columns));
  Value group = apply(space.dim(space.group()) * (rows * panels.getStoredColumns(columns)));
  Value at = arith::AddIOp::create(builder, loc, group, inGroup);
  return tensor::ExtractOp::create(builder, loc, op.getFilter(), at);
}

/// Element (o, c, i, j) of the filter that a Winograd filter is the transform of.
static Value readTransformed(OpBuilder &builder, Location loc, ConvOp op, WinogradAttr layout,
                             ValueRange at) {
  WinogradTransform transform(layout.getTile());
  Type element = op.getFilterType().getElementType();
  auto index = [&](int64_t v) -> Value { return arith::ConstantIndexOp::create(builder, loc, v); };
  auto real = [&](double v) -> Value {
    return arith::ConstantOp::create(builder, loc, builder.getFloatAttr(element, v));
  };
  /// What holds for the tap `at`, of a value per tap.
  auto ofTap = [&](Value at, auto get) {
    Value chosen = get(2);
    for (int64_t tap : {0, 1}) {
      Value here = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, at, index(tap));
      chosen = arith::SelectOp::create(builder, loc, here, get(tap), chosen);
    }
    return chosen;
  };
  Value rows = index(op.getInputChannels() * layout.getPositions());
  Value columns = index(op.getOutputChannels()), sum = real(0);
  for (int64_t down : {0, 1})
    for (int64_t across : {0, 1}) {
      auto position = [&](Value tap, int64_t term) {
        return ofTap(tap, [&](int64_t t) { return index(transform.getTap(t)[term].position); });
      };
      auto factor = [&](Value tap, int64_t term) {
        return ofTap(tap, [&](int64_t t) { return real(transform.getTap(t)[term].factor); });
      };
      AffineExpr y, x, channel;
      bindDims(builder.getContext(), y, x, channel);
      Value k = affine::makeComposedAffineApply(
          builder, loc, (y * transform.getSize() + x) * op.getInputChannels() + channel,
          {position(at[2], down), position(at[3], across), at[1]});
      Value from =
          createPanelPosition(builder, loc, layout.getPanels(), k, at[0], rows, columns);
      Value value = tensor::ExtractOp::create(builder, loc, op.getFilter(), from);
      Value product = arith::MulFOp::create(builder, loc, factor(at[2], down), factor(at[3], across));
      sum = createMultiplyAdd(builder, loc, product, value, sum);
    }
  return sum;
}

/// The filter [O, C, 3, 3] of a conv with the layout winograd.
static Value transformBack(RewriterBase &rewriter, ConvOp op, WinogradAttr layout) {
  Location loc = op.getLoc();
  SmallVector<int64_t> shape = {op.getOutputChannels(), op.getInputChannels(), 3, 3};
  Value init = tensor::EmptyOp::create(rewriter, loc, shape, op.getFilterType().getElementType());
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      rewriter, loc, TypeRange(init.getType()), ValueRange(), ValueRange(init),
      rewriter.getMultiDimIdentityMap(shape.size()), iterators,
      [&](OpBuilder &builder, Location loc, ValueRange) {
        SmallVector<Value> at;
        for (unsigned i = 0; i < shape.size(); ++i)
          at.push_back(linalg::IndexOp::create(builder, loc, i));
        linalg::YieldOp::create(builder, loc, readTransformed(builder, loc, op, layout, at));
      });
  return generic.getResult(0);
}

FailureOr<Value> kernel::decomposeConv(RewriterBase &rewriter, ConvOp op) {
  Location loc = op.getLoc();
  ConvSpace space(op);
  int64_t groups = op.getGroups();
  unsigned last = space.spatial + 1;
  Value input = splitGroups(rewriter, loc, op.getInput(), last, groups);
  Value sums = splitGroups(rewriter, loc, createAccumulator(rewriter, op), last, groups);
  Value weights;
  AffineMap weightsMap;
  Attribute layout = op.getLayoutAttr();
  auto winograd = dyn_cast_or_null<WinogradAttr>(layout);
  bool isPacked = layout && !winograd;
  if (isPacked) {
    weights = tensor::EmptyOp::create(rewriter, loc, op.getWindow(), rewriter.getI8Type());
    weightsMap = space.windowMap();
  } else {
    Value filter = winograd ? transformBack(rewriter, op, winograd) : op.getFilter();
    weights = splitGroups(rewriter, loc, filter, 0, groups);
    weightsMap = space.filterMap();
  }
  sums = linalg::GenericOp::create(
             rewriter, loc, TypeRange(sums.getType()), ValueRange{input, weights},
             ValueRange(sums), {space.inputMap(), weightsMap, space.resultMap()},
             space.iterators(),
             [&](OpBuilder &builder, Location loc, ValueRange args) {
               Value w = isPacked ? readPacked(builder, loc, space) : args[1];
               Value sum = createMultiplyAdd(builder, loc, args[0], w, args[2]);
               linalg::YieldOp::create(builder, loc, sum);
             })
             .getResult(0);
  return applyEpilogue(rewriter, op, joinGroups(rewriter, loc, sums));
}
