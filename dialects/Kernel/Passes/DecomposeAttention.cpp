//===- DecomposeAttention.cpp - attention as products and a softmax --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stores all scores: kernel.matmul, kernel.row_norm with the op's region in its prologue,
// kernel.matmul.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

namespace {
class AttentionDecomposer {
public:
  AttentionDecomposer(RewriterBase &rewriter, AttentionOp op)
      : b(rewriter), op(op), loc(op.getLoc()), compute(op.getComputeType()) {
    for (unsigned dim :
         {AttentionOp::Batch, AttentionOp::Head, AttentionOp::Group, AttentionOp::Query})
      if (op.getInitMap().getResultPosition(b.getAffineDimExpr(dim)))
        rows.push_back(dim);
  }

  Value run() {
    Value scores = multiply(0, 1, AttentionOp::Key, AttentionOp::Inner, emptyScores(compute));
    Value weights = softmax(scores);
    Value result = op.getInit();
    return multiplyWeights(weights, result);
  }

private:
  /// The size of a dim of the iteration space, from an operand that has it.
  OpFoldResult sizeOf(unsigned dim) {
    for (auto [i, operand] : llvm::enumerate(op->getOperands()))
      if (auto position = op.getMap(i).getResultPosition(b.getAffineDimExpr(dim)))
        return tensor::getMixedSize(b, loc, operand, *position);
    return b.getIndexAttr(1);
  }

  SmallVector<unsigned> scoreDims() {
    SmallVector<unsigned> dims(rows);
    dims.push_back(AttentionOp::Key);
    return dims;
  }
  Value emptyScores(Type element) {
    auto sizes = llvm::map_to_vector(scoreDims(), [&](unsigned dim) { return sizeOf(dim); });
    return tensor::EmptyOp::create(b, loc, sizes, element);
  }

  /// A map over the iteration space as one over `dims` only, in their order.
  AffineMap restrict(AffineMap map, ArrayRef<unsigned> dims) {
    SmallVector<AffineExpr> exprs;
    for (AffineExpr expr : map.getResults()) {
      auto *at = llvm::find(dims, cast<AffineDimExpr>(expr).getPosition());
      exprs.push_back(b.getAffineDimExpr(at - dims.begin()));
    }
    return AffineMap::get(dims.size(), 0, exprs, b.getContext());
  }
  AffineMap mapOf(ArrayRef<unsigned> results, ArrayRef<unsigned> dims) {
    auto whole =
        AffineMap::getMultiDimMapWithTargets(AttentionOp::NumDims, results, b.getContext());
    return restrict(whole, dims);
  }

  Value multiply(unsigned lhs, unsigned rhs, unsigned column, unsigned summed, Value init) {
    SmallVector<unsigned> space(rows);
    space.append({column, summed});
    SmallVector<AffineMap> maps = {restrict(op.getMap(lhs), space), restrict(op.getMap(rhs), space),
                                   mapOf(scoreDims(), space)};
    return MatmulOp::create(b, loc, op->getOperand(lhs), op->getOperand(rhs), init, maps, compute)
        ->getResult(0);
  }

  Value multiplyWeights(Value weights, Value init) {
    SmallVector<unsigned> space(rows);
    space.append({AttentionOp::Outer, AttentionOp::Key});
    SmallVector<AffineMap> maps = {mapOf(scoreDims(), space), restrict(op.getMap(2), space),
                                   restrict(op.getInitMap(), space)};
    return MatmulOp::create(b, loc, weights, op.getValue(), init, maps, compute)->getResult(0);
  }

  Value softmax(Value scores);
  Value allowedKeys();
  Value scalarBound(OpBuilder &builder, Value bound, Value batch);
  /// The region's result for one score; -inf where the last argument (if there is one) is 0.
  Value scoreOf(OpBuilder &builder, ValueRange args);
  Value constant(OpBuilder &builder, double value) {
    return arith::ConstantOp::create(builder, loc, builder.getFloatAttr(compute, value));
  }

  RewriterBase &b;
  AttentionOp op;
  Location loc;
  Type compute;
  SmallVector<unsigned> rows; ///< dims of a row of scores
};
} // namespace

Value AttentionDecomposer::scalarBound(OpBuilder &builder, Value bound, Value batch) {
  SmallVector<Value> at;
  if (cast<ShapedType>(bound.getType()).getRank() == 1)
    at.push_back(batch);
  Value element = tensor::ExtractOp::create(builder, loc, bound, at);
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), element);
}

/// i8 [b, s, t]: 1 where the bounds let a query see a key.
Value AttentionDecomposer::allowedKeys() {
  SmallVector<OpFoldResult> sizes = {sizeOf(AttentionOp::Batch), sizeOf(AttentionOp::Query),
                                     sizeOf(AttentionOp::Key)};
  Value empty = tensor::EmptyOp::create(b, loc, sizes, b.getI8Type());
  SmallVector<utils::IteratorType> iterators(3, utils::IteratorType::parallel);
  auto body = [&](OpBuilder &builder, Location, ValueRange) {
    auto index = [&](unsigned dim) -> Value { return linalg::IndexOp::create(builder, loc, dim); };
    Value batch = index(0), key = index(2), place = index(1);
    if (op.getOffset())
      place =
          arith::AddIOp::create(builder, loc, place, scalarBound(builder, op.getOffset(), batch));
    Value allowed = arith::ConstantIntOp::create(builder, loc, 1, 1);
    auto require = [&](Value lower, Value upper) {
      Value holds = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, lower, upper);
      allowed = arith::AndIOp::create(builder, loc, allowed, holds);
    };
    auto moved = [&](Value value, int64_t by) -> Value {
      return arith::AddIOp::create(builder, loc, value,
                                   arith::ConstantIndexOp::create(builder, loc, by));
    };
    if (op.getLengths())
      require(moved(key, 1), scalarBound(builder, op.getLengths(), batch));
    if (op.getBefore())
      require(place, moved(key, *op.getBefore()));
    if (op.getAfter())
      require(key, moved(place, *op.getAfter()));
    Value stored = arith::ExtUIOp::create(builder, loc, builder.getI8Type(), allowed);
    linalg::YieldOp::create(builder, loc, stored);
  };
  return linalg::GenericOp::create(b, loc, empty.getType(), ValueRange(), empty,
                                   b.getMultiDimIdentityMap(3), iterators, body)
      .getResult(0);
}

Value AttentionDecomposer::scoreOf(OpBuilder &builder, ValueRange args) {
  Block &body = op.getScore().front();
  IRMapping mapping;
  mapping.map(body.getArguments(), args.take_front(body.getNumArguments()));
  for (Operation &inner : body.without_terminator())
    builder.clone(inner, mapping);
  Value result = mapping.lookupOrDefault(body.getTerminator()->getOperand(0));
  if (args.size() == body.getNumArguments())
    return result;
  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 8);
  Value isAllowed =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, args.back(), zero);
  return arith::SelectOp::create(builder, loc, isAllowed, result, constant(builder, -INFINITY));
}

Value AttentionDecomposer::softmax(Value scores) {
  SmallVector<unsigned> dims = scoreDims();
  SmallVector<Value> inputs = {scores};
  SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(dims.size())};
  for (auto [i, extra] : llvm::enumerate(op.getExtras())) {
    inputs.push_back(extra);
    maps.push_back(restrict(op.getMap(op.getFirstExtra() + i), dims));
  }
  if (op.isBounded()) {
    Value allowed = allowedKeys();
    SmallVector<unsigned> seen = {AttentionOp::Query, AttentionOp::Key};
    if (rows.front() == AttentionOp::Batch) {
      seen.insert(seen.begin(), AttentionOp::Batch);
    } else {
      auto type = cast<RankedTensorType>(allowed.getType());
      allowed =
          tensor::CollapseShapeOp::create(b, loc, type.clone(type.getShape().drop_front()), allowed,
                                          ArrayRef<ReassociationIndices>{{0, 1}, {2}});
    }
    inputs.push_back(allowed);
    maps.push_back(mapOf(seen, dims));
  }
  Value init = emptyScores(compute);
  int64_t keys = dims.size() - 1;
  auto norm = RowNormOp::create(b, loc, TypeRange(init.getType()), RowNormKind::Softmax, keys,
                                inputs, init, b.getAffineMapArrayAttr(maps), llvm::APFloat(0.0));
  SmallVector<Type> types = llvm::map_to_vector(
      inputs, [](Value input) { return cast<ShapedType>(input.getType()).getElementType(); });
  OpBuilder::InsertionGuard guard(b);
  auto lowest = llvm::APFloat::getLargest(cast<FloatType>(compute).getFloatSemantics(), true);
  SmallVector<Location> locs(types.size(), loc);
  Block *prologue = b.createBlock(&norm.getPrologue(), {}, types, locs);
  Value score = scoreOf(b, prologue->getArguments());
  if (op.getGuarded()) // no row is all -inf then
    score = arith::MaximumFOp::create(b, loc, score, constant(b, lowest.convertToDouble()));
  YieldOp::create(b, loc, score);

  types.insert(types.begin(), compute);
  locs.push_back(loc);
  Block *epilogue = b.createBlock(&norm.getEpilogue(), {}, types, locs);
  Value weight = epilogue->getArgument(0);
  if (op.getGuarded()) {
    Value excluded = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ,
                                           scoreOf(b, epilogue->getArguments().drop_front()),
                                           constant(b, -INFINITY));
    weight = arith::SelectOp::create(b, loc, excluded, constant(b, 0), weight);
  }
  YieldOp::create(b, loc, weight);
  return norm->getResult(0);
}

static FailureOr<Value> decomposeAttention(RewriterBase &rewriter, AttentionOp op) {
  return AttentionDecomposer(rewriter, op).run();
}

void kernel::populateDecomposeAttention(RewritePatternSet &patterns,
                                        const DecomposeFilter &filter) {
  patterns.add<DecomposeOp<AttentionOp>>(patterns.getContext(), decomposeAttention, filter);
}
