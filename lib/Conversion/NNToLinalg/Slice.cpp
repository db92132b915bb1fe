//===- Slice.cpp - slices and pads ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Slices with ONNX's clamping of bounds, and pads of all modes.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Conversion/NNToLinalg/Indexing.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {
/// The resolved bounds of one axis as index values; `count` elements from `start` by `step`.
struct AxisBounds {
  Value start, count, step;
};
} // namespace

/// bound < 0 ? bound + size : bound, clamped to [low, high].
static Value clampBound(ScalarBuilder &b, Value bound, Value size, Value low, Value high) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value isNegative = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, bound, zero);
  Value fromEnd = b.createOrFold<arith::AddIOp>(bound, size);
  Value wrapped = b.createOrFold<arith::SelectOp>(isNegative, fromEnd, bound);
  return b.createOrFold<arith::MinSIOp>(b.createOrFold<arith::MaxSIOp>(wrapped, low), high);
}

/// ONNX's rule: with a positive step both bounds are in [0, size], the count is
/// ceil((end - start) / step); with a negative one start is in [0, size-1], end in [-1, size-1].
static AxisBounds resolveBounds(ScalarBuilder &b, Value start, Value end, Value step, Value size) {
  Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
  Value minus = arith::ConstantIndexOp::create(b, -1);
  Value isForward = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::sgt, step, zero);
  Value last = b.createOrFold<arith::SubIOp>(size, one);
  Value low = b.createOrFold<arith::SelectOp>(isForward, zero, minus);
  Value high = b.createOrFold<arith::SelectOp>(isForward, size, last);
  Value from = clampBound(b, start, size, zero, high), to = clampBound(b, end, size, low, high);
  Value up = b.createOrFold<arith::SubIOp>(to, from),
        down = b.createOrFold<arith::SubIOp>(from, to);
  Value length = b.createOrFold<arith::SelectOp>(isForward, up, down);
  // The lowest number has no opposite.
  Value most = arith::ConstantIndexOp::create(b, std::numeric_limits<int64_t>::min() + 1);
  step = b.createOrFold<arith::MaxSIOp>(step, most);
  Value magnitude =
      b.createOrFold<arith::SelectOp>(isForward, step, b.createOrFold<arith::SubIOp>(zero, step));
  Value safe = b.createOrFold<arith::MaxSIOp>(magnitude, one);
  Value count =
      b.createOrFold<arith::CeilDivSIOp>(b.createOrFold<arith::MaxSIOp>(length, zero), safe);
  return {from, count, step};
}

namespace {
struct LowerSlice : NNPattern<SliceOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(SliceOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    SmallVector<OpFoldResult> inputSizes = lowerSizes(rewriter, op.getLoc(), op.getInput(), state);
    SmallVector<OpFoldResult> offsets(inputSizes.size(), b.getIndexAttr(0)), sizes(inputSizes),
        steps(inputSizes.size(), b.getIndexAttr(1));
    bool isForward = true;
    for (auto [i, axis] : llvm::enumerate(op.getAxes())) {
      Value step = bound(op.getSteps(), i, rewriter);
      if (!getConstantIntValue(step)) {
        Value isStep = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ne, step,
                                                     arith::ConstantIndexOp::create(b, 0));
        require(rewriter, op.getLoc(), isStep, "the step of axis " + Twine(axis) + " is 0", {});
      }
      AxisBounds bounds =
          resolveBounds(b, bound(op.getStarts(), i, rewriter), bound(op.getEnds(), i, rewriter),
                        step, getValueOrCreateConstantIndexOp(b, b.getLoc(), inputSizes[axis]));
      offsets[axis] = getAsOpFoldResult(bounds.start);
      steps[axis] = getAsOpFoldResult(bounds.step);
      sizes[axis] = resultSize(op, axis, bounds.count, rewriter);
      // An empty slice may start behind the end, which tensor.extract_slice does not allow.
      if (getConstantIntValue(sizes[axis]) == 0)
        offsets[axis] = b.getIndexAttr(0);
      auto known = getConstantIntValue(steps[axis]);
      isForward &= known && *known > 0;
    }
    // A view of no elements may start behind the last one, which extract_slice refuses.
    auto inputType = cast<RankedTensorType>(adaptor.getInput().getType());
    bool isEmpty =
        llvm::is_contained(inputType.getShape(), 0) ||
        llvm::any_of(sizes, [](OpFoldResult size) { return isConstantIntValue(size, 0); });
    Value result =
        isEmpty || reachesBeyond(inputType, offsets, sizes, steps)
            ? createEmpty(b, op.getLoc(), sizes, inputType.getElementType())
        : isForward ? tensor::ExtractSliceOp::create(b, adaptor.getInput(), offsets, sizes, steps)
                    : gatherSlice(b, adaptor.getInput(), offsets, sizes, steps);
    rewriter.replaceOp(op, castTo(b, b.getLoc(), result, lowered(op.getResult())));
    return success();
  }

  /// Whether the model declares more elements than there are behind the first: a check ends the
  /// run.
  static bool reachesBeyond(RankedTensorType type, ArrayRef<OpFoldResult> offsets,
                            ArrayRef<OpFoldResult> sizes, ArrayRef<OpFoldResult> steps) {
    for (auto [dim, offset, size, step] : llvm::zip(type.getShape(), offsets, sizes, steps)) {
      auto first = getConstantIntValue(offset), count = getConstantIntValue(size),
           by = getConstantIntValue(step);
      if (!ShapedType::isDynamic(dim) && first && count && by && *by > 0 && *count > 0 &&
          (*count - 1) > (dim - 1 - *first) / *by)
        return true;
    }
    return false;
  }

  /// Element i of a bounds operand: its symbolic value where that is known, else from the data.
  Value bound(Value original, int64_t i, Rewriter &rewriter) const {
    Location loc = original.getLoc();
    DimExpr expr = (*shapes().getContents(original))[i];
    return getValueOrCreateConstantIndexOp(rewriter, loc, lowerDim(rewriter, loc, expr, state));
  }

  /// The size inference gave, checked, or the computed one where only the data decides.
  OpFoldResult resultSize(SliceOp op, int64_t axis, Value count, Rewriter &b) const {
    DimExpr dim = shapes().getShape(op.getResult())[axis];
    const SymbolicShapes::Symbol *symbol = shapes().getSymbol(dim);
    // That of a slice with bounds of any sign is defined as this count.
    if (symbol &&
        (symbol->value == op.getResult() || symbol->kind == SymbolicShapes::Symbol::Kind::Sliced))
      return getAsOpFoldResult(count);
    OpFoldResult size = lowerDim(b, op.getLoc(), dim, state);
    if (isEqualConstantIntOrValue(size, getAsOpFoldResult(count)))
      return size;
    Value known = getValueOrCreateConstantIndexOp(b, op.getLoc(), size);
    Value equal =
        b.createOrFold<arith::CmpIOp>(op.getLoc(), arith::CmpIPredicate::eq, count, known);
    run::RequireOp::create(b, op.getLoc(), equal,
                           b.getStringAttr("node '" + nodeName(op.getLoc()) +
                                           "': the slice has {0} elements, its bounds ask for {1}"),
                           ValueRange{count, known});
    return size;
  }

  /// result[i...] = input[offset + i * step ...], for steps that may be negative.
  static Value gatherSlice(ScalarBuilder &b, Value input, ArrayRef<OpFoldResult> offsets,
                           ArrayRef<OpFoldResult> sizes, ArrayRef<OpFoldResult> steps) {
    auto type = cast<RankedTensorType>(input.getType());
    SmallVector<Value> start = getValueOrCreateConstantIndexOp(b, b.getLoc(), offsets);
    SmallVector<Value> step = getValueOrCreateConstantIndexOp(b, b.getLoc(), steps);
    Value empty = createEmpty(b, b.getLoc(), sizes, type.getElementType());
    return buildGeneric(b, empty, {}, {}, [&](ScalarBuilder &body, ValueRange) {
      SmallVector<Value> place = loopPositions(body, 0, type.getRank());
      for (auto [position, from, by] : llvm::zip(place, start, step)) {
        Value moved = body.createOrFold<arith::MulIOp>(position, by);
        position = body.createOrFold<arith::AddIOp>(moved, from);
      }
      return tensor::ExtractOp::create(body, input, place);
    });
  }
};

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

struct LowerPad : NNPattern<PadOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(PadOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    SmallVector<OpFoldResult> inputSizes = lowerSizes(rewriter, op.getLoc(), op.getInput(), state);
    SmallVector<OpFoldResult> sizes = lowerSizes(rewriter, op.getLoc(), op.getResult(), state);
    Shape pads = *shapes().getContents(op.getPads());
    SmallVector<OpFoldResult> before;
    SmallVector<int64_t> known;
    bool isGrowing = true;
    for (auto [i, pad] : llvm::enumerate(pads)) {
      auto amount = getConstant(pad);
      isGrowing &= (amount && *amount >= 0) || shapes().isNonNegative(pad);
      if (amount && *amount >= 0)
        known.push_back(*amount);
      if (i < inputSizes.size())
        before.push_back(lowerDim(rewriter, op.getLoc(), pad, state));
    }
    Value result;
    if (op.getMode() == PadMode::Constant && isGrowing)
      result = padByInsert(b, adaptor, before, inputSizes, sizes);
    else if (op.getMode() != PadMode::Constant && known.size() == pads.size() &&
             !isEmpty(adaptor.getInput()))
      result = padByBorders(b, op, adaptor, known, inputSizes, sizes);
    else
      result = padByIndex(b, op, adaptor, before, inputSizes, sizes);
    rewriter.replaceOp(op, castTo(b, b.getLoc(), result, lowered(op.getResult())));
    return success();
  }

  static bool isEmpty(Value tensor) {
    return llvm::is_contained(cast<RankedTensorType>(tensor.getType()).getShape(), 0);
  }

  /// Fills the result, then the producer of the input can write into its interior.
  static Value padByInsert(ScalarBuilder &b, OpAdaptor adaptor, ArrayRef<OpFoldResult> before,
                           ArrayRef<OpFoldResult> inputSizes, ArrayRef<OpFoldResult> sizes) {
    auto type = cast<RankedTensorType>(adaptor.getInput().getType());
    Value value = tensor::ExtractOp::create(b, adaptor.getValue(), ValueRange());
    Value empty = createEmpty(b, b.getLoc(), sizes, type.getElementType());
    Value filled = linalg::FillOp::create(b, value, empty).getResult(0);
    // MLIR refuses places behind the last element, where nothing is put.
    if (isEmpty(adaptor.getInput()))
      return filled;
    SmallVector<OpFoldResult> steps(type.getRank(), b.getIndexAttr(1));
    return tensor::InsertSliceOp::create(b, adaptor.getInput(), filled, before, inputSizes, steps);
  }

  /// The position in the input that an element of the result repeats, per mode.
  static Value sourceIndex(ScalarBuilder &b, PadMode mode, Value index, Value size) {
    Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
    Value last = arith::SubIOp::create(b, size, one);
    if (mode == PadMode::Edge || mode == PadMode::Constant)
      return arith::MinSIOp::create(b, arith::MaxSIOp::create(b, index, zero),
                                    arith::MaxSIOp::create(b, last, zero));
    Value two = arith::ConstantIndexOp::create(b, 2);
    bool isWrap = mode == PadMode::Wrap;
    // Wrap repeats with the period size, reflect with 2 * (size - 1).
    Value period = isWrap ? size : arith::MulIOp::create(b, two, last).getResult();
    period = arith::MaxSIOp::create(b, period, one);
    Value rest = arith::RemSIOp::create(b, index, period);
    Value isNegative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, rest, zero);
    Value phase =
        arith::SelectOp::create(b, isNegative, arith::AddIOp::create(b, rest, period), rest);
    if (isWrap)
      return phase;
    return arith::MinSIOp::create(b, phase, arith::SubIOp::create(b, period, phase));
  }

  /// The producer of the input can write into the interior here, too. Then borders are added
  /// dimension by dimension, which repeat what stands between them: of the dimensions before, all,
  /// of those behind, the interior.
  static Value padByBorders(ScalarBuilder &b, PadOp op, OpAdaptor adaptor, ArrayRef<int64_t> pads,
                            ArrayRef<OpFoldResult> inputSizes, ArrayRef<OpFoldResult> sizes) {
    auto type = cast<RankedTensorType>(adaptor.getInput().getType());
    int64_t rank = type.getRank();
    SmallVector<OpFoldResult> offsets =
        getAsIndexOpFoldResult(b.getContext(), pads.take_front(rank));
    SmallVector<OpFoldResult> extents(inputSizes), steps(rank, b.getIndexAttr(1));
    Value padded = createEmpty(b, b.getLoc(), sizes, type.getElementType());
    padded = tensor::InsertSliceOp::create(b, adaptor.getInput(), padded, offsets, extents, steps);
    for (int64_t dim = 0; dim < rank; ++dim) {
      Value before = arith::ConstantIndexOp::create(b, pads[dim]);
      Value size = getValueOrCreateConstantIndexOp(b, b.getLoc(), inputSizes[dim]);
      auto source = [&](ScalarBuilder &body, Value position) -> Value {
        Value inside = arith::SubIOp::create(body, position, before);
        return arith::AddIOp::create(body, sourceIndex(body, op.getMode(), inside, size), before);
      };
      auto addBorder = [&](OpFoldResult start, int64_t count) {
        if (count == 0)
          return;
        offsets[dim] = start, extents[dim] = b.getIndexAttr(count);
        Value border = copyBorder(b, padded, offsets, extents, dim, source);
        padded = tensor::InsertSliceOp::create(b, border, padded, offsets, extents, steps);
      };
      addBorder(b.getIndexAttr(0), pads[dim]);
      addBorder(getAsOpFoldResult(b.createOrFold<arith::AddIOp>(before, size)), pads[rank + dim]);
      offsets[dim] = b.getIndexAttr(0), extents[dim] = sizes[dim];
    }
    return padded;
  }

  /// What stands at `offsets` of a tensor, but along `dim` at the positions that `source` says
  /// instead.
  static Value copyBorder(ScalarBuilder &b, Value tensor, ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> extents, int64_t dim,
                          function_ref<Value(ScalarBuilder &, Value)> source) {
    auto type = cast<RankedTensorType>(tensor.getType());
    SmallVector<Value> start = getValueOrCreateConstantIndexOp(b, b.getLoc(), offsets);
    Value empty = createEmpty(b, b.getLoc(), extents, type.getElementType());
    return buildGeneric(b, empty, {}, {}, [&](ScalarBuilder &body, ValueRange) -> Value {
      SmallVector<Value> place = loopPositions(body, 0, type.getRank());
      for (auto [position, by] : llvm::zip(place, start))
        position = body.createOrFold<arith::AddIOp>(position, by);
      place[dim] = source(body, place[dim]);
      return tensor::ExtractOp::create(body, tensor, place);
    });
  }

  static Value padByIndex(ScalarBuilder &b, PadOp op, OpAdaptor adaptor,
                          ArrayRef<OpFoldResult> before, ArrayRef<OpFoldResult> inputSizes,
                          ArrayRef<OpFoldResult> sizes) {
    auto type = cast<RankedTensorType>(adaptor.getInput().getType());
    SmallVector<Value> shift = getValueOrCreateConstantIndexOp(b, b.getLoc(), before);
    SmallVector<Value> size = getValueOrCreateConstantIndexOp(b, b.getLoc(), inputSizes);
    Value fill = tensor::ExtractOp::create(b, adaptor.getValue(), ValueRange());
    Value empty = createEmpty(b, b.getLoc(), sizes, type.getElementType());
    return buildGeneric(b, empty, {}, {}, [&](ScalarBuilder &body, ValueRange) -> Value {
      SmallVector<Value> place = loopPositions(body, 0, type.getRank());
      Value isInside = arith::ConstantIntOp::create(body, 1, 1);
      for (auto [position, by, extent] : llvm::zip(place, shift, size)) {
        Value index = arith::SubIOp::create(body, position, by);
        // As unsigned numbers, negative positions are beyond every size.
        Value inside = arith::CmpIOp::create(body, arith::CmpIPredicate::ult, index, extent);
        isInside = arith::AndIOp::create(body, isInside, inside);
        position = sourceIndex(body, op.getMode(), index, extent);
      }
      Value element = tensor::ExtractOp::create(body, adaptor.getInput(), place);
      if (op.getMode() != PadMode::Constant)
        return element;
      return arith::SelectOp::create(body, isInside, element, fill);
    });
  }
};
} // namespace

void optc::nn::populateSlice(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerSlice, LowerPad>(patterns.getContext(), state);
}
