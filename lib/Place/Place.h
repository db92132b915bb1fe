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

/// On functions: an entry point of the model.
inline constexpr llvm::StringLiteral entryAttr = "optc.entry";
inline constexpr llvm::StringLiteral numInputsAttr = "optc.num_inputs";
inline constexpr llvm::StringLiteral numOutputsAttr = "optc.num_outputs";
/// On entries: the name of the function that stores the buffer sizes, and the lifetimes.
inline constexpr llvm::StringLiteral sizesAttr = "optc.sizes";
inline constexpr llvm::StringLiteral lifetimesAttr = "optc.lifetimes";
/// On entries: the name of the function that stores the counts of work, how many kernels there
/// are, and how many of them are not in the counts.
inline constexpr llvm::StringLiteral workAttr = "optc.work";
inline constexpr llvm::StringLiteral numKernelsAttr = "optc.num_kernels";
inline constexpr llvm::StringLiteral numUncountedAttr = "optc.num_uncounted";
/// On entries that measure their kernels: one string per kernel.
inline constexpr llvm::StringLiteral kernelNamesAttr = "optc.kernel_names";
inline constexpr llvm::StringLiteral kernelFamiliesAttr = "optc.kernel_families";
/// On the module: the constants of the weights image and their offsets; on an argument:
/// it is the image.
inline constexpr llvm::StringLiteral weightsAttr = "optc.weights";
inline constexpr llvm::StringLiteral weightsOffsetsAttr = "optc.weights_offsets";

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
