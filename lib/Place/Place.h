//===- Place.h - the place stage -----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes of the stage, their pipeline, and the attributes it leaves for code
// generation and the artifact.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PLACE_PLACE_H
#define OPTC_PLACE_PLACE_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Run/Run.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

#include <functional>

namespace optc::place {

#define GEN_PASS_DECL
#include "lib/Place/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "lib/Place/Passes.h.inc"

/// Every buffer, output and weight starts at a multiple of this.
inline constexpr int64_t bufferAlignment = 64;

struct PlaceOptions {
  /// Adds the target's passes on buffers: those that change what is a buffer, before memory is
  /// planned.
  std::function<void(mlir::OpPassManager &)> addBufferPasses;
};

/// Tensors to memory: from linalg and kernel ops on tensors to memrefs in the arena.
void addPlacePasses(mlir::OpPassManager &pm, const PlaceOptions &options = {});

} // namespace optc::place

#endif // OPTC_PLACE_PLACE_H
