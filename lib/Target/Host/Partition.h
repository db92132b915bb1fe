//===- Partition.h - parts of a module that compile apart ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cuts a module by its content, so that the bytes of the result do not depend on how many
// threads compile it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_PARTITION_H
#define OPTC_TARGET_HOST_PARTITION_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <vector>

namespace optc::host {

/// Copies the functions of a module of the LLVM dialect into parts: the entries into the
/// first, the outlined ones into the others. Each part declares what it calls.
std::vector<mlir::OwningOpRef<mlir::ModuleOp>> partition(mlir::ModuleOp module);

} // namespace optc::host

#endif // OPTC_TARGET_HOST_PARTITION_H
