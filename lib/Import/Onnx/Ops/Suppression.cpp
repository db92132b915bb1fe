//===- Suppression.cpp - non-maximum suppression -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NonMaxSuppression: boxes in the order of their scores, of which a greedy loop marks those that
// stay. The marks' positions are the result, so nothing here knows how many there are.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/RuntimeChecks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

//===----------------------------------------------------------------------===//
// What the loop reads
//===----------------------------------------------------------------------===//

/// Lowest y and x, highest y and x, area.
constexpr int64_t numBoxColumns = 5;

/// Boxes [batch, n, 4] as [batch, n, numBoxColumns].
static Value cornersAndAreas(NNBuilder &b, Value boxes, bool isCentered) {
  auto column = [&](int64_t i) { return b.slice(boxes, 2, i, i + 1); };
  auto binary = [&](BinaryKind kind, Value x, Value y) { return b.binary(kind, x, y); };
  Value low[2], high[2]; // y, x
  for (int64_t i = 0; i < 2; ++i) {
    if (isCentered) { // x, y, width, height
      Value half = b.binary(BinaryKind::Div, column(3 - i), 2.0);
      low[i] = binary(BinaryKind::Sub, column(1 - i), half);
      high[i] = binary(BinaryKind::Add, column(1 - i), half);
    } else { // y, x, y, x of two opposite corners
      low[i] = column(i);
      low[i] = binary(BinaryKind::Min, low[i], column(i + 2));
      high[i] = column(i);
      high[i] = binary(BinaryKind::Max, high[i], column(i + 2));
    }
  }
  Value area = binary(BinaryKind::Sub, high[1], low[1]);
  area = binary(BinaryKind::Mul, area, binary(BinaryKind::Sub, high[0], low[0]));
  return b.concat({low[0], low[1], high[0], high[1], area}, 2);
}

namespace {
/// Boxes of every batch and class in the order of their scores.
struct Candidates {
  Value keys;  // [batch, class, box], float: scores, -infinity where a box is out
  Value order; // [batch, class, rank], i64: the box of a rank
};
} // namespace

/// Without a threshold all boxes are candidates, those with a NaN last. With one only as many
/// ranks are sorted as the class that has most needs.
static Candidates sortCandidates(NNBuilder &b, Value scores, Value threshold) {
  Value lowest = b.scalarLike(scores, -std::numeric_limits<double>::infinity());
  Value keys, count = b.sizeOf(scores, 2);
  if (threshold) {
    Value isIn = b.compare(ComparePredicate::Gt, scores, threshold);
    keys = b.select(isIn, scores, lowest);
    Value counts = b.reduce(ReduceKind::Sum, b.convert(isIn, b.getI64Type()), {2});
    Value most = b.reduce(ReduceKind::Max, counts, {0, 1, 2});
    count = b.binary(BinaryKind::Max, b.reshape(most, {1}), 0.0);
  } else {
    keys = b.select(b.unary(UnaryKind::IsNan, scores), lowest, scores);
  }
  return {keys, b.make<ArgSortOp>(b.getI64Type(), keys, count, /*descending=*/true)};
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

namespace {
class GreedyLoop {
public:
  GreedyLoop(NNBuilder &b, const Candidates &candidates, Value boxes, bool hasThreshold)
      : nn(b), b(b.getLoc(), b), candidates(candidates), boxes(boxes), hasThreshold(hasThreshold) {}

  /// One i8 per rank: 1 for boxes that stay, at most `most` (i64) of a class. A box goes whose
  /// intersection with a better one that stays is more than `overlap` (f32) of their union.
  Value run(Value most, Value overlap);

private:
  SmallVector<Value> visit(ValueRange at, ValueRange carried);
  Value staysBeside(ValueRange box, Value kept, Value count, Value isIn);
  Value isOverlapping(ValueRange box, ValueRange other);
  SmallVector<Value> load(Value tensor, ValueRange at);

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value number(double value) {
    return arith::ConstantOp::create(b, b.getF32FloatAttr(static_cast<float>(value)));
  }
  Value flag(bool value) { return arith::ConstantIntOp::create(b, value, 1); }
  Value compare(arith::CmpFPredicate predicate, Value x, Value y) {
    return arith::CmpFOp::create(b, predicate, x, y);
  }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }

  NNBuilder &nn;
  ImplicitLocOpBuilder b;
  Candidates candidates;
  Value boxes;
  bool hasThreshold;
  Value most, overlap;
};
} // namespace

/// The columns of one box.
SmallVector<Value> GreedyLoop::load(Value tensor, ValueRange at) {
  SmallVector<Value> columns, place(at);
  for (int64_t i = 0; i < numBoxColumns; ++i) {
    place.push_back(index(i));
    columns.push_back(tensor::ExtractOp::create(b, tensor, place));
    place.pop_back();
  }
  return columns;
}

/// Comparisons with a NaN do not hold: such boxes overlap none.
Value GreedyLoop::isOverlapping(ValueRange box, ValueRange other) {
  auto positive = [&](Value x) { return compare(arith::CmpFPredicate::OGT, x, number(0)); };
  Value extents[2];
  for (int i = 0; i < 2; ++i) {
    Value high = arith::MinimumFOp::create(b, box[2 + i], other[2 + i]);
    Value low = arith::MaximumFOp::create(b, box[i], other[i]);
    extents[i] = arith::SubFOp::create(b, high, low);
  }
  Value shared = arith::MulFOp::create(b, extents[1], extents[0]);
  Value sum = arith::AddFOp::create(b, box[4], other[4]);
  Value whole = arith::SubFOp::create(b, sum, shared);
  Value ratio = arith::DivFOp::create(b, shared, whole);
  Value isMore = compare(arith::CmpFPredicate::OGT, ratio, overlap);
  for (Value part : {extents[0], extents[1], shared, box[4], other[4], whole})
    isMore = both(isMore, positive(part));
  return isMore;
}

/// Whether a candidate that is in overlaps none of the first `count` boxes of `kept`.
Value GreedyLoop::staysBeside(ValueRange box, Value kept, Value count, Value isIn) {
  Type types[] = {b.getIndexType(), b.getI1Type()};
  Location locs[] = {b.getLoc(), b.getLoc()};
  Value inits[] = {index(0), isIn};
  auto loop = scf::WhileOp::create(b, types, inits);
  OpBuilder::InsertionGuard guard(b);
  Block *before = b.createBlock(&loop.getBefore(), {}, types, locs);
  Value isLeft = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, before->getArgument(0), count);
  scf::ConditionOp::create(b, both(isLeft, before->getArgument(1)), before->getArguments());
  Block *after = b.createBlock(&loop.getAfter(), {}, types, locs);
  Value position = after->getArgument(0);
  Value overlaps = isOverlapping(box, load(kept, position));
  Value stays = arith::XOrIOp::create(b, overlaps, flag(true));
  scf::YieldOp::create(b, ValueRange{arith::AddIOp::create(b, position, index(1)), stays});
  return loop.getResult(1);
}

/// One candidate: `at` is its batch, class and rank; marks, boxes that stay and their number are
/// carried. All of it is written for every candidate; the next overwrites what did not stay.
SmallVector<Value> GreedyLoop::visit(ValueRange at, ValueRange carried) {
  Value marks = carried[0], kept = carried[1], count = carried[2];
  Value rank = tensor::ExtractOp::create(b, candidates.order, at);
  Value box = arith::IndexCastOp::create(b, b.getIndexType(), rank);
  Value isIn = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, count, most);
  if (hasThreshold) {
    Value key = tensor::ExtractOp::create(b, candidates.keys, ValueRange{at[0], at[1], box});
    Value lowest = number(-std::numeric_limits<double>::infinity());
    isIn = both(isIn, compare(arith::CmpFPredicate::OGT, key, lowest));
  }
  SmallVector<Value> columns = load(boxes, {at[0], box});
  Value stays = staysBeside(columns, kept, count, isIn);
  for (auto [i, column] : llvm::enumerate(columns))
    kept = tensor::InsertOp::create(b, column, kept, ValueRange{count, index(i)});
  marks = tensor::InsertOp::create(b, arith::ExtUIOp::create(b, b.getI8Type(), stays), marks, at);
  Value step = arith::IndexCastUIOp::create(b, b.getIndexType(), stays);
  return {marks, kept, arith::AddIOp::create(b, count, step)};
}

Value GreedyLoop::run(Value mostBoxes, Value mostOverlap) {
  auto type = NNBuilder::typeOf(candidates.order);
  SmallVector<Value> sizes, dynamic;
  for (int64_t i = 0; i < 3; ++i) {
    sizes.push_back(tensor::DimOp::create(b, candidates.order, i));
    if (type.isDynamicDim(i))
      dynamic.push_back(sizes.back());
  }
  overlap = tensor::ExtractOp::create(b, mostOverlap, ValueRange());
  Value limit = tensor::ExtractOp::create(b, mostBoxes, ValueRange());
  Value none = arith::ConstantIntOp::create(b, 0, 64);
  most = arith::IndexCastOp::create(b, b.getIndexType(), arith::MaxSIOp::create(b, limit, none));
  Value marks = tensor::EmptyOp::create(b, type.clone(b.getI8Type()), dynamic);
  auto keptType = RankedTensorType::get({type.getDimSize(2), numBoxColumns}, b.getF32Type());
  Value kept = tensor::EmptyOp::create(b, keptType,
                                       type.isDynamicDim(2) ? ValueRange(sizes[2]) : ValueRange());
  Value zero = index(0), one = index(1);
  // Every loop is built by the same builder, which stands in the innermost.
  auto ranks = [&](OpBuilder &, Location, ValueRange at, ValueRange carried) -> scf::ValueVector {
    Value inits[] = {carried[0], carried[1], zero};
    auto loop = scf::ForOp::create(b, zero, sizes[2], one, inits);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    scf::YieldOp::create(b,
                         visit({at[0], at[1], loop.getInductionVar()}, loop.getRegionIterArgs()));
    return {loop.getResult(0), loop.getResult(1)};
  };
  Value lower[] = {zero, zero}, upper[] = {sizes[0], sizes[1]}, steps[] = {one, one};
  scf::LoopNest nest =
      scf::buildLoopNest(b, b.getLoc(), lower, upper, steps, ValueRange{marks, kept}, ranks);
  nn.getShapes().setShape(nest.results.front(), Shape(nn.getShapes().getShape(candidates.order)));
  return nest.results.front();
}

//===----------------------------------------------------------------------===//
// NonMaxSuppression
//===----------------------------------------------------------------------===//

/// An operand of one element as a scalar; null where it is left out or empty.
static Value scalarOperand(NodeImport &n, size_t index) {
  Value value = n.operand(index);
  if (!value || llvm::is_contained(NNBuilder::typeOf(value).getShape(), 0))
    return {};
  return n.b.reshape(value, ArrayRef<int64_t>());
}

/// The part of its union that two boxes may share; between 0 and 1.
static FailureOr<Value> overlapOf(NodeImport &n) {
  Value overlap = scalarOperand(n, 3);
  if (!overlap)
    return n.b.scalar(n.b.getF32Type(), 0);
  if (auto known = n.constantFloats(3)) {
    if (!(known->front() >= 0 && known->front() <= 1))
      return n.invalid("its iou_threshold is " + Twine(std::to_string(known->front())) +
                       ", it must be between 0 and 1");
    return overlap;
  }
  constexpr StringRef what = "its iou_threshold must be between 0 and 1";
  if (failed(n.demand(overlap, ComparePredicate::Ge, 0.0, what)) ||
      failed(n.demand(overlap, ComparePredicate::Le, 1.0, what)))
    return failure();
  return overlap;
}

static LogicalResult importNonMaxSuppression(NodeImport &n) {
  NNBuilder &b = n.b;
  Value boxes = n.operand(0), scores = n.operand(1);
  if (NNBuilder::rankOf(boxes) != 3 || NNBuilder::rankOf(scores) != 3)
    return n.invalid("boxes and scores must have rank 3, they have " +
                     Twine(NNBuilder::rankOf(boxes)) + " and " + Twine(NNBuilder::rankOf(scores)));
  if (failed(requireSize(n, boxes, 2, 4, "boxes")) ||
      failed(requireSameSize(n, {boxes, 0, "boxes"}, {scores, 0, "scores"})) ||
      failed(requireSameSize(n, {boxes, 1, "boxes"}, {scores, 2, "scores"})))
    return failure();
  FailureOr<Value> overlap = overlapOf(n);
  if (failed(overlap))
    return failure();
  Value most = scalarOperand(n, 2), threshold = scalarOperand(n, 4);
  if (!most)
    most = b.scalar(b.getI64Type(), 0);
  Candidates candidates = sortCandidates(b, scores, threshold);
  GreedyLoop loop(b, candidates, cornersAndAreas(b, boxes, n.intAttr("center_point_box")),
                  static_cast<bool>(threshold));
  Value marks = loop.run(most, *overlap);
  Value places = b.transpose(b.make<NonZeroOp>(b.getI64Type(), marks), {1, 0});
  Value chosen = b.make<GatherNDOp>(b.getI64Type(), candidates.order, places, 0);
  n.setResult(0, b.concat({b.slice(places, 1, 0, 2), b.unsqueeze(chosen, {1})}, 1));
  return success();
}

void optc::onnximport::registerSuppression(HandlerRegistry &r) {
  r.add("NonMaxSuppression", importNonMaxSuppression);
}
