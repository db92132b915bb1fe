//===- ScanOutput.cpp - rows that a loop collects -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ScanOutput.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/ScanOutput.h"
#include "dialects/NN/SizeValues.h"
#include "dialects/Run/Run.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;

/// Lists expected to be longer than this grow like others: the limit may be one that no loop
/// reaches.
static constexpr int64_t maxExpected = 1 << 16;

ScanOutput::ScanOutput(NNBuilder &b, Value row, Operation *loop)
    : b(b), rowType(NNBuilder::typeOf(row)), rowSizes(b.getShapes().getShape(row)) {
  for (DimExpr &size : rowSizes)
    if (!b.getShapes().isKnownOutside(size, loop))
      size = {};
}

/// A size as an index.
Value ScanOutput::sizeValue(DimExpr size) {
  if (auto known = getConstant(size))
    return arith::ConstantIndexOp::create(b, b.getLoc(), *known);
  return extractElement(b, b.getLoc(), buildSize(b, size), 0);
}

RankedTensorType ScanOutput::allType() const {
  SmallVector<int64_t> sizes = {rowCount ? getConstant(rowCount).value_or(ShapedType::kDynamic)
                                         : ShapedType::kDynamic};
  llvm::append_range(sizes, rowType.getShape());
  return rowType.clone(sizes);
}

SmallVector<Value> ScanOutput::start(DimExpr rows, DimExpr limit) {
  Location loc = b.getLoc();
  bool hasSizes = llvm::all_of(rowSizes, [](DimExpr size) { return static_cast<bool>(size); });
  if (rows && hasSizes) {
    rowCount = rows;
    Shape shape = {rows};
    llvm::append_range(shape, rowSizes);
    SmallVector<Value> dynamic;
    for (auto [size, known] : llvm::zip(shape, allType().getShape()))
      if (ShapedType::isDynamic(known))
        dynamic.push_back(sizeValue(size));
    return {tensor::EmptyOp::create(b, loc, allType(), dynamic)};
  }
  auto most = limit ? getConstant(limit) : std::nullopt;
  DimExpr expected = rows ? rows : b.getShapes().constant(most && *most <= maxExpected ? *most : 0);
  list = run::ListOp::create(b, loc, b.getIndexType(), sizeValue(expected));
  Value none = arith::ConstantIndexOp::create(b, loc, 0);
  return SmallVector<Value>(llvm::count(rowSizes, DimExpr()), none);
}

SmallVector<Value> ScanOutput::add(Value row, Value iteration, ValueRange carried) {
  Location loc = b.getLoc();
  if (row.getType() != rowType)
    row = tensor::CastOp::create(b, loc, rowType, row);
  if (list) {
    run::AppendOp::create(b, loc, row, list);
    SmallVector<Value> measured;
    for (auto [dim, size] : llvm::enumerate(rowSizes))
      if (!size)
        measured.push_back(tensor::DimOp::create(b, loc, row, dim));
    return measured;
  }
  Value at = arith::IndexCastOp::create(b, loc, b.getIndexType(), iteration);
  int64_t rank = rowType.getRank() + 1;
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)), steps(rank, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, row);
  offsets.front() = at;
  sizes.insert(sizes.begin(), b.getIndexAttr(1));
  return {tensor::InsertSliceOp::create(b, loc, row, carried.front(), offsets, sizes, steps)};
}

Value ScanOutput::finish(Value count, ValueRange carried) {
  Location loc = b.getLoc();
  if (!list) {
    Shape shape = {rowCount};
    llvm::append_range(shape, rowSizes);
    b.getShapes().setShape(carried.front(), shape);
    return carried.front();
  }
  SmallVector<Value> dynamic = {arith::IndexCastOp::create(b, loc, b.getIndexType(), count)};
  for (auto [size, known] : llvm::zip(rowSizes, rowType.getShape())) {
    Value measured;
    if (!size) {
      measured = carried.front();
      carried = carried.drop_front();
    }
    if (ShapedType::isDynamic(known))
      dynamic.push_back(measured ? measured : sizeValue(size));
  }
  Value init = tensor::EmptyOp::create(b, loc, allType(), dynamic);
  return run::TakeOp::create(b, loc, TypeRange(allType()), list, init).getResult(0);
}
