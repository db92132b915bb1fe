//===- Determinant.cpp - determinants of matrices ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Det: Gaussian elimination with the largest element of a column as its pivot, in f64.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RuntimeChecks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
class Elimination {
public:
  explicit Elimination(NNBuilder &nn) : nn(nn), b(nn.getLoc(), nn) {}
  /// The determinants [batch] of matrices [batch, n, n] of f64.
  Value run(Value matrices);

private:
  using Body = function_ref<SmallVector<Value>(Value index, ValueRange carried)>;
  SmallVector<Value> loop(Value from, Value to, ValueRange carried, Body body);
  Value pivotRow(Value work, Value column);
  SmallVector<Value> eliminate(Value work, Value column, Value determinant);

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value read(Value work, Value row, Value column) {
    return tensor::ExtractOp::create(b, work, ValueRange{matrix, row, column});
  }
  Value write(Value work, Value value, Value row, Value column) {
    return tensor::InsertOp::create(b, value, work, ValueRange{matrix, row, column});
  }

  NNBuilder &nn;
  ImplicitLocOpBuilder b;
  Value matrix, size; ///< which one, and how many rows it has
};
} // namespace

SmallVector<Value> Elimination::loop(Value from, Value to, ValueRange carried, Body body) {
  auto op = scf::ForOp::create(b, from, to, index(1), carried);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  SmallVector<Value> next = body(op.getInductionVar(), op.getRegionIterArgs());
  scf::YieldOp::create(b, next);
  return SmallVector<Value>(op.getResults());
}

/// The row at or below the diagonal that has the largest magnitude in the column.
Value Elimination::pivotRow(Value work, Value column) {
  Value first = math::AbsFOp::create(b, read(work, column, column));
  return loop(column, size, {first, column}, [&](Value row, ValueRange best) {
    Value magnitude = math::AbsFOp::create(b, read(work, row, column));
    Value isLarger = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, magnitude, best[0]);
    return SmallVector<Value>{arith::SelectOp::create(b, isLarger, magnitude, best[0]),
                              arith::SelectOp::create(b, isLarger, row, best[1])};
  })[1];
}

/// One column: the matrix with zeros below the diagonal, the determinant times the pivot.
SmallVector<Value> Elimination::eliminate(Value work, Value column, Value determinant) {
  Value row = pivotRow(work, column), pivot = read(work, row, column);
  Value isSame = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, row, column);
  Value flipped = arith::NegFOp::create(b, determinant);
  determinant =
      arith::MulFOp::create(b, arith::SelectOp::create(b, isSame, determinant, flipped), pivot);
  work = loop(column, size, work, [&](Value at, ValueRange carried) {
    Value upper = read(carried[0], column, at), lower = read(carried[0], row, at);
    Value next = write(write(carried[0], lower, column, at), upper, row, at);
    return SmallVector<Value>{next};
  })[0];
  // Without a pivot the determinant is 0 already.
  Value zero = arith::ConstantOp::create(b, b.getF64FloatAttr(0)),
        one = arith::ConstantOp::create(b, b.getF64FloatAttr(1));
  Value isZero = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, pivot, zero);
  Value divisor = arith::SelectOp::create(b, isZero, one, pivot);
  Value below = arith::AddIOp::create(b, column, index(1));
  work = loop(below, size, work, [&](Value at, ValueRange rows) {
    Value factor = arith::DivFOp::create(b, read(rows[0], at, column), divisor);
    return loop(column, size, rows, [&](Value k, ValueRange carried) {
      Value part = arith::MulFOp::create(b, factor, read(carried[0], column, k));
      Value rest = arith::SubFOp::create(b, read(carried[0], at, k), part);
      return SmallVector<Value>{write(carried[0], rest, at, k)};
    });
  })[0];
  return {work, determinant};
}

Value Elimination::run(Value matrices) {
  auto type = NNBuilder::typeOf(matrices);
  Value count = tensor::DimOp::create(b, matrices, 0);
  size = tensor::DimOp::create(b, matrices, 1);
  auto resultType = RankedTensorType::get({type.getDimSize(0)}, b.getF64Type());
  Value empty = tensor::EmptyOp::create(b, resultType,
                                        type.isDynamicDim(0) ? ValueRange(count) : ValueRange());
  Value one = arith::ConstantOp::create(b, b.getF64FloatAttr(1));
  Value result = loop(index(0), count, {matrices, empty}, [&](Value which, ValueRange carried) {
    matrix = which;
    SmallVector<Value> done =
        loop(index(0), size, {carried[0], one},
             [&](Value column, ValueRange state) { return eliminate(state[0], column, state[1]); });
    return SmallVector<Value>{done[0], tensor::InsertOp::create(b, done[1], carried[1], which)};
  })[1];
  nn.getShapes().setShape(result, {nn.getShapes().getShape(matrices)[0]});
  return result;
}

static LogicalResult importDet(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t rank = NNBuilder::rankOf(x);
  if (rank < 2)
    return n.invalid("its operand has rank " + Twine(rank) + ", needed is at least 2");
  if (failed(requireSameSize(n, {x, rank - 2, "the operand"}, {x, rank - 1, "the operand"})))
    return failure();
  Value batch = rank == 2 ? b.ints({}) : b.slice(b.shapeOf(x), 0, 0, rank - 2), count = b.ints({1});
  for (int64_t i = 0; i < rank - 2; ++i)
    count = b.binary(BinaryKind::Mul, count, b.sizeOf(x, i));
  Value shape = b.concat({count, b.sizeOf(x, rank - 2), b.sizeOf(x, rank - 1)}, 0);
  Value matrices = b.reshape(b.convert(x, b.getF64Type()), shape, /*allowZero=*/true);
  Value result = Elimination(b).run(matrices);
  n.setResult(0, b.convert(b.reshape(result, batch, /*allowZero=*/true), b.elementOf(x)));
  return success();
}

void optc::onnximport::registerDeterminant(HandlerRegistry &r) { r.add("Det", importDet); }
