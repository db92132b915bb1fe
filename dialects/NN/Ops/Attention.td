//===- Attention.td - attention and rotary embedding ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops of their own, because passes ask for them: the layout of a key/value cache, the
// quantization of its elements, fused kernels. Projections, the concatenation of past and
// new keys and the gathering of rotary tables stay separate ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_ATTENTION_TD
#define OPTC_NN_ATTENTION_TD

include "dialects/NN/NNDialect.td"

def NN_AttentionOp : NN_Op<"attention", [AttrSizedOperandSegments]> {
  let summary = "softmax(query key^T) value, head by head";
  let description = [{
    Query is [B, H, S, D], key [B, N, T, D], value [B, N, T, E], the result [B, H, S, E]. For
    batch b, query head h and query i, with g = h / (H / N) the head of its keys and
    p = offset[b] + i its place among them:

    ```
    s[j] = scale * sum over d of query[b, h, i, d] * key[b, g, j, d]
    s[j] = softcap * tanh(s[j] / softcap)         with softcap
    s[j] = s[j] + mask[b, h, i, j]                mask of floats
    s[j] = mask[b, h, i, j] ? s[j] : fill         mask of i1
    s[j] = -inf, unless j < lengths[b] and p - before <= j <= p + after
    result[b, h, i, e] = sum over j of softmax(s)[j] * value[b, g, j, e]
    ```
    Without `offset` it is 0, without `lengths`, `before` or `after` that bound is none;
    `after = 0` is causal. A row whose s are all -inf gives NaN, with `guarded` zeros. The
    softmax is computed in at least f32. What lies behind `lengths` is not read; keys that
    other bounds exclude should be finite. With `narrow` targets may round what is multiplied
    (query, key, value and softmax(s)) to that type; sums stay in at least f32.

    Rules:
    - `nn.attention.R1` query, key and value have rank 4 and the result's element type.
    - `nn.attention.R2` their batches agree; N is the number of heads of key and value, and
      divides H: both are known, or they are one size, which the run checks.
    - `nn.attention.R3` query and key agree in D, key and value in T.
    - `nn.attention.R4` the mask has i1 elements or those of the query; its shape has 2 to 4
      sizes, broadcasts to [B, H, S, T], and its last size is T.
    - `nn.attention.R5` offset and lengths have one element, or one per batch.
    - `nn.attention.R6` `before` and `after` are not negative, `softcap` is positive.
    - `nn.attention.R7` `narrow` is bf16 or f16, and query has f32 elements.

    Example:
    ```mlir
    %y = nn.attention %q, %k, %v mask %m offset %p {after = 0 : i64, scale = 1.25e-1 : f64}
      : (tensor<?x9x?x64xf32>, tensor<?x3x?x64xf32>, tensor<?x3x?x64xf32>,
         tensor<?x1x1x?xi1>, tensor<1xi64>) -> tensor<?x9x?x64xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$query, NN_FloatTensor:$key, NN_FloatTensor:$value,
      Optional<NN_Tensor>:$mask, Optional<NN_ShapeTensor>:$offset,
      Optional<NN_ShapeTensor>:$lengths, F64Attr:$scale, OptionalAttr<F64Attr>:$softcap,
      DefaultValuedAttr<F64Attr, "-INFINITY">:$fill, OptionalAttr<I64Attr>:$before,
      OptionalAttr<I64Attr>:$after, UnitAttr:$guarded, OptionalAttr<TypeAttr>:$narrow);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`mask` $mask^)? (`offset` $offset^)? (`lengths` $lengths^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def NN_RopeOp : NN_Op<"rope", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["getNumTransposed", "repeatsOperands", "buildOnTransposed"]>]> {
  let summary = "rotary position embedding";
  let description = [{
    Turns pairs of elements of the last dimension by angles given as their cosine and sine.
    With r the last size of `cos`, for i < r and the pair (a, b) = (i, i + r), or
    (2i, 2i + 1) if `interleaved`:

    ```
    result[.., a] = input[.., a] * cos[.., i] - input[.., b] * sin[.., i]
    result[.., b] = input[.., b] * cos[.., i] + input[.., a] * sin[.., i]
    ```
    Elements from 2r on are copied. The leading dimensions of `cos` and `sin` broadcast to
    those of the input. Computes in at least f32.

    Rules:
    - `nn.rope.R1` `cos` and `sin` have one shape, whose leading sizes broadcast to the input's.
    - `nn.rope.R2` their last size is known, as is the input's, and that is twice as large at least.
    - `nn.rope.R3` all have one element type.

    Example:
    ```mlir
    %y = nn.rope %x, %c, %s : (tensor<?x9x?x64xf32>, tensor<?x1x?x32xf32>, tensor<?x1x?x32xf32>)
      -> tensor<?x9x?x64xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$cos, NN_FloatTensor:$sin,
                       UnitAttr:$interleaved);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input `,` $cos `,` $sin attr-dict `:` functional-type(operands, results)";
}

#endif // OPTC_NN_ATTENTION_TD
