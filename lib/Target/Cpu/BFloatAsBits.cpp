//===- BFloatAsBits.cpp - bf16 is moved as integers -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-bfloat-as-bits. LLVM takes accesses and shuffles of bf16 apart on CPUs without that
// type, and then calls a conversion helper for every element; as i16 they stay whole.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUBFLOATASBITS
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;

namespace {

struct BFloatAsBits : cpu::impl::CpuBFloatAsBitsBase<BFloatAsBits> {
  using CpuBFloatAsBitsBase::CpuBFloatAsBitsBase;

  void runOnOperation() override {
    getOperation()->walk([&](Operation *op) {
      if (isa<LLVM::LoadOp, LLVM::StoreOp, LLVM::MaskedLoadOp, LLVM::MaskedStoreOp,
              LLVM::masked_gather, LLVM::masked_scatter, LLVM::ShuffleVectorOp, LLVM::SelectOp,
              LLVM::ExtractElementOp, LLVM::InsertElementOp, LLVM::vector_extract,
              LLVM::vector_insert, LLVM::vector_interleave2, LLVM::vector_deinterleave2>(op))
        rewrite(op);
    });
  }

private:
  /// Operands and results of type bf16 become i16, and so for vectors of them.
  void rewrite(Operation *op) {
    OpBuilder builder(op);
    auto asBits = [&](Type type) -> Type {
      if (!getElementTypeOrSelf(type).isBF16())
        return {};
      auto vector = dyn_cast<VectorType>(type);
      return vector ? Type(vector.clone(builder.getI16Type())) : builder.getI16Type();
    };
    for (OpOperand &operand : op->getOpOperands())
      if (Type bits = asBits(operand.get().getType()))
        operand.set(LLVM::BitcastOp::create(builder, op->getLoc(), bits, operand.get()));
    builder.setInsertionPointAfter(op);
    for (OpResult result : op->getResults()) {
      Type type = result.getType(), bits = asBits(type);
      if (!bits)
        continue;
      result.setType(bits);
      auto cast = LLVM::BitcastOp::create(builder, op->getLoc(), type, result);
      result.replaceAllUsesExcept(cast, cast);
    }
  }
};

} // namespace
