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

def NN_ContractionOpInterface : OpInterface<"ContractionOpInterface"> {
  let cppNamespace = "::optc::nn";
  let description = [{
    Ops whose result is sums of products of elements of their first two operands, the
    data and the weight. The operands have one element type; the result has it too, or, where that is f16
    or bf16, f32: sums of halves are held in f32 anyway. Products of 8-bit integers, each with or without a
    sign, are summed in i32, exactly unless that overflows.
  }];
  let methods = [
    InterfaceMethod<[{
      Whether a run of an even number of products is summed over neighbouring elements of
      the data, or over neighbouring places of each channel: what instructions for narrow types need.
    }], "bool", "sumsPairs">,
  ];
}

def NN_TransposableOpInterface : OpInterface<"TransposableOpInterface"> {
  let cppNamespace = "::optc::nn";
  let description = [{
    Ops that transposes of their data move through (nn-push-transposes): the op of transposed operands is a
    transpose of the op of what was transposed.
  }];
  let methods = [
    InterfaceMethod<[{
      How many of the first operands are the data.
    }], "unsigned", "getNumTransposed", (ins), "", "return 1;">,
    InterfaceMethod<[{
      Whether data may have fewer dimensions than the result, or single ones, and is repeated along them.
    }], "bool", "repeatsOperands", (ins), "", "return false;">,
    InterfaceMethod<[{
      Builds the op on `data`, of which its data operands are transposes by `permutation` (dim d of the operand is
      dim `permutation[d]` of the data). Changes `permutation` if another one makes the result. Null if there is no
      such op.
    }], "::mlir::Value", "buildOnTransposed",
      (ins "::optc::nn::NNBuilder &":$b, "::mlir::ValueRange":$data,
           "::llvm::SmallVectorImpl<int64_t> &":$permutation),
      "", "return ::optc::nn::rebuildOn($_op, b, data);">,
  ];
}

#endif // OPTC_NN_INTERFACES_TD
