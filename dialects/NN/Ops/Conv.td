//===- Conv.td - convolutions --------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one convolution, channels last. Transposed convolutions are expanded into it, for which
// it can store its results interleaved; a bias is a separate add.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_CONV_TD
#define OPTC_NN_CONV_TD

include "dialects/NN/NNDialect.td"

def NN_ConvOp : NN_Op<"conv", [DeclareOpInterfaceMethods<NN_ContractionOpInterface>]> {
  let summary = "convolution over channels-last data";
  let description = [{
    `input` is [N, space.., C], `filter` as in ONNX [O, C / group, window..], the result
    [N, space.., O]:
    `result[n, p.., o] = sum over t.., c of
       padded[n, p * strides + t * dilations.., g * (C / group) + c] * filter[o, c, t..]`
    with g = o / (O / group), where `padded` is the input with `pads` zeros around its
    spatial dimensions (first those before each, then those after each).

    With `phases`, a place p has several results, one per phase f, which lie side by side:
    `result[n, p * phases + f.., o]`. Each has filters of its own; the first dimension of `filter`
    is [group, phases.., O / group] then, the last of them fastest.

    Rules:
    - `nn.conv.R1` input and filter have one rank, 3 to 5, and the window sizes are static.
    - `nn.conv.R2` strides and dilations have one positive element per spatial dimension, pads
      two that are not negative.
    - `nn.conv.R3` C = filter[1] * group, and group divides O; C and O are static.
    - `nn.conv.R4` the window fits into the padded input.
    - `nn.conv.R5` the operands have one element type, the result has it, or f32 for f16 and bf16; or they
      are i8 or ui8 each, and the result i32; or the filter alone is f16 or bf16, all else f32.
    - `nn.conv.R6` phases are none, or one positive number per spatial dimension; group times their
      product divides filter[0].

    Example:
    ```mlir
    %y = nn.conv %x, %w {strides = array<i64: 2>, dilations = array<i64: 1>,
        pads = array<i64: 1, 1>, group = 1 : i64}
        : (tensor<1x?x4xf32>, tensor<8x4x3xf32>) -> tensor<1x?x8xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$filter, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, I64Attr:$group,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$phases);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $filter attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// Window sizes: the spatial sizes of the filter.
    ::llvm::ArrayRef<int64_t> getWindow() {
      return ::llvm::cast<::mlir::ShapedType>(getFilter().getType()).getShape().drop_front(2);
    }
    /// Results of one place.
    int64_t getNumPhases() { return ::llvm::product_of(getPhases()); }
    /// One filter per channel.
    bool isDepthwise();
  }];
}

#endif // OPTC_NN_CONV_TD
