//===- Positions.cpp - patterns of positions -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops whose elements depend on comparing positions: one-hot vectors, triangles, diagonals.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
// ONNX's values are only named through NodeImport here.
using mlir::Value;

/// The positions along dimension `axis` of a tensor of `rank`, in a shape that broadcasts to it.
static Value positionsAlong(NNBuilder &b, Value count, int64_t rank, int64_t axis) {
  SmallVector<int64_t> others;
  for (int64_t i = 0; i < rank; ++i)
    if (i != axis)
      others.push_back(i);
  return b.unsqueeze(b.iota(count), others);
}

/// values[1] where the new dimension's position is the (wrapped) index, else values[0].
static LogicalResult importOneHot(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(n.requireRank(2, 1)))
    return failure();
  Type i64 = b.getI64Type();
  Value indices = b.convert(n.operand(0), i64), values = n.operand(2);
  values = n.vectorOf(values, 2);
  if (NNBuilder::rankOf(values) != 1 || NNBuilder::typeOf(values).getDimSize(0) != 2)
    return n.invalid("its values are no vector of two");
  Value depth = b.reshape(b.convert(n.operand(1), i64), {1});
  int64_t rank = NNBuilder::rankOf(indices) + 1, axis = n.intAttr("axis", -1);
  axis = axis < 0 ? axis + rank : axis;
  if (axis < 0 || axis >= rank)
    return n.invalid("axis " + Twine(n.intAttr("axis", -1)) + " is out of range for rank " +
                     Twine(rank));
  if (failed(n.demand(depth, ComparePredicate::Ge, 0.0, "its depth is {0}")))
    return failure();
  Value isNegative = b.compare(ComparePredicate::Lt, indices, b.scalar(i64, 0));
  Value fromEnd = b.binary(BinaryKind::Add, indices, b.reshape(depth, ArrayRef<int64_t>()));
  Value wrapped = b.unsqueeze(b.select(isNegative, fromEnd, indices), {axis});
  Value isHot = b.compare(ComparePredicate::Eq, wrapped, positionsAlong(b, depth, rank, axis));
  auto value = [&](int64_t i) {
    return b.reshape(b.slice(values, 0, i, i + 1), ArrayRef<int64_t>());
  };
  Value hot = value(1);
  n.setResult(0, b.select(isHot, hot, value(0)));
  return success();
}

/// One where the first maximum along the axis is, else zero.
static LogicalResult importHardmax(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t axis = b.axisOf(x, n.intAttr("axis", -1));
  Value place = b.make<ArgReduceOp>(b.getI64Type(), ReduceKind::Max, x, axis, /*selectLast=*/false);
  Value positions = positionsAlong(b, b.sizeOf(x, axis), NNBuilder::rankOf(x), axis);
  Value isHere = b.compare(ComparePredicate::Eq, positions, place);
  n.setResult(0, b.convert(isHere, NNBuilder::elementOf(x)));
  return success();
}

/// column - row of the last two dimensions of x, as [rows, columns].
static Value diagonalOf(NNBuilder &b, Value x) {
  int64_t rank = NNBuilder::rankOf(x);
  Value rows = positionsAlong(b, b.sizeOf(x, rank - 2), 2, 0);
  Value columns = positionsAlong(b, b.sizeOf(x, rank - 1), 2, 1);
  return b.binary(BinaryKind::Sub, columns, rows);
}

static LogicalResult importTrilu(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  if (NNBuilder::rankOf(x) < 2)
    return n.invalid("its operand has rank " + Twine(NNBuilder::rankOf(x)) +
                     ", it needs at least 2");
  Value k = b.scalar(b.getI64Type(), 0);
  if (n.hasOperand(1))
    k = b.reshape(b.convert(n.operand(1), b.getI64Type()), ArrayRef<int64_t>());
  ComparePredicate side = n.intAttr("upper", 1) ? ComparePredicate::Ge : ComparePredicate::Le;
  Value isKept = b.compare(side, diagonalOf(b, x), k);
  n.setResult(0, b.select(isKept, x, b.scalarLike(x, 0)));
  return success();
}

static LogicalResult importEyeLike(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(type))
    return failure();
  if (NNBuilder::rankOf(x) != 2)
    return n.invalid("its operand has rank " + Twine(NNBuilder::rankOf(x)) + ", it needs 2");
  Value k = b.scalar(b.getI64Type(), n.intAttr("k"));
  n.setResult(0, b.convert(b.compare(ComparePredicate::Eq, diagonalOf(b, x), k), *type));
  return success();
}

void optc::onnximport::registerPositions(HandlerRegistry &r) {
  r.add("OneHot", importOneHot);
  r.add("Hardmax", importHardmax);
  r.add("Trilu", importTrilu);
  r.add("EyeLike", importEyeLike);
}
