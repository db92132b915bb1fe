//===- Conv.td - convolutions ---------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolutions over channels-last data.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_CONV_TD
#define OPTC_KERNEL_CONV_TD

include "dialects/Kernel/Epilogue.td"

def Kernel_ConvOp : Kernel_EpilogueOp<"conv", [
    DeclareOpInterfaceMethods<Kernel_WorkOpInterface, ["getFamily", "getWork"]>]> {
  let summary = "convolution, channels last, with an epilogue";
  let description = [{
    Input is [batch, space.., C], result [batch, space.., O]; for output channel o of group
    g = o / (O / groups),
    `result[b, p.., o] = epilogue(sum over t.., c of
       input[b, p * strides + t * dilations.., g * (C / groups) + c] * filter[o, c, t..])`.
    The input carries its own border (padding is done before), or with `pads` that border is left
    out: the formula's input is then the given one with so many zeros before and after each spatial
    dim, and a target leaves out products with them. That is for wide borders, which most taps of
    small images only meet (dilated windows). The filter is ONNX's
    [O, C / groups, window..], or with `layout` its packed form: per group a [K, O / groups]
    matrix in panels with K = window.. x C / groups (c fastest), taps when depthwise, or
    transformed for Winograd: then the sum is computed through WinogradTransform.h, equal up to
    rounding; an infinity or NaN in the input reaches all outputs of the tiles that read it. What is
    transformed is f32 even where the input is narrower; if `panels` has pairs, a target may round it to
    the input's type before it multiplies.

    With `phases`, a place p has several results, one per phase f, which lie side by side:
    `result[b, p * phases + f.., o]`, as a transposed convolution needs them. Each has filters of
    its own: O above is [groups, phases.., O / groups] then, the last of them fastest, and the
    packed form has a matrix per group and phase.

    Integers narrower than the accumulator are widened first, by zeros where `unsigned_input` or
    `unsigned_filter` says so.

    Rules:
    - `kernel.conv.R1` input and result have rank 2 + s with s of 1 to 3, and window, strides and
      dilations have s positive numbers.
    - `kernel.conv.R2` groups divides C and O, and the filter's shape is [O, C / groups, window..], with
      phases [O x phases.., C / groups, window..] (its packed form is 1-D with as many elements as
      its layout says).
    - `kernel.conv.R3` the windows of all outputs lie inside the input with its border, and batch sizes
      agree.
    - `kernel.conv.R4` the layout `taps` needs groups = C = O.
    - `kernel.conv.R5` the layout `winograd` needs a 3x3 window, strides, dilations and groups of 1, and
      no phases.
    - `kernel.conv.R6` phases are none, or s positive numbers that divide the result's spatial sizes.
    - `kernel.conv.R7` pads are none, or 2 s numbers that are not negative (before each dim, then after
      each); the layouts `taps` and `winograd` and phases have none.
    - `kernel.epilogue.R1` .. `kernel.epilogue.R3`, see EpilogueOpInterface.

    Example:
    ```mlir
    %r = kernel.conv %x, %w into %init {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
        dilations = array<i64: 1, 1>, groups = 1}
        : (tensor<1x?x?x16xf32>, tensor<32x16x3x3xf32>, tensor<1x?x?x32xf32>)
        -> tensor<1x?x?x32xf32> {
    ^bb0(%acc: f32):
      kernel.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Kernel_Shaped:$input, Kernel_Shaped:$filter, Variadic<Kernel_Shaped>:$extras,
      Kernel_Shaped:$init, DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides,
      DenseI64ArrayAttr:$dilations, I64Attr:$groups,
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$phases,
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$pads,
      DefaultValuedAttr<AffineMapArrayAttr, "{}">:$extra_maps, OptionalAttr<Kernel_Layout>:$layout,
      UnitAttr:$unsigned_input, UnitAttr:$unsigned_filter);
  let assemblyFormat = [{
    $input `,` $filter (`with` $extras^)? `into` $init attr-dict
    `:` functional-type(operands, results) $epilogue
  }];
  let builders = [
    /// Nothing in the epilogue. `accumulator` defaults to the element type of init.
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$filter, "::mlir::Value":$init,
                   "::mlir::ArrayRef<int64_t>":$window, "::mlir::ArrayRef<int64_t>":$strides,
                   "::mlir::ArrayRef<int64_t>":$dilations, "int64_t":$groups,
                   CArg<"::mlir::Type", "{}">:$accumulator)>
  ];
  let extraClassDeclaration = epilogueDeclarations # [{
    unsigned getNumSpatial() { return getWindow().size(); }
    ::mlir::ShapedType getInputType() {
      return ::llvm::cast<::mlir::ShapedType>(getInput().getType());
    }
    ::mlir::ShapedType getFilterType() {
      return ::llvm::cast<::mlir::ShapedType>(getFilter().getType());
    }
    /// C and O; both are static.
    int64_t getInputChannels() { return getInputType().getShape().back(); }
    int64_t getOutputChannels() { return getInitType().getShape().back(); }
    /// Results of one place, and the matrices that a packed filter consists of.
    int64_t getNumPhases() { return ::llvm::product_of(getPhases()); }
    int64_t getNumMatrices() { return getGroups() * getNumPhases(); }
    /// Number of products summed for one output.
    int64_t getReductionSize() {
      return ::llvm::product_of(getWindow()) * (getInputChannels() / getGroups());
    }
    /// Whether the layout winograd is possible.
    bool suitsWinograd();
    /// Zeros before and after spatial dim i.
    int64_t getPadBefore(unsigned i) { return getPads().empty() ? 0 : getPads()[i]; }
    int64_t getPadAfter(unsigned i) {
      return getPads().empty() ? 0 : getPads()[getNumSpatial() + i];
    }
    bool isDepthwise() {
      return static_cast<int64_t>(getGroups()) == getInputChannels() &&
             getInputChannels() == getOutputChannels() && getPhases().empty();
    }
  }];
  let hasVerifier = 1;
}

#endif // OPTC_KERNEL_CONV_TD
