//===- NNInterfaces.td - interfaces of nn ops ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The questions that passes ask of an nn op.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_INTERFACES_TD
#define OPTC_NN_INTERFACES_TD

include "mlir/IR/OpBase.td"

def NN_SymbolicShapeOpInterface : OpInterface<"SymbolicShapeOpInterface"> {
  let cppNamespace = "::optc::nn";
  let description = [{
    Shape inference over symbolic sizes. One method per op states all its shape rules;
    type inference, verification, `ReifyRankedShapedTypeOpInterface` and the lowering's
    sizes are derived from it (dialects/NN/Shapes.h). MLIR's static
    `InferShapedTypeOpInterface` is not used: it can not tell two unknown sizes apart.
  }];
  let methods = [
    InterfaceMethod<[{
      Sets the shape of every result in `shapes`, as expressions of the operands'
      shapes and contents, and the contents of small integer results where they are
      known. Emits an error with the rule's id where a rule is broken.
    }], "::llvm::LogicalResult", "inferShapes", (ins "::optc::nn::SymbolicShapes &":$shapes)>,
  ];
  let verify = [{ return ::optc::nn::verifyInferredShapes($_op); }];
}

#endif // OPTC_NN_INTERFACES_TD
