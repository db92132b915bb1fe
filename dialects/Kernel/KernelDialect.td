//===- KernelDialect.td - the kernel dialect -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect definition and the base class of its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_DIALECT_TD
#define OPTC_KERNEL_DIALECT_TD

include "lib/IR/DestinationPassing.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::optc::kernel";
  let summary = "what code generators implement";
  let description = [{
    Destination-passing ops on tensors, then on memrefs, that every target implements
    through one emitter of the same name or declines (then linalg takes over). Their
    meaning names no instruction set, tile or packing: those are attributes that a
    target chooses.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

class Kernel_DestinationOp<string mnemonic, list<Trait> traits = []>
    : DestinationOp<Kernel_Dialect, mnemonic, traits>;

#endif // OPTC_KERNEL_DIALECT_TD
