//===- Shape.cpp - shapes and data movement ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reshape, transpose, expand, concat, shape, range. Slices and pads are in Slice.cpp.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Conversion/NNToLinalg/Broadcasting.h"
#include "lib/Conversion/NNToLinalg/Indexing.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

namespace {
/// A way from one shape to another: groups of dimensions with equal products.
struct ReshapeGroups {
  SmallVector<ReassociationIndices> from, to;
};
} // namespace

/// All dimensions in one group, which is always right.
static ReshapeGroups singleGroup(size_t from, size_t to) {
  ReshapeGroups groups;
  groups.from.push_back(llvm::to_vector_of<int64_t>(llvm::seq<int64_t>(0, from)));
  groups.to.push_back(llvm::to_vector_of<int64_t>(llvm::seq<int64_t>(0, to)));
  return groups;
}

/// Whether the product `a` should grow rather than `b`: a 1 says nothing, small ones catch up.
static bool isShorter(DimExpr a, DimExpr b, bool hasFewer) {
  auto x = getConstant(a), y = getConstant(b);
  if (x == 1 || y == 1)
    return x == 1;
  return x && y ? *x < *y : hasFewer;
}

/// Walks both shapes and closes a group whenever the products agree.
static ReshapeGroups matchGroups(ArrayRef<DimExpr> from, ArrayRef<DimExpr> to,
                                 SymbolicShapes &shapes) {
  ReshapeGroups groups;
  size_t i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    ReassociationIndices left = {static_cast<int64_t>(i)}, right = {static_cast<int64_t>(j)};
    DimExpr a = from[i++], b = to[j++];
    while (a != b && (i < from.size() || j < to.size())) {
      bool growLeft =
          j == to.size() || (i < from.size() && isShorter(a, b, left.size() <= right.size()));
      if (growLeft) {
        a = shapes.mul(a, from[i]);
        left.push_back(i++);
      } else {
        b = shapes.mul(b, to[j]);
        right.push_back(j++);
      }
    }
    if (a != b)
      return singleGroup(from.size(), to.size());
    groups.from.push_back(left);
    groups.to.push_back(right);
  }
  // What is left over are sizes of one.
  for (; i < from.size() && !groups.from.empty(); ++i)
    groups.from.back().push_back(i);
  for (; j < to.size() && !groups.to.empty(); ++j)
    groups.to.back().push_back(j);
  return groups;
}

static int64_t productOf(ArrayRef<int64_t> sizes, ArrayRef<int64_t> indices) {
  int64_t product = 1;
  for (int64_t index : indices) {
    if (ShapedType::isDynamic(sizes[index]))
      return ShapedType::kDynamic;
    product *= sizes[index];
  }
  return product;
}

/// collapse_shape to the groups' products, then expand_shape to the result.
static Value reshapeByGroups(OpBuilder &b, Location loc, Value input, RankedTensorType type,
                             ArrayRef<OpFoldResult> sizes, const ReshapeGroups &groups) {
  auto from = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> middle;
  for (const ReassociationIndices &group : groups.from)
    middle.push_back(productOf(from.getShape(), group));
  if (groups.from.size() != static_cast<size_t>(from.getRank()) || groups.from.empty())
    input = tensor::CollapseShapeOp::create(b, loc, from.clone(middle), input, groups.from);
  // expand_shape wants a group to be static on both sides or dynamic on both.
  SmallVector<int64_t> wanted;
  for (const ReassociationIndices &group : groups.to)
    wanted.push_back(productOf(type.getShape(), group));
  input = castTo(b, loc, input, from.clone(wanted));
  if (groups.to.size() == static_cast<size_t>(type.getRank()) && !groups.to.empty())
    return castTo(b, loc, input, type);
  return tensor::ExpandShapeOp::create(b, loc, type, input, groups.to, sizes);
}

/// Ends with a scalar or starts from one: a tensor of one element.
static Value reshapeScalar(OpBuilder &b, Location loc, Value input, RankedTensorType type) {
  auto from = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> ones(from.getRank(), 1);
  input = castTo(b, loc, input, from.clone(ones));
  if (from.getRank() != 0)
    input = tensor::CollapseShapeOp::create(b, loc, from.clone(ArrayRef<int64_t>()), input,
                                            ArrayRef<ReassociationIndices>());
  if (type.getRank() == 0)
    return input;
  SmallVector<int64_t> unit(type.getRank(), 1);
  input = tensor::ExpandShapeOp::create(b, loc, from.clone(unit), input,
                                        ArrayRef<ReassociationIndices>());
  return castTo(b, loc, input, type);
}

static Value multiply(OpBuilder &b, Location loc, ArrayRef<Value> factors) {
  Value product = arith::ConstantIndexOp::create(b, loc, 1);
  for (Value factor : factors)
    product = b.createOrFold<arith::MulIOp>(loc, product, factor);
  return product;
}

namespace {
struct LowerReshape : NNPattern<ReshapeOp> {
  using NNPattern::NNPattern;

  /// Sizes that only the data decides: -1 and 0 are resolved when the model runs.
  SmallVector<OpFoldResult> runtimeSizes(ReshapeOp op, OpAdaptor adaptor, Rewriter &b) const {
    Location loc = op.getLoc();
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value minus = arith::ConstantIndexOp::create(b, loc, -1);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    SmallVector<OpFoldResult> inputSizes = lowerSizes(b, loc, op.getInput(), state);
    int64_t count = cast<RankedTensorType>(op.getShape().getType()).getDimSize(0);
    SmallVector<Value> sizes, isRest, known;
    for (int64_t i = 0; i < count; ++i) {
      Value size = extractIndex(b, loc, adaptor.getShape(), i);
      if (!op.getAllowZero() && i < static_cast<int64_t>(inputSizes.size())) {
        Value copies = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, size, zero);
        size = b.createOrFold<arith::SelectOp>(
            loc, copies, getValueOrCreateConstantIndexOp(b, loc, inputSizes[i]), size);
      }
      isRest.push_back(b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, size, minus));
      known.push_back(b.createOrFold<arith::SelectOp>(loc, isRest.back(), one, size));
      sizes.push_back(size);
    }
    Value total = multiply(b, loc, getValueOrCreateConstantIndexOp(b, loc, inputSizes));
    Value product = multiply(b, loc, known);
    Value divisor = b.createOrFold<arith::MaxSIOp>(loc, product, one);
    Value rest = b.createOrFold<arith::DivUIOp>(loc, total, divisor);
    SmallVector<OpFoldResult> result;
    SmallVector<Value> final;
    auto type = lowered(op.getResult());
    for (int64_t i = 0; i < count; ++i) {
      final.push_back(b.createOrFold<arith::SelectOp>(loc, isRest[i], rest, sizes[i]));
      bool isStatic = !type.isDynamicDim(i);
      if (isStatic) { // the model declares it
        Value declared = arith::ConstantIndexOp::create(b, loc, type.getDimSize(i));
        require(b, loc, areEqual(b, loc, final.back(), declared),
                "its shape asks for the size {0}, the model declares {1}",
                {final.back(), declared});
        final.back() = declared;
      } else {
        requireSize(op, b, final.back());
      }
      result.push_back(isStatic ? OpFoldResult(b.getIndexAttr(type.getDimSize(i))) : final.back());
    }
    requireCount(op, b, total, multiply(b, loc, final));
    return result;
  }

  /// Two negative sizes may have the right product.
  void requireSize(ReshapeOp op, Rewriter &b, Value size) const {
    Value zero = arith::ConstantIndexOp::create(b, op.getLoc(), 0);
    Value isSize =
        b.createOrFold<arith::CmpIOp>(op.getLoc(), arith::CmpIPredicate::sge, size, zero);
    run::RequireOp::create(
        b, op.getLoc(), isSize,
        b.getStringAttr("node '" + nodeName(op.getLoc()) + "': its shape asks for the size {0}"),
        size);
  }

  void requireCount(ReshapeOp op, Rewriter &b, Value have, Value want) const {
    Value equal = b.createOrFold<arith::CmpIOp>(op.getLoc(), arith::CmpIPredicate::eq, have, want);
    run::RequireOp::create(b, op.getLoc(), equal,
                           b.getStringAttr("node '" + nodeName(op.getLoc()) +
                                           "': {0} elements can not be reshaped into {1}"),
                           ValueRange{have, want});
  }

  LogicalResult matchAndRewrite(ReshapeOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    Shape from = shapes().getShape(op.getInput()), to = shapes().getShape(op.getResult());
    auto type = lowered(op.getResult());
    bool isOwn = llvm::any_of(to, [&](DimExpr dim) {
      const SymbolicShapes::Symbol *symbol = shapes().getSymbol(dim);
      return symbol && symbol->value == op.getResult();
    });
    bool fromData = isOwn || (!shapes().hasDerivedContents(op.getShape()) &&
                              !op.getShape().getDefiningOp<ConstantOp>());
    SmallVector<OpFoldResult> sizes;
    if (fromData)
      sizes = runtimeSizes(op, adaptor, b);
    else
      sizes = lowerSizes(b, loc, op.getResult(), state);
    if (!fromData && shapes().product(from) != shapes().product(to))
      requireCount(op, b,
                   multiply(b, loc,
                            getValueOrCreateConstantIndexOp(
                                b, loc, lowerSizes(b, loc, op.getInput(), state))),
                   multiply(b, loc, getValueOrCreateConstantIndexOp(b, loc, sizes)));
    Value input = adaptor.getInput();
    // Both have no element then; bufferization takes a group of a zero and open sizes for static.
    auto isZero = [](DimExpr dim) { return getConstant(dim) == 0; };
    if (llvm::any_of(from, isZero) || llvm::any_of(to, isZero)) {
      Value nothing = createEmpty(b, loc, sizes, type.getElementType());
      b.replaceOp(op, castTo(b, loc, nothing, type));
      return success();
    }
    if (from.empty() || to.empty()) {
      b.replaceOp(op, reshapeScalar(b, loc, input, type));
      return success();
    }
    ReshapeGroups groups =
        fromData ? singleGroup(from.size(), to.size()) : matchGroups(from, to, shapes());
    b.replaceOp(op, reshapeByGroups(b, loc, input, type, sizes, groups));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Transpose, expand, concat, shape, range
//===----------------------------------------------------------------------===//

struct LowerTranspose : NNPattern<TransposeOp> {
  using NNPattern::NNPattern;
  LogicalResult matchAndRewrite(TransposeOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    Value empty = createEmpty(b, loc, op.getResult(), state);
    auto transposed =
        linalg::TransposeOp::create(b, loc, adaptor.getInput(), empty, op.getPermutation());
    b.replaceOp(op, castTo(b, loc, transposed->getResult(0), lowered(op.getResult())));
    return success();
  }
};

struct LowerExpand : NNPattern<ExpandOp> {
  using NNPattern::NNPattern;
  LogicalResult matchAndRewrite(ExpandOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    Shape shape = shapes().getShape(op.getResult());
    Value empty = createEmpty(b, loc, op.getResult(), state);
    requireBroadcast(b, loc,
                     {shapes().getShape(op.getInput()), *shapes().getContents(op.getShape())},
                     shape, state);
    auto operand = broadcastOperand(b, loc, op.getInput(), adaptor.getInput(), shape, state);
    ScalarBuilder builder(loc, b);
    Value result = buildGeneric(builder, empty, operand.value, operand.map,
                                [](ScalarBuilder &, ValueRange read) { return read[0]; });
    b.replaceOp(op, castTo(b, loc, result, lowered(op.getResult())));
    return success();
  }
};

struct LowerConcat : NNPattern<ConcatOp> {
  using NNPattern::NNPattern;
  LogicalResult matchAndRewrite(ConcatOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    Shape result = shapes().getShape(op.getResult());
    for (Value input : op.getInputs())
      for (auto [i, dim] : llvm::enumerate(Shape(shapes().getShape(input))))
        if (i != op.getAxis())
          requireEqual(b, loc, dim, result[i], "sizes {0} and {1} of concatenated inputs differ",
                       state);
    // Inputs of no elements have no place to be inserted at.
    SmallVector<Value> inputs;
    for (Value input : adaptor.getInputs())
      if (cast<RankedTensorType>(input.getType()).getDimSize(op.getAxis()) != 0 || inputs.empty())
        inputs.push_back(input);
    if (inputs.size() > 1 &&
        cast<RankedTensorType>(inputs[0].getType()).getDimSize(op.getAxis()) == 0)
      inputs.erase(inputs.begin());
    auto concat = tensor::ConcatOp::create(b, loc, op.getAxis(), inputs);
    b.replaceOp(op, castTo(b, loc, concat, lowered(op.getResult())));
    return success();
  }
};

struct LowerShape : NNPattern<ShapeOp> {
  using NNPattern::NNPattern;
  LogicalResult matchAndRewrite(ShapeOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    SmallVector<Value> elements;
    for (OpFoldResult size : lowerSizes(b, loc, op.getInput(), state))
      elements.push_back(b.createOrFold<arith::IndexCastOp>(
          loc, b.getI64Type(), getValueOrCreateConstantIndexOp(b, loc, size)));
    b.replaceOpWithNewOp<tensor::FromElementsOp>(op, lowered(op.getResult()), elements);
    return success();
  }
};

struct LowerRange : NNPattern<RangeOp> {
  using NNPattern::NNPattern;

  /// max(ceil((limit - start) / delta), 0) of scalars.
  static Value countOf(ScalarBuilder &b, Value start, Value limit, Value delta) {
    Type type = start.getType();
    if (isa<FloatType>(type)) {
      Value steps = math::CeilOp::create(
          b, arith::DivFOp::create(b, arith::SubFOp::create(b, limit, start), delta));
      // No count is as large as the bound, nor can memory hold it: infinite ranges end there.
      Value clamped = arith::MinNumFOp::create(
          b, arith::MaxNumFOp::create(b, steps, scalarConstant(b, type, 0)),
          scalarConstant(b, type, 4611686018427387904.0));
      return arith::IndexCastOp::create(b, b.getIndexType(),
                                        arith::FPToSIOp::create(b, b.getI64Type(), clamped));
    }
    Value zero = scalarConstant(b, type, 0), one = scalarConstant(b, type, 1);
    Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, delta, zero);
    Value step = arith::SelectOp::create(b, isZero, one, delta);
    Value steps = arith::CeilDivSIOp::create(b, arith::SubIOp::create(b, limit, start), step);
    Value count = arith::MaxSIOp::create(b, steps, zero);
    return arith::IndexCastOp::create(b, b.getIndexType(), count);
  }

  LogicalResult matchAndRewrite(RangeOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type type = cast<TensorType>(op.getStart().getType()).getElementType();
    auto load = [&](Value tensor) {
      return loadElement(b, tensor::ExtractOp::create(b, tensor, ValueRange()), type);
    };
    Value start = load(adaptor.getStart()), limit = load(adaptor.getLimit()),
          delta = load(adaptor.getDelta());
    auto result = lowered(op.getResult());
    Value count = countOf(b, start, limit, delta);
    OpFoldResult size = count;
    DimExpr dim = shapes().getShape(op.getResult())[0];
    const SymbolicShapes::Symbol *symbol = shapes().getSymbol(dim);
    if (!symbol || symbol->value != op.getResult()) {
      size = lowerDim(rewriter, op.getLoc(), dim, state);
      Value known = getValueOrCreateConstantIndexOp(b, b.getLoc(), size);
      Value equal = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, count, known);
      run::RequireOp::create(b, equal,
                             b.getStringAttr("node '" + nodeName(op.getLoc()) +
                                             "': the range has {0} elements, {1} were expected"),
                             ValueRange{count, known});
    }
    Value empty = createEmpty(b, b.getLoc(), size, result.getElementType());
    Value elements = buildGeneric(b, empty, {}, {}, [&](ScalarBuilder &body, ValueRange) {
      Value index = loopPositions(body, 0, 1).front();
      Value i = arith::IndexCastOp::create(body, body.getI64Type(), index);
      Value position = scalarCast(body, i, body.getI64Type(), type);
      Value step = scalarBinary(body, BinaryKind::Mul, position, delta, type);
      Value value = scalarBinary(body, BinaryKind::Add, start, step, type);
      return storeElement(body, value, type);
    });
    rewriter.replaceOp(op, castTo(b, b.getLoc(), elements, result));
    return success();
  }
};
} // namespace

void optc::nn::populateShape(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerReshape, LowerTranspose, LowerExpand, LowerConcat, LowerShape, LowerRange>(
      patterns.getContext(), state);
}
