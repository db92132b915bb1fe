//===- ModuleDescriptor.h - the exported symbol and the runtime's table --===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Adds to LLVM modules what ModuleAbi.h asks for.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_MODULEDESCRIPTOR_H
#define OPTC_TARGET_HOST_MODULEDESCRIPTOR_H

#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace llvm {
class Module;
} // namespace llvm

namespace optc::host {

/// What the descriptor says of one entry.
struct EntryDescription {
  std::string name;
  /// The function that stores buffer sizes.
  std::string sizes;
  uint32_t numInputs;
  uint32_t numOutputs;
  /// Pairs of first and last tick, one per arena buffer.
  std::vector<int64_t> lifetimes;
  /// The function that stores the counts of work.
  std::string work;
  uint32_t numKernels;
  uint32_t numUncounted;
  /// Names and families of the kernels, if the code measures them.
  std::vector<std::pair<std::string, std::string>> kernels;
};

/// The entries of a module of the LLVM dialect, from the attributes of the place stage.
std::vector<EntryDescription> describeEntries(mlir::ModuleOp module);

/// How long the runtime's table must be for all that the module calls: an older runtime has fewer
/// functions, and opens an artifact that needs none of the newer ones.
uint32_t countRuntimeFunctions(mlir::ModuleOp module);

/// Adds `optc_module`, the variable for the runtime's table of `numFunctions`, and for every entry
/// the functions that read `args` arrays.
void addModuleDescriptor(llvm::Module &module, llvm::ArrayRef<EntryDescription> entries,
                         uint32_t numFunctions);

/// Gives every declared function of RuntimeAbi.def a body that calls through the table,
/// and hides all definitions but `optc_module`.
void bindRuntime(llvm::Module &module);

} // namespace optc::host

#endif // OPTC_TARGET_HOST_MODULEDESCRIPTOR_H
