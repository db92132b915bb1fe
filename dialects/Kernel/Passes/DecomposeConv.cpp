//===- DecomposeConv.cpp - conv as linalg ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.conv becomes one contraction over (batch, place.., group, output | tap.., channel)
// and, if it has an epilogue, one elementwise op. Groups are a dim of their own: channels are
// split into [groups, channels of a group] before and joined after. So are phases, which are split
// off the sizes of the result. A filter transformed for Winograd is transformed back first: its
// transform loses nothing but rounding.
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

/// The iteration space: batch, s places, group, output channel, phases, s taps, channel.
struct ConvSpace {
  explicit ConvSpace(ConvOp op)
      : op(op), spatial(op.getNumSpatial()), phases(op.getPhases().size()) {}

  unsigned place(unsigned i) const { return 1 + i; }
  unsigned group() const { return 1 + spatial; }
  unsigned output() const { return 2 + spatial; }
  unsigned phase(unsigned i) const { return 3 + spatial + i; }
  unsigned tap(unsigned i) const { return 3 + spatial + phases + i; }
  unsigned channel() const { return 3 + 2 * spatial + phases; }
  unsigned size() const { return 4 + 2 * spatial + phases; }

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
    SmallVector<AffineExpr> exprs = {dim(group())};
    for (unsigned i = 0; i < phases; ++i)
      exprs.push_back(dim(phase(i)));
    exprs.append({dim(output()), dim(channel())});
    for (unsigned i = 0; i < spatial; ++i)
      exprs.push_back(dim(tap(i)));
    return map(exprs);
  }
  /// Of a tensor that only tells the sizes of the window.
  AffineMap windowMap() const { return filterMap().getSubMap(tapResults()); }
  AffineMap resultMap() const {
    SmallVector<AffineExpr> exprs = {dim(0)};
    for (unsigned i = 0; i < spatial; ++i) {
      exprs.push_back(dim(place(i)));
      if (phases > 0)
        exprs.push_back(dim(phase(i)));
    }
    exprs.append({dim(group()), dim(output())});
    return map(exprs);
  }
  SmallVector<utils::IteratorType> iterators() const {
    SmallVector<utils::IteratorType> types(tap(0), utils::IteratorType::parallel);
    types.append(spatial + 1, utils::IteratorType::reduction);
    return types;
  }

  mutable ConvOp op; // accessors of ops are not const
  unsigned spatial, phases;

private:
  SmallVector<unsigned> tapResults() const {
    return llvm::to_vector(llvm::seq<unsigned>(3 + phases, 3 + phases + spatial));
  }
};

} // namespace

/// Splits dim `at` of `value` into [count, rest], or with `inside` into [rest, count].
static Value split(RewriterBase &rewriter, Location loc, Value value, unsigned at, int64_t count,
                   bool inside = false) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<ReassociationIndices> parts;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, value);
  AffineExpr all = rewriter.getAffineDimExpr(0);
  sizes[at] = affine::makeComposedFoldedAffineApply(rewriter, loc, all.floorDiv(count), sizes[at]);
  shape[at] = getConstantIntValue(sizes[at]).value_or(ShapedType::kDynamic);
  shape.insert(shape.begin() + at + inside, count);
  sizes.insert(sizes.begin() + at + inside, rewriter.getIndexAttr(count));
  for (int64_t i = 0, next = 0; i < type.getRank(); ++i) {
    parts.push_back({next++});
    if (i == at)
      parts.back().push_back(next++);
  }
  return tensor::ExpandShapeOp::create(
      rewriter, loc, RankedTensorType::get(shape, type.getElementType()), value, parts, sizes);
}

/// A tensor of the result's shape as the iteration space sees it: [batch, place, phase, ..,
/// groups, outputs].
static Value splitResult(RewriterBase &rewriter, const ConvSpace &space, Value value) {
  Location loc = value.getLoc();
  value = split(rewriter, loc, value, space.spatial + 1, space.op.getGroups());
  for (unsigned i = space.phases; i-- > 0;)
    value = split(rewriter, loc, value, 1 + i, space.op.getPhases()[i], /*inside=*/true);
  return value;
}

/// The reverse of splitResult.
static Value joinResult(RewriterBase &rewriter, const ConvSpace &space, Value value) {
  SmallVector<ReassociationIndices> parts = {{0}};
  int64_t next = 1;
  for (unsigned i = 0; i < space.spatial; ++i) {
    parts.push_back({next++});
    if (space.phases > 0)
      parts.back().push_back(next++);
  }
  parts.push_back({next, next + 1});
  return tensor::CollapseShapeOp::create(rewriter, value.getLoc(), value, parts);
}

/// The filter as [groups, phases.., outputs, channels, window..].
static Value splitFilter(RewriterBase &rewriter, const ConvSpace &space, Value filter) {
  filter = split(rewriter, filter.getLoc(), filter, 0, space.op.getGroups());
  for (auto [i, phase] : llvm::enumerate(space.op.getPhases()))
    filter = split(rewriter, filter.getLoc(), filter, 1 + i, phase);
  return filter;
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
  Value inMatrix = createPanelPosition(builder, loc, panels, k, n,
                                       arith::ConstantIndexOp::create(builder, loc, rows),
                                       arith::ConstantIndexOp::create(builder, loc, columns));
  AffineExpr matrix = space.dim(space.group());
  for (auto [i, phase] : llvm::enumerate(op.getPhases()))
    matrix = matrix * phase + space.dim(space.phase(i));
  Value start = apply(matrix * (rows * panels.getStoredColumns(columns)));
  Value at = arith::AddIOp::create(builder, loc, start, inMatrix);
  return tensor::ExtractOp::create(builder, loc, op.getFilter(), at);
}

/// Element (o, c, i, j) of the filter that a Winograd filter is the transform of.
static Value readTransformed(OpBuilder &builder, Location loc, ConvOp op, WinogradAttr layout,
                             ValueRange at) {
  WinogradTransform transform(layout.getTile());
  Type element = builder.getF32Type();
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
      Value from = createPanelPosition(builder, loc, layout.getPanels(), k, at[0], rows, columns);
      Value value = tensor::ExtractOp::create(builder, loc, op.getFilter(), from);
      value = convertScalarToDtype(builder, loc, value, element, /*isUnsignedCast=*/false);
      Value product =
          arith::MulFOp::create(builder, loc, factor(at[2], down), factor(at[3], across));
      sum = createMultiplyAdd(builder, loc, product, value, sum);
    }
  return sum;
}

/// The filter [O, C, 3, 3] of a conv with the layout winograd, in f32.
static Value transformBack(RewriterBase &rewriter, ConvOp op, WinogradAttr layout) {
  Location loc = op.getLoc();
  SmallVector<int64_t> shape = {op.getOutputChannels(), op.getInputChannels(), 3, 3};
  Value init = tensor::EmptyOp::create(rewriter, loc, shape, rewriter.getF32Type());
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

/// The input with its border.
static Value padInput(RewriterBase &rewriter, ConvOp op) {
  if (op.getPads().empty())
    return op.getInput();
  OpFoldResult none = rewriter.getIndexAttr(0);
  SmallVector<OpFoldResult> low = {none}, high = {none};
  for (unsigned i = 0; i < op.getNumSpatial(); ++i) {
    low.push_back(rewriter.getIndexAttr(op.getPadBefore(i)));
    high.push_back(rewriter.getIndexAttr(op.getPadAfter(i)));
  }
  low.push_back(none);
  high.push_back(none);
  Value zero = arith::ConstantOp::create(rewriter, op.getLoc(),
                                         rewriter.getZeroAttr(op.getInputType().getElementType()));
  return tensor::PadOp::create(rewriter, op.getLoc(), Type(), op.getInput(), low, high, zero);
}

static FailureOr<Value> decomposeConv(RewriterBase &rewriter, ConvOp op) {
  Location loc = op.getLoc();
  ConvSpace space(op);
  Value input = split(rewriter, loc, padInput(rewriter, op), space.spatial + 1, op.getGroups());
  Value sums = splitResult(rewriter, space, createAccumulator(rewriter, op));
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
    weights = splitFilter(rewriter, space, filter);
    weightsMap = space.filterMap();
  }
  sums = linalg::GenericOp::create(
             rewriter, loc, TypeRange(sums.getType()), ValueRange{input, weights}, ValueRange(sums),
             {space.inputMap(), weightsMap, space.resultMap()}, space.iterators(),
             [&](OpBuilder &builder, Location loc, ValueRange args) {
               Value w = isPacked ? readPacked(builder, loc, space) : args[1];
               Value sum = createMultiplyAdd(builder, loc, args[0], w, args[2],
                                             op.getUnsignedInput(), op.getUnsignedFilter());
               linalg::YieldOp::create(builder, loc, sum);
             })
             .getResult(0);
  return applyEpilogue(rewriter, op, joinResult(rewriter, space, sums));
}

void kernel::populateDecomposeConv(RewritePatternSet &patterns, const DecomposeFilter &filter) {
  patterns.add<DecomposeOp<ConvOp>>(patterns.getContext(), decomposeConv, filter);
}
