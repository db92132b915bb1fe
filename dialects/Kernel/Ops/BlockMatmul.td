//===- BlockMatmul.td - products with weights of few bits -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The product with a matrix of small integers that have a scale per block.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_BLOCKMATMUL_TD
#define OPTC_KERNEL_BLOCKMATMUL_TD

include "dialects/Kernel/Epilogue.td"

def Kernel_BlockMatmulOp : Kernel_EpilogueOp<"block_matmul", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<Kernel_WorkOpInterface, ["getWork"]>]> {
  let summary = "matrix product with a weight of few bits, scaled in blocks";
  let description = [{
    lhs is [.., K], rhs stands for a matrix [N, K], the result is [.., N]. Along K, rhs is cut into blocks of `block` elements
    with a scale each; a code is a number of `bits` bits without a sign, or the place of one of 8 bits in `codebook`. With c these
    numbers:

    ```
    dot[.., n, b] = sum over k in block b of lhs[.., k] * c[n, k]
    result[.., n] = epilogue(sum over b of rhs_scale[n, b] * (lhs_scale[.., b] * dot[.., n, b] - zero[n, b] * lhs_sums[.., b]))
    ```
    lhs is f32 without `lhs_scale`, or i8 with a sign and with it; then dots are i32. `lhs_sums` are the sums of the blocks of what
    lhs stands for, in f32; they are there where zeros are. Zeros are `rhs_zero`, i8 without a sign or floats, or `zero_point` for all.
    All but dots is summed in the accumulator type, f32.

    rhs is an i8 matrix [N, K * bits / 8] of planes: with p = block * bits / 8, byte i of a block holds in its lowest bits the code i,
    in the next ones code p + i, and so on. `rhs_scale` and `rhs_zero` are [N, K / block]. With `layout` all three are
    packed, order nk, as 1-D tensors: rhs in those panels, the others in panels of that width that interleave nothing.

    Rules:
    - `kernel.block_matmul.R1` bits is 1, 2, 4 or 8; block is a multiple of 32 / bits; a codebook has 2^bits bytes without a sign,
      and bits are less than 8 then.
    - `kernel.block_matmul.R2` K is known, and a multiple of the block; sizes agree.
    - `kernel.block_matmul.R3` element types are those above, scales are floats, the accumulator is f32; there are lhs_sums if and
      only if there are zeros.
    - `kernel.epilogue.R1` .. `kernel.epilogue.R3`, see EpilogueOpInterface.

    Example:
    ```mlir
    %r = kernel.block_matmul %q scale %a sums %s, %codes scale %b into %init {bits = 4, block = 32, zero_point = 8}
        : (tensor<?x64xi8>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<16x32xi8>, tensor<16x2xf16>, tensor<?x16xf32>)
        -> tensor<?x16xf32> {
    ^bb0(%acc: f32):
      kernel.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Kernel_Shaped:$lhs, Optional<Kernel_Shaped>:$lhs_scale,
      Optional<Kernel_Shaped>:$lhs_sums, Kernel_Shaped:$rhs, Kernel_Shaped:$rhs_scale,
      Optional<Kernel_Shaped>:$rhs_zero, Variadic<Kernel_Shaped>:$extras, Kernel_Shaped:$init,
      I64Attr:$bits, I64Attr:$block, DefaultValuedAttr<I64Attr, "0">:$zero_point,
      OptionalAttr<DenseI8ArrayAttr>:$codebook, DefaultValuedAttr<AffineMapArrayAttr, "{}">:$extra_maps,
      OptionalAttr<Kernel_PanelsAttr>:$layout);
  let assemblyFormat = [{
    $lhs (`scale` $lhs_scale^)? (`sums` $lhs_sums^)? `,` $rhs `scale` $rhs_scale (`zero` $rhs_zero^)?
    (`with` $extras^)? `into` $init attr-dict `:` functional-type(operands, results) $epilogue
  }];
  let builders = [
    /// Not packed, nothing in the epilogue. Operands that are not there are null.
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$lhsScale, "::mlir::Value":$lhsSums,
                   "::mlir::Value":$rhs, "::mlir::Value":$rhsScale, "::mlir::Value":$rhsZero,
                   "::mlir::Value":$init, "int64_t":$bits, "int64_t":$block,
                   "int64_t":$zeroPoint, CArg<"::mlir::DenseI8ArrayAttr", "{}">:$codebook)>
  ];
  let extraClassDeclaration = epilogueDeclarations # [{
    ::mlir::ShapedType getLhsType() { return ::llvm::cast<::mlir::ShapedType>(getLhs().getType()); }
    ::mlir::ShapedType getRhsType() { return ::llvm::cast<::mlir::ShapedType>(getRhs().getType()); }
    /// K, and how many blocks that is.
    int64_t getDepth() { return getLhsType().getShape().back(); }
    int64_t getBlocks() { return getDepth() / static_cast<int64_t>(getBlock()); }
    /// Bytes of a block, which are the codes of a plane.
    int64_t getPlane() { return static_cast<int64_t>(getBlock() * getBits() / 8); }
    /// How the scales and zeros of a packed rhs are packed.
    ::optc::kernel::PanelsAttr getScaleLayout() {
      return PanelsAttr::get(getContext(), getLayout()->getWidth(), getLayout()->getAlign());
    }
  }];
  let hasVerifier = 1;
}

#endif // OPTC_KERNEL_BLOCKMATMUL_TD
