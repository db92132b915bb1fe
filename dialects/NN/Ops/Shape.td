//===- Shape.td - shapes and data movement -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops that move data without computing on it. Shapes given by tensors are operands, as
// in ONNX; the analysis of Shapes.h knows their contents wherever they are arithmetic on
// sizes. Squeeze, unsqueeze, flatten, tile, split, space-to-depth etc. are expanded into these.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_SHAPE_TD
#define OPTC_NN_SHAPE_TD

include "dialects/NN/NNDialect.td"

def NN_ShapeOp : NN_Op<"shape"> {
  let summary = "the sizes of a tensor";
  let description = [{
    `result[i] = size of dimension i of input`.

    Rules:
    - `nn.shape_of.R1` the result has one element per dimension.

    Example:
    ```mlir
    %s = nn.shape %x : tensor<?x3xf32> -> tensor<2xi64>
    ```
  }];
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_ShapeTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NN_ReshapeOp : NN_Op<"reshape", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "the same elements, in row-major order, under another shape";
  let description = [{
    The sizes are the elements of `shape`; a -1 is what remains of the element count, a 0
    is the input's size of that dimension unless `allowZero`.

    Rules:
    - `nn.reshape.R1` `shape` has static length and at most one -1.
    - `nn.reshape.R2` the element counts agree.

    Example:
    ```mlir
    %y = nn.reshape %x, %s : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x2x3xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_ShapeTensor:$shape, UnitAttr:$allowZero);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $shape attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_TransposeOp : NN_Op<"transpose"> {
  let summary = "permutes dimensions";
  let description = [{
    `result dimension i = input dimension permutation[i]`.

    Rules:
    - `nn.transpose.R1` `permutation` is one of the input's dimensions.

    Example:
    ```mlir
    %y = nn.transpose %x [0, 2, 1] : tensor<?x3x4xf32> -> tensor<?x4x3xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input $permutation attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_ExpandOp : NN_Op<"expand", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "broadcasts a tensor to a shape, both ways";
  let description = [{
    numpy broadcasting of `input` against a tensor of the sizes in `shape`: a size of 1 in
    either gives the other's.

    Rules:
    - `nn.expand.R1` `shape` has static length.
    - `nn.expand.R2` the sizes broadcast.

    Example:
    ```mlir
    %y = nn.expand %x, %s : (tensor<3x1xf32>, tensor<2xi64>) -> tensor<3x?xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_ShapeTensor:$shape);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $shape attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_ConcatOp : NN_Op<"concat", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["getNumTransposed", "buildOnTransposed"]>]> {
  let summary = "joins tensors along a dimension";
  let description = [{
    Rules:
    - `nn.concat.R1` all inputs have one rank, and `axis` is below it.
    - `nn.concat.R2` their other sizes agree.

    Example:
    ```mlir
    %y = nn.concat %a, %b {axis = 1 : i64} : (tensor<?x3xf32>, tensor<?x4xf32>) -> tensor<?x7xf32>
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_SliceOp : NN_Op<"slice", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "every step-th element from start to end, along some dimensions";
  let description = [{
    ONNX's Slice: negative starts and ends count from the end, out-of-range ones are
    clamped, steps may be negative (then the direction is backwards).

    Rules:
    - `nn.slice.R1` starts, ends and steps have one element per axis of `axes`.
    - `nn.slice.R2` axes are distinct dimensions of the input; no step is zero.

    Example:
    ```mlir
    %y = nn.slice %x, %s, %e, %t [1]
      : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_ShapeTensor:$starts, NN_ShapeTensor:$ends,
                       NN_ShapeTensor:$steps, DenseI64ArrayAttr:$axes);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $starts `,` $ends `,` $steps $axes attr-dict `:` functional-type(operands, results)
  }];
  let hasFolder = 1;
}

def NN_PadMode : I32EnumAttr<"PadMode", "what padding holds", [
    I32EnumAttrCase<"Constant", 0, "constant">, I32EnumAttrCase<"Reflect", 1, "reflect">,
    I32EnumAttrCase<"Edge", 2, "edge">, I32EnumAttrCase<"Wrap", 3, "wrap">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_PadModeAttr : EnumAttr<NN_Dialect, NN_PadMode, "pad_mode">;

def NN_PadOp : NN_Op<"pad", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "adds (or for negative amounts removes) elements around a tensor";
  let description = [{
    `pads` holds the amounts before each dimension, then the amounts after each. `constant`
    fills with `value`, `reflect` mirrors without the border, `edge` repeats it, `wrap`
    continues from the other side.

    Rules:
    - `nn.pad.R1` `pads` has two elements per dimension.
    - `nn.pad.R2` `value` is a scalar of the input's element type.

    Example:
    ```mlir
    %y = nn.pad constant %x, %p, %v : (tensor<?x3xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x5xf32>
    ```
  }];
  let arguments = (ins NN_PadModeAttr:$mode, NN_Tensor:$input, NN_ShapeTensor:$pads,
                       NN_Tensor:$value);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$mode $input `,` $pads `,` $value attr-dict `:` functional-type(operands, results)";
}

def NN_RangeOp : NN_Op<"range"> {
  let summary = "an arithmetic progression";
  let description = [{
    `result[i] = start + i * delta` with `max(ceil((limit - start) / delta), 0)` elements.

    Rules:
    - `nn.range.R1` the operands are scalars of one type.

    Example:
    ```mlir
    %y = nn.range %a, %b, %c : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    ```
  }];
  let arguments = (ins NN_Tensor:$start, NN_Tensor:$limit, NN_Tensor:$delta);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$start `,` $limit `,` $delta attr-dict `:` functional-type(operands, results)";
}

#endif // OPTC_NN_SHAPE_TD
