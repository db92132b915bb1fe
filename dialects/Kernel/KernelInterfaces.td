//===- KernelInterfaces.td - interfaces of kernel ops ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What passes ask of kernel ops instead of their classes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_INTERFACES_TD
#define OPTC_KERNEL_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Kernel_EpilogueOpInterface : OpInterface<"EpilogueOpInterface"> {
  let cppNamespace = "::optc::kernel";
  let description = [{
    A destination-passing op with an epilogue: a region that is run on every element of
    the result before it is stored. Its arguments are the accumulated element, then one
    element of every extra operand at the place its map gives; `kernel.yield` gives the
    stored element. The operands are: the op's own inputs, the extras, the init.

    Rules:
    - `kernel.epilogue.R1` one map per extra operand, from the result's dims to the extra's dims:
      a projected permutation in which a constant 0 (a dim of size 1) may stand.
    - `kernel.epilogue.R2` the region's arguments are the accumulator and one element per extra;
      what it yields has the element type of the init.
    - `kernel.epilogue.R3` sizes of the extras agree with the result's where both are known.
  }];
  let methods = [
    InterfaceMethod<"The region.", "::mlir::Region &", "getEpilogueRegion", (ins), [{}],
                    [{ return $_op.getEpilogue(); }]>,
    InterfaceMethod<"The extra operands.", "::mlir::OperandRange", "getExtraOperands", (ins), [{}],
                    [{ return $_op.getExtras(); }]>,
    InterfaceMethod<"The same, to be changed.", "::mlir::MutableOperandRange", "getExtraOperandsMutable", (ins), [{}],
                    [{ return $_op.getExtrasMutable(); }]>,
    InterfaceMethod<"One map per extra operand.", "::llvm::SmallVector<::mlir::AffineMap>",
                    "getExtraMapList", (ins), [{}],
                    [{ return ::llvm::to_vector(
                           $_op.getExtraMaps().template getAsValueRange<::mlir::AffineMapAttr>()); }]>,
    InterfaceMethod<"The destination.", "::mlir::OpOperand &", "getInitOperand", (ins), [{}],
                    [{ return $_op.getInitMutable(); }]>
  ];
  let extraSharedClassDeclaration = [{
    /// The element type sums are held in before the epilogue.
    ::mlir::Type getAccumulatorType() { return $_op.getEpilogueRegion().getArgument(0).getType(); }
    /// Whether the epilogue stores the accumulator as it is.
    bool hasIdentityEpilogue() {
      ::mlir::Block &body = $_op.getEpilogueRegion().front();
      return body.getTerminator()->getOperand(0) == body.getArgument(0);
    }
  }];
  let verify = [{ return ::optc::kernel::verifyEpilogue($_op); }];
  let verifyWithRegions = 1;
}

def Kernel_WorkOpInterface : OpInterface<"WorkOpInterface"> {
  let cppNamespace = "::optc::kernel";
  let description = [{
    An op whose work can be told from the sizes of its operands (dialects/Kernel/Work.h). It
    may have any shape and be on tensors or memrefs; data it moves is not counted here.
  }];
  let methods = [
    InterfaceMethod<"The name of the kind of kernel, for people: 'conv 3x3'.", "::std::string",
                    "getFamily", (ins), [{}],
                    [{ return $_op->getName().stripDialect().str(); }]>,
    InterfaceMethod<"The work of one execution.", "::optc::kernel::OpWork", "getWork", (ins), [{}],
                    [{ return {}; }]>
  ];
}

#endif // OPTC_KERNEL_INTERFACES_TD
