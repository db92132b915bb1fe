//===- Demand.cpp - what a node demands of values ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conditions that ONNX puts on data: judged now where the values are known, else when the
// model runs.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "dialects/Run/Run.h"
#include "lib/Import/Onnx/Importer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// The elements of an integer tensor that is known at compile time, of any number and rank.
static std::optional<SmallVector<int64_t>> knownInts(NNBuilder &b, Value value) {
  if (auto contents = b.getShapes().getConstantContents(value))
    return contents;
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? readInts(constant.getValue()) : std::nullopt;
}

static std::optional<SmallVector<double>> knownFloats(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? readFloats(constant.getValue()) : std::nullopt;
}

template <typename T> static bool holds(ComparePredicate predicate, T lhs, T rhs) {
  switch (predicate) {
  case ComparePredicate::Eq:
    return lhs == rhs;
  case ComparePredicate::Ne:
    return lhs != rhs;
  case ComparePredicate::Lt:
    return lhs < rhs;
  case ComparePredicate::Le:
    return lhs <= rhs;
  case ComparePredicate::Gt:
    return lhs > rhs;
  case ComparePredicate::Ge:
    return lhs >= rhs;
  }
  llvm_unreachable("all predicates are handled");
}

/// Whether `lhs predicate rhs` follows from what is known of two sizes.
static bool isProven(SymbolicShapes &shapes, ComparePredicate predicate, DimExpr lhs, DimExpr rhs) {
  auto isAtLeast = [&](DimExpr high, DimExpr low, int64_t distance) {
    return shapes.getLowerBound(shapes.sub(high, low)).value_or(distance - 1) >= distance;
  };
  switch (predicate) {
  case ComparePredicate::Eq:
    return lhs == rhs;
  case ComparePredicate::Ne:
    return isAtLeast(lhs, rhs, 1) || isAtLeast(rhs, lhs, 1);
  case ComparePredicate::Lt:
    return isAtLeast(rhs, lhs, 1);
  case ComparePredicate::Le:
    return isAtLeast(rhs, lhs, 0);
  case ComparePredicate::Gt:
    return isAtLeast(lhs, rhs, 1);
  case ComparePredicate::Ge:
    return isAtLeast(lhs, rhs, 0);
  }
  llvm_unreachable("all predicates are handled");
}

static bool isProven(NNBuilder &b, ComparePredicate predicate, Value lhs, Value rhs) {
  SymbolicShapes &shapes = b.getShapes();
  if (NNBuilder::typeOf(lhs).hasStaticShape() && NNBuilder::typeOf(lhs).getNumElements() == 0)
    return true;
  auto left = shapes.getContents(lhs), right = shapes.getContents(rhs);
  return left && right && right->size() == 1 && llvm::all_of(*left, [&](DimExpr each) {
           return isProven(shapes, predicate, each, right->front());
         });
}

/// The one element that decides, as a scalar: the least or the largest.
static Value deciding(NNBuilder &b, Value value, ComparePredicate predicate) {
  RankedTensorType type = NNBuilder::typeOf(value);
  if (type.hasStaticShape() && type.getNumElements() == 1)
    return b.reshape(value, ArrayRef<int64_t>());
  bool isAbove = predicate == ComparePredicate::Gt || predicate == ComparePredicate::Ge;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  return b.reduce(isAbove ? ReduceKind::Min : ReduceKind::Max, value, axes, /*keepDims=*/false);
}

static std::string fillIn(std::string text, StringRef lhs, StringRef rhs) {
  for (auto [place, value] : {std::pair<StringRef, StringRef>{"{0}", lhs}, {"{1}", rhs}})
    if (size_t at = text.find(place); at != std::string::npos)
      text.replace(at, place.size(), value);
  return text;
}

/// The check of two scalars when the model runs, which can name integers.
static void check(NodeImport &n, Value lhs, ComparePredicate predicate, Value rhs,
                  const Twine &what) {
  NNBuilder &b = n.b;
  ImplicitLocOpBuilder builder(b.getLoc(), b);
  builder.setInsertionPoint(b.getInsertionBlock(), b.getInsertionPoint());
  Value left = tensor::ExtractOp::create(builder, lhs, ValueRange());
  Value right = tensor::ExtractOp::create(builder, rhs, ValueRange());
  int index = static_cast<int>(predicate);
  Value condition;
  SmallVector<Value> named;
  if (isa<FloatType>(left.getType())) {
    constexpr arith::CmpFPredicate table[] = {arith::CmpFPredicate::OEQ, arith::CmpFPredicate::UNE,
                                              arith::CmpFPredicate::OLT, arith::CmpFPredicate::OLE,
                                              arith::CmpFPredicate::OGT, arith::CmpFPredicate::OGE};
    condition = arith::CmpFOp::create(builder, table[index], left, right);
  } else {
    constexpr arith::CmpIPredicate table[] = {arith::CmpIPredicate::eq,  arith::CmpIPredicate::ne,
                                              arith::CmpIPredicate::slt, arith::CmpIPredicate::sle,
                                              arith::CmpIPredicate::sgt, arith::CmpIPredicate::sge};
    condition = arith::CmpIOp::create(builder, table[index], left, right);
    for (Value value : {left, right})
      named.push_back(arith::IndexCastOp::create(builder, builder.getIndexType(), value));
  }
  std::string message = ("node '" + llvm::StringRef(n.node.name) + "': " + what).str();
  run::RequireOp::create(builder, condition, builder.getStringAttr(message), named);
}

LogicalResult NodeImport::demand(Value lhs, ComparePredicate predicate, Value rhs,
                                 const Twine &what) {
  auto judge = [&](auto &left, auto &right) -> LogicalResult {
    for (auto value : left)
      if (!holds(predicate, value, right.front()))
        return invalid(fillIn(what.str(), llvm::formatv("{0}", value).str(),
                              llvm::formatv("{0}", right.front()).str()));
    return success();
  };
  if (isa<FloatType>(NNBuilder::elementOf(lhs))) {
    auto left = knownFloats(lhs), right = knownFloats(rhs);
    if (left && right)
      return judge(*left, *right);
  } else {
    auto left = knownInts(b, lhs), right = knownInts(b, rhs);
    if (left && right)
      return judge(*left, *right);
    lhs = b.convert(lhs, b.getI64Type());
    rhs = b.convert(rhs, b.getI64Type());
    if (isProven(b, predicate, lhs, rhs))
      return success();
  }
  Value decisive = deciding(b, lhs, predicate);
  check(*this, decisive, predicate, b.reshape(rhs, ArrayRef<int64_t>()), what);
  return success();
}

LogicalResult NodeImport::demandIndices(Value indices, Value size, const Twine &what) {
  Value wide = b.convert(indices, b.getI64Type()), zero = b.scalar(b.getI64Type(), 0);
  Value lowest = b.binary(BinaryKind::Sub, zero, b.convert(size, b.getI64Type()));
  return success(succeeded(demand(wide, ComparePredicate::Ge, lowest, what)) &&
                 succeeded(demand(wide, ComparePredicate::Lt, size, what)));
}
