//===- BlockMatmul.cpp - products with weights of few bits ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builders and rules of kernel.block_matmul.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "lib/IR/Codes.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

void BlockMatmulOp::build(OpBuilder &builder, OperationState &state, Value lhs, Value lhsScale,
                          Value lhsSums, Value rhs, Value rhsScale, Value rhsZero, Value init,
                          int64_t bits, int64_t block, int64_t zeroPoint,
                          DenseI8ArrayAttr codebook) {
  Properties &properties = state.getOrAddProperties<Properties>();
  auto add = [&](Value operand) {
    if (operand)
      state.addOperands(operand);
    return operand ? 1 : 0;
  };
  int32_t segments[] = {
      add(lhs), add(lhsScale), add(lhsSums), add(rhs), add(rhsScale), add(rhsZero), 0, add(init)};
  llvm::copy(segments, properties.operandSegmentSizes.begin());
  auto type = cast<ShapedType>(init.getType());
  if (isa<TensorType>(type))
    state.addTypes(type);
  properties.bits = builder.getI64IntegerAttr(bits);
  properties.block = builder.getI64IntegerAttr(block);
  properties.zero_point = builder.getI64IntegerAttr(zeroPoint);
  properties.codebook = codebook;
  properties.extra_maps = builder.getArrayAttr({});
  buildIdentityEpilogue(builder, *state.addRegion(), builder.getF32Type(), type.getElementType(),
                        state.location);
}

static Type elementOf(Value value) { return cast<ShapedType>(value.getType()).getElementType(); }

/// Rule `kernel.block_matmul.R2`.
static LogicalResult verifySizes(BlockMatmulOp op) {
  auto refuse = [&](const Twine &what) {
    return op.emitOpError("[kernel.block_matmul.R2] ") << what;
  };
  ArrayRef<int64_t> lhs = op.getLhsType().getShape(), init = op.getInitType().getShape();
  if (lhs.empty() || lhs.size() != init.size() || ShapedType::isDynamic(lhs.back()) ||
      lhs.back() % static_cast<int64_t>(op.getBlock()) != 0)
    return refuse("needs a last dim of lhs that is known and a multiple of the block, and a result "
                  "of the same rank");
  auto agree = [](ArrayRef<int64_t> shape, ArrayRef<int64_t> wanted) {
    return shape.size() == wanted.size() && llvm::all_of(llvm::zip(shape, wanted), [](auto sizes) {
             auto [size, want] = sizes;
             return ShapedType::isDynamic(size) || ShapedType::isDynamic(want) || size == want;
           });
  };
  SmallVector<int64_t> rows(init);
  rows.back() = op.getDepth();
  SmallVector<int64_t> blocks(rows);
  blocks.back() = op.getBlocks();
  if (!agree(lhs, rows))
    return refuse("the leading sizes of lhs and the result differ");
  for (Value operand : {op.getLhsScale(), op.getLhsSums()})
    if (operand && !agree(cast<ShapedType>(operand.getType()).getShape(), blocks))
      return refuse("the scales and sums of lhs are not one per block");
  std::optional<PanelsAttr> layout = op.getLayout();
  if (layout && (layout->getInterleave() != 4 || ShapedType::isDynamic(init.back())))
    return refuse("panels interleave 4 rows, and the columns of the result are known");
  auto matrix = [&](Value operand, int64_t depth) {
    SmallVector<int64_t> shape = {init.back(), depth};
    if (layout)
      shape = {layout->getStoredColumns(init.back()) * depth};
    return agree(cast<ShapedType>(operand.getType()).getShape(), shape);
  };
  if (!matrix(op.getRhs(), op.getPlane() * op.getBlocks()) ||
      !matrix(op.getRhsScale(), op.getBlocks()) ||
      (op.getRhsZero() && !matrix(op.getRhsZero(), op.getBlocks())))
    return refuse("the codes, scales or zeros of rhs are no matrix for these columns and blocks");
  return success();
}

LogicalResult BlockMatmulOp::verify() {
  if (failed(verifyDestinationForm(*this)))
    return failure();
  int64_t bits = getBits(), block = getBlock();
  if (!llvm::is_contained({1, 2, 4, 8}, bits) || block <= 0 || block % (32 / bits) != 0 ||
      !isCodebook(getCodebookAttr(), bits))
    return emitOpError("[kernel.block_matmul.R1] has blocks of ")
           << block << " codes of " << bits << " bits"
           << (getCodebookAttr() ? ", and a codebook" : "");
  Type lhs = elementOf(getLhs());
  bool hasZeros = getRhsZero() || getZeroPoint() != 0;
  auto isF32 = [](Value operand) { return !operand || elementOf(operand).isF32(); };
  auto isZero = [](Type type) { return type.isInteger(8) || isa<FloatType>(type); };
  if (!(getLhsScale() ? lhs.isInteger(8) : lhs.isF32()) || !isF32(getLhsScale()) ||
      !isF32(getLhsSums()) || !elementOf(getRhs()).isInteger(8) ||
      !isa<FloatType>(elementOf(getRhsScale())) ||
      (getRhsZero() && !isZero(elementOf(getRhsZero()))) || hasZeros != bool(getLhsSums()) ||
      !getEpilogue().getArgument(0).getType().isF32())
    return emitOpError("[kernel.block_matmul.R3] has other element types or operands");
  return verifySizes(*this);
}

OpWork BlockMatmulOp::getWork() {
  OpWork work{countElements(getInit()), countElements(getInit(), countOperations(getEpilogue()))};
  work.multiplyAdds.multiply(getLhs(), static_cast<unsigned>(getLhsType().getRank() - 1));
  return work;
}
