//===- Pool.td - pooling --------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Maximum and average over windows of channels-last data.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_POOL_TD
#define OPTC_KERNEL_POOL_TD

include "dialects/Kernel/Epilogue.td"
include "mlir/IR/EnumAttr.td"

def Kernel_PoolKind : I32EnumAttr<"PoolKind", "what a pool computes", [
    I32EnumAttrCase<"Max", 0, "max">, I32EnumAttrCase<"Average", 1, "average">]> {
  let cppNamespace = "::optc::kernel";
}

def Kernel_PoolOp : Kernel_EpilogueOp<"pool", [DeclareOpInterfaceMethods<Kernel_WorkOpInterface, ["getWork"]>]> {
  let summary = "maximum or average over windows, channels last, with an epilogue";
  let description = [{
    Input is [batch, space.., C], result [batch, space.., C]. The window of output p covers
    the positions `p * strides - pads_begin + t * dilations`; positions outside the input
    are skipped by max. Average divides by the number of positions inside the input, or with
    `count_pads` by those inside the input grown by both pads. Windows may hang over the end
    (ceil mode): the result's size says how many there are.

    Rules:
    - `kernel.pool.R1` input and result have rank 2 + s with s of 1 to 3; window, strides,
      dilations, pads_begin and pads_end have s numbers, positive or for pads not negative.
    - `kernel.pool.R2` batch and channel sizes agree.
    - `kernel.pool.R3` input elements and the accumulator have the same type.
    - `kernel.epilogue.R1` .. `kernel.epilogue.R3`, see EpilogueOpInterface.

    Example:
    ```mlir
    %r = kernel.pool max %x into %init {window = array<i64: 2>, strides = array<i64: 2>,
        dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
        : (tensor<1x8x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
    ^bb0(%acc: f32):
      kernel.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Kernel_PoolKind:$kind, Kernel_Shaped:$input, Variadic<Kernel_Shaped>:$extras,
      Kernel_Shaped:$init, DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides,
      DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads_begin, DenseI64ArrayAttr:$pads_end,
      UnitAttr:$count_pads, DefaultValuedAttr<AffineMapArrayAttr, "{}">:$extra_maps);
  let assemblyFormat = [{
    $kind $input (`with` $extras^)? `into` $init attr-dict
    `:` functional-type(operands, results) $epilogue
  }];
  let builders = [
    /// Nothing in the epilogue.
    OpBuilder<(ins "::optc::kernel::PoolKind":$kind, "::mlir::Value":$input, "::mlir::Value":$init,
                   "::mlir::ArrayRef<int64_t>":$window, "::mlir::ArrayRef<int64_t>":$strides,
                   "::mlir::ArrayRef<int64_t>":$dilations, "::mlir::ArrayRef<int64_t>":$padsBegin,
                   "::mlir::ArrayRef<int64_t>":$padsEnd, "bool":$countPads)>
  ];
  let extraClassDeclaration = epilogueDeclarations # [{
    unsigned getNumSpatial() { return getWindow().size(); }
    ::mlir::ShapedType getInputType() {
      return ::llvm::cast<::mlir::ShapedType>(getInput().getType());
    }
  }];
  let hasVerifier = 1;
}

#endif // OPTC_KERNEL_POOL_TD
