//===- BFloatAsBits.cpp - bf16 is moved as integers -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass host-bfloat-as-bits. On CPUs without the type LLVM holds every bf16 that goes from one
// block to another, is loaded, stored or moved as an f32, and calls a helper of its runtime library
// to round it back, which generated code does not have. As i16 values stay what they are.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

namespace optc::host {
#define GEN_PASS_DEF_HOSTBFLOATASBITS
#include "lib/Target/Host/Passes.h.inc"
} // namespace optc::host

using namespace mlir;
using namespace optc;

namespace {

struct BFloatAsBits : host::impl::HostBFloatAsBitsBase<BFloatAsBits> {
  using HostBFloatAsBitsBase::HostBFloatAsBitsBase;

  void runOnOperation() override {
    SmallVector<Intrinsic> intrinsics;
    bool hasBFloat = false;
    WalkResult walked = getOperation()->walk([&](Operation *op) -> WalkResult {
      if (!mentionsBFloat(op))
        return WalkResult::advance();
      hasBFloat = true;
      if (isa<LLVM::CallIntrinsicOp>(op) || isInstruction(op))
        intrinsics.push_back(
            {op, llvm::to_vector(op->getOperandTypes()), llvm::to_vector(op->getResultTypes())});
      else if (computes(op))
        return op->emitOpError("computes in bf16, which cpu-expand-math should have expanded");
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return signalPassFailure();
    if (!hasBFloat)
      return;
    replaceTypes();
    for (const Intrinsic &intrinsic : intrinsics)
      restoreTypes(intrinsic);
    foldCasts();
  }

private:
  /// An intrinsic and the types it had.
  struct Intrinsic {
    Operation *op;
    SmallVector<Type> operands, results;
  };

  static bool isBFloat(Type type) { return getElementTypeOrSelf(type).isBF16(); }

  /// Types inside of attributes are those of memory or constants, which come with a result.
  static bool mentionsBFloat(Operation *op) {
    auto hasOne = [](TypeRange types) { return llvm::any_of(types, isBFloat); };
    if (hasOne(op->getOperandTypes()) || hasOne(op->getResultTypes()))
      return true;
    if (auto function = dyn_cast<LLVM::LLVMFuncOp>(op))
      return hasOne(function.getFunctionType().getParams()) ||
             isBFloat(function.getFunctionType().getReturnType());
    auto isIn = [](Attribute attribute) {
      bool found = false;
      attribute.walk([&](Type type) { found |= type.isBF16(); });
      return found;
    };
    return isa<LLVM::GlobalOp, LLVM::GEPOp, LLVM::AllocaOp>(op) && isIn(op->getAttrDictionary());
  }

  /// Vectors are rounded by this op only where a CPU has an instruction for it; else
  /// cpu-expand-math has written it as arithmetic on bits.
  static bool isInstruction(Operation *op) {
    return isa<LLVM::FPTruncOp>(op) && isa<VectorType>(op->getResult(0).getType());
  }

  /// What would mean something else on integers.
  static bool computes(Operation *op) {
    return isa<LLVM::FAddOp, LLVM::FSubOp, LLVM::FMulOp, LLVM::FDivOp, LLVM::FRemOp, LLVM::FNegOp,
               LLVM::FCmpOp, LLVM::FPExtOp, LLVM::FPTruncOp, LLVM::SIToFPOp, LLVM::UIToFPOp,
               LLVM::FPToSIOp, LLVM::FPToUIOp, LLVM::FMAOp, LLVM::FMulAddOp, LLVM::MaximumOp,
               LLVM::MinimumOp, LLVM::MaxNumOp, LLVM::MinNumOp, LLVM::FAbsOp, LLVM::CopySignOp>(op);
  }

  /// Everywhere: results, block arguments, functions, constants, memory.
  void replaceTypes() {
    Type bits = IntegerType::get(&getContext(), 16);
    AttrTypeReplacer replacer;
    replacer.addReplacement(
        [&](Type type) { return type.isBF16() ? std::optional(bits) : std::nullopt; });
    replacer.addReplacement([&](FloatAttr number) -> std::optional<Attribute> {
      if (!number.getType().isBF16())
        return std::nullopt;
      return IntegerAttr::get(bits, number.getValue().bitcastToAPInt());
    });
    replacer.addReplacement([&](DenseElementsAttr numbers) -> std::optional<Attribute> {
      if (!numbers.getElementType().isBF16())
        return std::nullopt;
      return numbers.bitcast(bits);
    });
    replacer.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false, /*replaceTypes=*/true);
  }

  /// Instructions for bf16 take and give that type.
  void restoreTypes(const Intrinsic &intrinsic) {
    Operation *op = intrinsic.op;
    OpBuilder builder(op);
    for (auto [operand, type] : llvm::zip(op->getOpOperands(), intrinsic.operands))
      if (isBFloat(type))
        operand.set(LLVM::BitcastOp::create(builder, op->getLoc(), type, operand.get()));
    builder.setInsertionPointAfter(op);
    for (auto [result, type] : llvm::zip(op->getResults(), intrinsic.results)) {
      if (!isBFloat(type))
        continue;
      Type bits = result.getType();
      result.setType(type);
      auto cast = LLVM::BitcastOp::create(builder, op->getLoc(), bits, result);
      result.replaceAllUsesExcept(cast, cast);
    }
  }

  void foldCasts() {
    getOperation()->walk([](LLVM::BitcastOp op) {
      if (op.getType() != op.getArg().getType())
        return;
      op.replaceAllUsesWith(op.getArg());
      op.erase();
    });
  }
};

} // namespace
