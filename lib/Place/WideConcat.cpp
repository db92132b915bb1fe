//===- WideConcat.cpp - concatenations of many pieces ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See WideConcat.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/WideConcat.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

using namespace mlir;
using namespace optc::place;

static bool isView(Operation *op) {
  return isa_and_present<tensor::CastOp, tensor::ExtractSliceOp, tensor::CollapseShapeOp,
                         tensor::ExpandShapeOp>(op);
}

/// Whether the use can only read: what it makes is memory of its own, or at least not this one.
static bool onlyReads(OpOperand &use) {
  Operation *op = use.getOwner();
  if (auto made = dyn_cast<DestinationStyleOpInterface>(op))
    return made.isDpsInput(&use);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return use.get() != insert.getDest();
  if (auto copy = dyn_cast<bufferization::MaterializeInDestinationOp>(op))
    return use.get() == copy.getSource() && copy->getNumResults() == 0;
  return isa<tensor::ConcatOp, tensor::DimOp, tensor::ExtractOp>(op);
}

/// Whether someone may write to the memory of a piece, under any of its names.
static bool mayBeWritten(Value piece) {
  llvm::SetVector<Value> names;
  names.insert(piece);
  for (size_t i = 0; i < names.size(); ++i) {
    Operation *op = names[i].getDefiningOp();
    if (isView(op))
      names.insert(op->getOperand(0));
    if (auto branch = dyn_cast_if_present<scf::IfOp>(op))
      for (Region *region : branch.getRegions())
        names.insert(region->front().getTerminator()->getOperand(
            cast<OpResult>(names[i]).getResultNumber()));
    for (OpOperand &use : names[i].getUses()) {
      auto branch = dyn_cast<scf::IfOp>(use.getOwner()->getParentOp());
      if (isView(use.getOwner()))
        names.insert(use.getOwner()->getResult(0));
      else if (branch && isa<scf::YieldOp>(use.getOwner()))
        names.insert(branch.getResult(use.getOperandNumber()));
      else if (!onlyReads(use))
        return true;
    }
  }
  return false;
}

EarlyValues &WideConcats::earlyIn(Block *block) {
  std::unique_ptr<EarlyValues> &values = early[block];
  if (!values)
    values = std::make_unique<EarlyValues>(*block);
  return *values;
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// The size of a tensor, from where it is made if that is seen: it is known earlier there.
OpFoldResult WideConcats::sizeOf(OpBuilder &builder, Value tensor, int64_t dim) const {
  while (true) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (!type.isDynamicDim(dim))
      return builder.getIndexAttr(type.getDimSize(dim));
    Operation *op = tensor.getDefiningOp();
    if (auto known = layouts.find(op); known != layouts.end())
      return known->second.sizes[dim];
    if (auto made = dyn_cast_if_present<DestinationStyleOpInterface>(op))
      tensor = made.getTiedOpOperand(llvm::cast<OpResult>(tensor))->get();
    else if (auto cast = dyn_cast_if_present<tensor::CastOp>(op);
             cast && isa<RankedTensorType>(cast.getSource().getType()))
      tensor = cast.getSource();
    else if (auto empty = dyn_cast_if_present<tensor::EmptyOp>(op))
      return empty.getMixedSizes()[dim];
    else
      return builder.createOrFold<tensor::DimOp>(tensor.getLoc(), tensor, dim);
  }
}

/// Not as an affine op, which would be composed of all pieces so far.
static OpFoldResult add(OpBuilder &builder, Location loc, OpFoldResult a, OpFoldResult b) {
  auto left = getConstantIntValue(a), right = getConstantIntValue(b);
  if (left && right)
    return builder.getIndexAttr(*left + *right);
  return getAsOpFoldResult(
      builder.createOrFold<arith::AddIOp>(loc, getValueOrCreateConstantIndexOp(builder, loc, a),
                                          getValueOrCreateConstantIndexOp(builder, loc, b)));
}

WideConcats::Layout WideConcats::findLayout(tensor::ConcatOp concat) const {
  OpBuilder builder(concat);
  Layout layout;
  int64_t rank = cast<RankedTensorType>(concat.getType()).getRank();
  for (int64_t dim = 0; dim < rank; ++dim)
    layout.sizes.push_back(sizeOf(builder, concat.getInputs().front(), dim));
  OpFoldResult end = builder.getIndexAttr(0);
  for (Value piece : concat.getInputs()) {
    layout.offsets.push_back(end);
    layout.extents.push_back(sizeOf(builder, piece, concat.getDim()));
    end = add(builder, concat.getLoc(), end, layout.extents.back());
  }
  layout.sizes[concat.getDim()] = end;
  return layout;
}

SmallVector<Value> WideConcats::Layout::values() const {
  SmallVector<Value> values;
  for (ArrayRef<OpFoldResult> part : {ArrayRef(offsets), ArrayRef(extents), ArrayRef(sizes)})
    for (OpFoldResult size : part)
      if (auto value = dyn_cast<Value>(size))
        values.push_back(value);
  return values;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// The memory that the concatenation would be moved to anyway, if it is there early enough, or
/// none.
Value WideConcats::takeDestination(tensor::ConcatOp concat) {
  for (Operation *user : concat->getUsers()) {
    auto copy = dyn_cast<bufferization::MaterializeInDestinationOp>(user);
    if (!copy || copy.getSource() != concat || !isa<MemRefType>(copy.getDest().getType()) ||
        copy->getBlock() != concat->getBlock())
      continue;
    Value destination = copy.getDest();
    Operation *last = earlyIn(concat->getBlock()).hoist(ValueRange(destination));
    if (last && !last->isBeforeInBlock(concat))
      continue;
    copy.erase();
    return destination;
  }
  return {};
}

static Value allocate(OpBuilder &builder, tensor::ConcatOp concat, ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(concat.getType());
  SmallVector<Value> dynamic;
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (type.isDynamicDim(dim))
      dynamic.push_back(getValueOrCreateConstantIndexOp(builder, concat.getLoc(), size));
  return memref::AllocOp::create(builder, concat.getLoc(),
                                 MemRefType::get(type.getShape(), type.getElementType()), dynamic);
}

void WideConcats::place(tensor::ConcatOp concat) {
  OpBuilder builder(concat);
  Location loc = concat.getLoc();
  Block *block = concat->getBlock();
  const Layout &layout = layouts[concat];
  SmallVector<Value> needed = layout.values();
  Value whole = takeDestination(concat);
  if (whole)
    needed.push_back(whole);
  OpBuilder early(builder);
  if (Operation *last = earlyIn(block).hoist(needed))
    early.setInsertionPointAfter(last);
  else
    early.setInsertionPointToStart(block);
  if (!whole)
    whole = allocate(early, concat, layout.sizes);
  SmallVector<OpFoldResult> offsets(layout.sizes.size(), builder.getIndexAttr(0)),
      extents(layout.sizes), steps(layout.sizes.size(), builder.getIndexAttr(1));
  for (auto [piece, offset, extent] :
       llvm::zip_equal(concat.getInputs(), layout.offsets, layout.extents)) {
    offsets[concat.getDim()] = offset, extents[concat.getDim()] = extent;
    Value view = memref::SubViewOp::create(early, loc, whole, offsets, extents, steps);
    Value source = piece;
    if (mayBeWritten(piece))
      source = bufferization::AllocTensorOp::create(
          builder, loc, cast<RankedTensorType>(piece.getType()), ValueRange(), /*copy=*/piece);
    auto copy =
        bufferization::MaterializeInDestinationOp::create(builder, loc, Type(), source, view);
    copy.setRestrict(true);
    copy.setWritable(true);
  }
  if (!concat->use_empty()) {
    Value result = bufferization::ToTensorOp::create(
        builder, loc, memref::getTensorTypeFromMemRefType(whole.getType()), whole,
        /*restrict=*/true);
    if (result.getType() != concat.getType())
      result = tensor::CastOp::create(builder, loc, concat.getType(), result);
    concat.replaceAllUsesWith(result);
  }
  layouts.erase(concat);
  concat.erase();
}

void WideConcats::run(ArrayRef<tensor::ConcatOp> concats) {
  for (tensor::ConcatOp concat : concats)
    layouts[concat] = findLayout(concat);
  // A concatenation is given its place before its pieces are.
  for (tensor::ConcatOp concat : llvm::reverse(concats))
    place(concat);
}
