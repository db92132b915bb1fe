//===- RunDialect.td - the run dialect -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect definition and the base class of its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUN_DIALECT_TD
#define OPTC_RUN_DIALECT_TD

include "lib/IR/DestinationPassing.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Run_Dialect : Dialect {
  let name = "run";
  let cppNamespace = "::optc::run";
  let summary = "the door from generated code to the runtime";
  let description = [{
    Ops that become calls of lib/Runtime/RuntimeAbi.def, for which the execution context is added: checks
    and errors, memory of outputs, loops on several threads, lists that grow, times of kernels. Its
    attributes are the contract between a model's functions and the runtime, from the import to the descriptor
    in the object.

    Attributes of the dialect are refused by the verifier where they do not belong:
    - `run.attribute.R1` a `run.` attribute is one of those in Run.h, of its type, at its place.
    - `run.attribute.R2` what `#run.entry` says fits the function and its module.
    - `run.attribute.R3` the constants of `#run.weights` lie one after the other, aligned.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
}

class Run_Op<string mnemonic, list<Trait> traits = []> : Op<Run_Dialect, mnemonic, traits>;

class Run_DestinationOp<string mnemonic, list<Trait> traits = []>
    : DestinationOp<Run_Dialect, mnemonic, traits>;

#endif // OPTC_RUN_DIALECT_TD
