//===- RowNorm.cpp - softmax and normalizations -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifier of the op in RowNorm.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace optc::kernel;

FloatType RowNormOp::getComputeType() {
  return cast<FloatType>(getPrologue().front().getTerminator()->getOperand(0).getType());
}

static bool isAxisOrZero(AffineExpr expr) {
  auto constant = dyn_cast<AffineConstantExpr>(expr);
  return isa<AffineDimExpr>(expr) || (constant && constant.getValue() == 0);
}

LogicalResult RowNormOp::verify() {
  int64_t rank = cast<ShapedType>(getInit().getType()).getRank();
  ArrayRef<int64_t> dims = getDims();
  if (dims.empty() || !llvm::is_sorted(dims) ||
      std::adjacent_find(dims.begin(), dims.end()) != dims.end() || dims.front() < 0 ||
      dims.back() >= rank)
    return emitOpError(
               "[kernel.row_norm.R1] dims must be distinct ascending axes of the init of rank ")
           << rank << ", at least one";
  if (getMaps().size() != getInputs().size())
    return emitOpError("[kernel.row_norm.R2] has ")
           << getInputs().size() << " inputs and " << getMaps().size() << " maps";
  for (auto [index, input] : llvm::enumerate(getInputs())) {
    AffineMap map = getMap(index);
    if (map.getNumDims() != rank || map.getNumSymbols() != 0 ||
        map.getNumResults() != cast<ShapedType>(input.getType()).getRank() ||
        !llvm::all_of(map.getResults(), isAxisOrZero))
      return emitOpError("[kernel.row_norm.R2] map ")
             << index << " must lead from the " << rank
             << " axes of the init to axes (or 0) of its input, not " << AffineMapAttr::get(map);
  }
  return success();
}

/// The element types that a region takes after its first `skip` arguments are those of
/// the inputs.
static bool takesInputs(RowNormOp op, Block &block, unsigned skip) {
  if (block.getNumArguments() != op.getInputs().size() + skip)
    return false;
  return llvm::all_of(llvm::enumerate(op.getInputs()), [&](auto it) {
    return block.getArgument(it.index() + skip).getType() ==
           cast<ShapedType>(it.value().getType()).getElementType();
  });
}

LogicalResult RowNormOp::verifyRegions() {
  Block &prologue = getPrologue().front(), &epilogue = getEpilogue().front();
  Operation *yield = prologue.empty() ? nullptr : &prologue.back();
  if (!takesInputs(*this, prologue, 0) || !isa_and_nonnull<YieldOp>(yield) ||
      yield->getNumOperands() != 1 ||
      !isa<Float32Type, Float64Type>(yield->getOperand(0).getType()))
    return emitOpError(
        "[kernel.row_norm.R3] the prologue must take one element per input and yield "
        "one f32 or f64");
  Type compute = yield->getOperand(0).getType();
  yield = epilogue.empty() ? nullptr : &epilogue.back();
  if (!takesInputs(*this, epilogue, 1) || epilogue.getArgument(0).getType() != compute ||
      !isa_and_nonnull<YieldOp>(yield) || yield->getNumOperands() != 1 ||
      yield->getOperand(0).getType() != cast<ShapedType>(getInit().getType()).getElementType())
    return emitOpError("[kernel.row_norm.R4] the epilogue must take the prologue's type and one "
                       "element per input, and yield an element of the init");
  return success();
}

std::string RowNormOp::getFamily() { return stringifyRowNormKind(getKind()).str(); }

/// Operations per element of the formula of a kind, without the regions.
static double operationsOf(RowNormKind kind) {
  switch (kind) {
  case RowNormKind::Softmax:    // maximum, difference, exp, sum, product
  case RowNormKind::LogSoftmax: // maximum, difference, exp, sum, difference
    return 5;
  case RowNormKind::MeanVariance: // sum, difference, square, sum, difference, product
    return 6;
  case RowNormKind::RootMeanSquare: // square, sum, product
    return 3;
  }
  llvm_unreachable("a kind of row_norm");
}

OpWork RowNormOp::getWork() {
  double each =
      operationsOf(getKind()) + countOperations(getPrologue()) + countOperations(getEpilogue());
  return {{}, countElements(getInit(), each)};
}
