//===- Attention.td - attention -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention as one op, so that no target has to store the scores. What is done to a score
// (scale, cap, mask, bias) is a scalar region, like the prologue of row_norm.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_ATTENTION_TD
#define OPTC_KERNEL_ATTENTION_TD

include "dialects/Kernel/Epilogue.td"

def Kernel_AttentionOp : Kernel_DestinationOp<"attention", [
    SingleBlock, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<Kernel_WorkOpInterface, ["getWork"]>]> {
  let summary = "softmax(query key^T) value, with scores computed on the way";
  let description = [{
    The iteration space is (b, n, r, s, t, d, e): batch, head of the keys, query head of that
    group, query, key, element of query and key, element of value. With p = offset[b] + s the
    place of the query among the keys:

    ```
    x[t] = score(sum over d of query * key, extras)
    x[t] = -inf, unless t < lengths[b] and p - before <= t <= p + after
    init[b, n, r, s, e] = sum over t of softmax(x)[t] * value[t, e]
    ```
    `maps` has one map per operand, from the iteration space to the operand's dims; dims a map
    lacks are broadcast. Without `offset` it is 0; a bound that is not there does not count. A
    row whose x are all -inf gives NaN, with `guarded` zeros. Sums have the type that `score`
    takes and yields, f32 or f64. The region may use values from outside. Keys behind
    `lengths` are not read; others that a bound excludes may be, and count as 0 * value. With
    `narrow` a target may round query, key, value and softmax(x) to that type before it
    multiplies them. What init has a narrower type for is rounded when it is stored.

    Rules:
    - `kernel.attention.R1` one map per operand, a projected permutation. Query has s and d and not
      t, e; key has t and d and value t and e, neither has r, s; init has s, e and those of
      b, n, r that query has; others have b, n, r only if init has them; offset and lengths
      have at most b, extras neither d nor e.
    - `kernel.attention.R2` sizes of one dim agree wherever they are known.
    - `kernel.attention.R3` `score` takes an f32 or f64, then one element per extra, and yields what
      its first argument is.
    - `kernel.attention.R4` `before` and `after` are not negative; offset and lengths are i64.
    - `kernel.attention.R5` `narrow` is bf16 or f16, and query, key and value have f32 elements.

    Example:
    ```mlir
    %r = kernel.attention %q, %k, %v with %m into %init {
        maps = [affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>,
                affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>,
                affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>,
                affine_map<(b, n, r, s, t, d, e) -> (b, t)>,
                affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>]}
        : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x4xf32>, tensor<1x?xf32>,
           tensor<1x2x?x4xf32>) -> tensor<1x2x?x4xf32> {
    ^bb0(%x: f32, %bias: f32):
      %y = arith.addf %x, %bias : f32
      kernel.yield %y : f32
    }
    ```
  }];
  let arguments = (ins Kernel_Shaped:$query, Kernel_Shaped:$key, Kernel_Shaped:$value,
      Optional<Kernel_Shaped>:$offset, Optional<Kernel_Shaped>:$lengths,
      Variadic<Kernel_Shaped>:$extras, Kernel_Shaped:$init, AffineMapArrayAttr:$maps,
      OptionalAttr<I64Attr>:$before, OptionalAttr<I64Attr>:$after, UnitAttr:$guarded,
      OptionalAttr<TypeAttr>:$narrow);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$score);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`offset` $offset^)? (`lengths` $lengths^)? (`with` $extras^)?
    `into` $init attr-dict `:` functional-type(operands, results) $score
  }];
  let extraClassDeclaration = destinationDeclaration # [{
    /// Positions of the iteration space.
    enum Dim : unsigned { Batch, Head, Group, Query, Key, Inner, Outer, NumDims };
    ::mlir::AffineMap getMap(unsigned operand) {
      return ::llvm::cast<::mlir::AffineMapAttr>(getMaps()[operand]).getValue();
    }
    ::mlir::AffineMap getInitMap() { return getMap(getMaps().size() - 1); }
    ::mlir::ShapedType getInitType() {
      return ::llvm::cast<::mlir::ShapedType>(getInit().getType());
    }
    /// Number of the first extra operand.
    unsigned getFirstExtra() { return 3 + bool(getOffset()) + bool(getLengths()); }
    /// The type scores and sums have.
    ::mlir::Type getComputeType() { return getScore().front().getArgument(0).getType(); }
    /// Whether which keys count depends on their place.
    bool isBounded() { return getLengths() || getBefore() || getAfter(); }
    /// The size of a dim in an operand; 1 if the operand lacks it.
    int64_t getOperandSize(unsigned operand, Dim dim);
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

#endif // OPTC_KERNEL_ATTENTION_TD
