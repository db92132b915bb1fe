//===- Matmul.cpp - matmul for the CPU ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Describes kernel.matmul as a contraction.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Contraction.h"
#include "lib/Target/Cpu/Kernels/ContractionPlan.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// The panels whose widths register tiles can cover.
static bool isCoverable(kernel::PanelsAttr layout) {
  return layout.getWidth() % 8 == 0 && layout.getAlign() == 8 && layout.getWidth() <= 64;
}

static bool canEmit(kernel::MatmulOp op, StringRef &reason) {
  auto refuse = [&](StringRef why) {
    reason = why;
    return false;
  };
  unsigned n = op.getNumLeading();
  if (op.getResultMap().getDimPosition(n) != n)
    return refuse("the result is stored across its columns");
  if (op.getLayout()) {
    if (!isCoverable(*op.getLayout()) || op.getInitType().isDynamicDim(n))
      return refuse("panels of another form");
  }
  bool isAcross = op.getLhsMap().getDimPosition(op.getLhsMap().getNumResults() - 1) != n + 1;
  if (isAcross && !op.getLhsType().getElementType().isF32())
    return refuse("narrow data whose neighbours are not summed");
  return canEmitContraction(op, op.getLhsType(), op.getRhsType(), op.getLayout(), reason);
}

static LogicalResult emitKernel(OpBuilder &builder, kernel::MatmulOp op, const CpuLevel &level) {
  Location loc = op.getLoc();
  unsigned n = op.getNumLeading();
  SmallVector<NestOperandSpec> operands = {{op.getLhs(), op.getLhsMap()}};
  if (!op.getLayout())
    operands.push_back({op.getRhs(), op.getRhsMap()});
  for (auto [extra, map] :
       llvm::zip_equal(op.getExtras(), cast<kernel::EpilogueOpInterface>(*op).getExtraMapList()))
    operands.push_back({extra, map.compose(op.getResultMap())});
  operands.push_back({op.getInit(), op.getResultMap(), /*output=*/true});
  llvm::SmallBitVector reductions(n + 2);
  reductions.set(n + 1);
  FailureOr<LoopNest> nest = LoopNest::get(builder, loc, operands, reductions);
  if (failed(nest))
    return op.emitOpError("has an operand whose layout is not strided");
  Contraction contraction{op, level, *nest, n, nest->dims[n].size, op.getLayout(), {}};
  contraction.isLhsUnsigned = op.getUnsignedLhs();
  contraction.isRhsUnsigned = op.getUnsignedRhs();
  if (op.getLayout()) {
    auto flat = LoopNest::get(builder, loc, {{op.getRhs(), builder.getMultiDimIdentityMap(1)}},
                              llvm::SmallBitVector(1));
    contraction.packed = flat->operands[0].flat;
  }
  return emitContraction(builder, std::move(contraction));
}

void cpu::addMatmulEmitters(KernelEmitters &emitters) {
  emitters.add<kernel::MatmulOp>(canEmit, emitKernel);
}
