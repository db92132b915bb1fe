//===- BlockMatmul.cpp - products with weights of few bits, on the CPU ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Describes kernel.block_matmul as a contraction whose sum is cut into blocks.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Contraction.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

static bool canEmit(kernel::BlockMatmulOp op, StringRef &reason) {
  auto refuse = [&](StringRef why) {
    reason = why;
    return false;
  };
  if (!op.getLayout())
    return refuse("a weight that is not packed");
  if (op.getLayout()->getWidth() % 8 != 0 || op.getLayout()->getAlign() != 8)
    return refuse("panels of another form");
  return canEmitEpilogue(op, reason);
}

/// All of a packed operand.
static Value flatten(OpBuilder &builder, Location loc, Value packed) {
  if (!packed)
    return {};
  auto nest = LoopNest::get(builder, loc, {{packed, builder.getMultiDimIdentityMap(1)}},
                            llvm::SmallBitVector(1));
  return nest->operands[0].flat;
}

static LogicalResult emitKernel(OpBuilder &builder, kernel::BlockMatmulOp op,
                                const CpuLevel &level) {
  Location loc = op.getLoc();
  unsigned rank = op.getInitType().getRank(), n = rank - 1, block = rank, byte = rank + 1;
  unsigned dims = rank + 2;
  auto dim = [&](unsigned d) { return builder.getAffineDimExpr(d); };
  SmallVector<AffineExpr> leading;
  for (unsigned d = 0; d < n; ++d)
    leading.push_back(dim(d));
  auto along = [&](AffineExpr last) {
    SmallVector<AffineExpr> exprs(leading);
    exprs.push_back(last);
    return AffineMap::get(dims, 0, exprs, op.getContext());
  };
  SmallVector<NestOperandSpec> operands = {
      {op.getLhs(), along(dim(block) * static_cast<int64_t>(op.getBlock()) + dim(byte))}};
  CodeForm codes{static_cast<unsigned>(op.getBits()), op.getPlane(),
                 op.getCodebook().value_or(ArrayRef<int8_t>())};
  BlockForm form{codes, op.getBlocks()};
  auto addScale = [&](Value operand) -> std::optional<unsigned> {
    if (!operand)
      return std::nullopt;
    operands.push_back({operand, along(dim(block))});
    return operands.size() - 1;
  };
  form.lhsScale = addScale(op.getLhsScale());
  form.lhsSums = addScale(op.getLhsSums());
  AffineMap result = along(dim(n));
  for (auto [extra, map] :
       llvm::zip_equal(op.getExtras(), cast<kernel::EpilogueOpInterface>(*op).getExtraMapList()))
    operands.push_back({extra, map.compose(result)});
  operands.push_back({op.getInit(), result, /*output=*/true});
  llvm::SmallBitVector reductions(dims);
  reductions.set(block).set(byte);
  SmallVector<OpFoldResult> sizes(dims);
  sizes[block] = builder.getIndexAttr(op.getBlocks());
  sizes[byte] = builder.getIndexAttr(op.getPlane());
  FailureOr<LoopNest> nest = LoopNest::get(builder, loc, operands, reductions, sizes);
  if (failed(nest))
    return op.emitOpError("has an operand whose layout is not strided");
  form.dim = block;
  form.rhsScale = flatten(builder, loc, op.getRhsScale());
  form.rhsZero = flatten(builder, loc, op.getRhsZero());
  form.zeroPoint = static_cast<double>(op.getZeroPoint());
  Contraction contraction{
      op, level, *nest, n, nest->dims[n].size, op.getLayout(), flatten(builder, loc, op.getRhs())};
  contraction.blocks = form;
  return emitContraction(builder, std::move(contraction));
}

void cpu::addBlockMatmulEmitters(KernelEmitters &emitters) {
  emitters.add<kernel::BlockMatmulOp>(canEmit, emitKernel);
}
