//===- Kernels.h - emitters of kernel ops ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One emitter per op family, in a file of its name. An emitter takes the memref form of an op
// and leaves loops, vector ops and run.parallel in its place; it must succeed on every op
// that `canEmit` accepted while the op was on tensors.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_KERNELS_H
#define OPTC_TARGET_CPU_KERNELS_KERNELS_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Host/CpuLevel.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"

#include <functional>

namespace optc::cpu {

/// The emitters of kernel ops, by op.
class KernelEmitters {
public:
  /// `canEmit` says whether there is an emitter for this op (on tensors or memrefs), and if not,
  /// why: what is declined becomes linalg while it is on tensors. `emit` writes the loops in front
  /// of the op.
  template <typename Op>
  void add(bool (*canEmit)(Op, llvm::StringRef &reason),
           mlir::LogicalResult (*emit)(mlir::OpBuilder &, Op, const CpuLevel &)) {
    emitters[Op::getOperationName()] = {
        [canEmit](mlir::Operation *op, llvm::StringRef &reason) {
          return canEmit(llvm::cast<Op>(op), reason);
        },
        [emit](mlir::OpBuilder &builder, mlir::Operation *op, const CpuLevel &level) {
          return emit(builder, llvm::cast<Op>(op), level);
        }};
  }

  struct Emitter {
    std::function<bool(mlir::Operation *, llvm::StringRef &)> canEmit;
    std::function<mlir::LogicalResult(mlir::OpBuilder &, mlir::Operation *, const CpuLevel &)> emit;
  };
  /// Null for ops of no family that is listed.
  const Emitter *find(mlir::Operation *op) const {
    auto found = emitters.find(op->getName().getStringRef());
    return found == emitters.end() ? nullptr : &found->second;
  }

  /// Those of all families.
  static const KernelEmitters &get();

private:
  llvm::StringMap<Emitter> emitters;
};

#define F(Name) void add##Name##Emitters(KernelEmitters &emitters);
#include "lib/Target/Cpu/Kernels/Families.def"

/// Part of the emitter of conv, for filters in the layout `taps`.
mlir::LogicalResult emitDepthwise(mlir::OpBuilder &builder, kernel::ConvOp op,
                                  const CpuLevel &level);

/// The same for filters in the layout `winograd`.
mlir::LogicalResult emitWinograd(mlir::OpBuilder &builder, kernel::ConvOp op,
                                 const CpuLevel &level);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_KERNELS_H
