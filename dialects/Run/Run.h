//===- Run.h - the run dialect -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect, its ops, and the attributes that functions and modules carry.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_RUN_RUN_H
#define OPTC_DIALECTS_RUN_RUN_H

#include "lib/IR/DestinationPassing.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include "dialects/Run/RunDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Run/RunAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialects/Run/RunOps.h.inc"

namespace optc::run {

/// On functions: `EntryAttr`.
inline constexpr llvm::StringLiteral entryAttr = "run.entry";
/// On the module: `WeightsAttr`.
inline constexpr llvm::StringLiteral weightsAttr = "run.weights";
/// On an argument of an entry: it is the image of the weights.
inline constexpr llvm::StringLiteral imageAttr = "run.image";
/// On functions: an outlined loop nest, compiled apart from the entries.
inline constexpr llvm::StringLiteral kernelAttr = "run.kernel";
/// On a declaration (trip, cost, captures...): calls of it run that function in parallel.
inline constexpr llvm::StringLiteral parallelBodyAttr = "run.parallel_body";
/// On a parallel loop: `WorkAttr`.
inline constexpr llvm::StringLiteral workAttr = "run.work";

/// What the runtime knows of a function; null if it is no entry.
inline EntryAttr getEntry(mlir::Operation *function) {
  return function->getAttrOfType<EntryAttr>(entryAttr);
}
inline void setEntry(mlir::Operation *function, EntryAttr entry) {
  function->setAttr(entryAttr, entry);
}

/// The entries among a module's functions of that kind.
template <typename Function> llvm::SmallVector<Function> getEntries(mlir::ModuleOp module) {
  llvm::SmallVector<Function> entries;
  for (auto function : module.getOps<Function>())
    if (getEntry(function))
      entries.push_back(function);
  return entries;
}

} // namespace optc::run

#endif // OPTC_DIALECTS_RUN_RUN_H
