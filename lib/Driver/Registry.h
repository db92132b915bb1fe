//===- Registry.h - dialects and passes of the tools ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every dialect, interface model and pass of the compiler, in one place for the tools.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_REGISTRY_H
#define OPTC_DRIVER_REGISTRY_H

namespace mlir {
class DialectRegistry;
class MLIRContext;
} // namespace mlir

namespace optc {

/// All dialects that any stage uses, with their external interface models.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Loads the dialects that a compilation meets, some of which only folding makes ops of; the others
/// of MLIR stay out, which saves 10 ms.
void loadCompilerDialects(mlir::MLIRContext &context);

/// What code can be generated for; may be called again.
void registerAllTargets();

/// All passes of optc, and MLIR's, under their command-line names.
void registerAllPasses();

} // namespace optc

#endif // OPTC_DRIVER_REGISTRY_H
