//===- NNPasses.td - passes of the nn dialect ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Simplifications of the model that no target decides.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_PASSES_TD
#define OPTC_NN_PASSES_TD

include "mlir/Pass/PassBase.td"

def NNPushTransposes : Pass<"nn-push-transposes", "::mlir::func::FuncOp"> {
  let summary = "move transposes towards the results, where they meet and cancel";
  let description = [{
    Convolutions are imported with a transpose on either side, models have their own. Each
    one moves below every op that can work on permuted dimensions: the ops in between then
    run on the layout of their producer, usually channels last.

    - Needs: nn ops with inferred types.
    - Leaves: no transpose whose user could do without it, none that undoes another, none
      that only moves dimensions of size 1 (that is a reshape).
    - Does not: transpose constants (`nn-fold-weights`), nor move transposes upwards.

    Example: test/dialects/NN/push-transposes.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNFoldBatchNorm : Pass<"nn-fold-batch-norm", "::mlir::func::FuncOp"> {
  let summary = "fold scales and shifts by constants per channel into convolutions";
  let description = [{
    conv(x, w) * s + t = conv(x, w * s) + t. The constants come from batch normalizations, or
    from additions and multiplications written out; one addition, the bias, remains.

    - Needs: channels-last data as `nn-push-transposes` leaves it, constant filters.
    - Leaves: at most one addition of constants per channel after a convolution whose only
      user that is.
    - Does not: touch convolutions that have other users.

    Example: test/dialects/NN/fold-batch-norm.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNCropWindows : Pass<"nn-crop-windows", "::mlir::func::FuncOp"> {
  let summary = "drop taps of convolutions that only meet the border";
  let description = [{
    Where the dilation of a window is larger than the image, most taps read zeros wherever the window
    is: a 3x3 window with a dilation of 24 on an image of 14x14 is a 1x1 window.

    - Needs: nn ops with inferred types.
    - Leaves: no first or last tap along a dimension of known size that reads no element of the input.
    - Does not: look at dimensions of unknown size; there, a target leaves out such taps when it runs
      (`pads` of `kernel.conv`).

    Example: test/dialects/NN/crop-windows.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNSplitPhases : Pass<"nn-split-phases", "::mlir::func::FuncOp"> {
  let summary = "phases of convolutions become channels that are interleaved afterwards";
  let description = [{
    A transposed convolution is imported as one with `phases`, which stores its results where they belong.
    A target may be faster with a plain convolution of more channels and a transpose behind it: where phases
    have few channels, or where it has a better algorithm for plain ones.

    - Needs: nn ops with inferred types.
    - Leaves: phases only of convolutions with at least `least-channels` channels per group and at most `most-taps`
      taps along each dimension.
    - Does not: change filters.

    Example: test/dialects/NN/split-phases.mlir
  }];
  let options = [Option<"leastChannels", "least-channels", "int64_t", "0", "results of a group and phase">,
                 Option<"mostTaps", "most-taps", "int64_t", "1 << 30", "taps along a dimension">];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNFoldWeights : Pass<"nn-fold-weights", "::mlir::func::FuncOp"> {
  let summary = "rearrange constants of any size at compile time";
  let description = [{
    - Needs: nn ops with inferred types.
    - Leaves: no transpose, slice, pad or concatenation of constants, except transposes that only
      matrix products read, which read them as they are; no cast of a constant between f32, f16 and bf16: products of f32
      read a narrower weight as it is. What
      together would take more than four times the constants there are, and 4 MB, stays an op.
    - Does not: compute on weights otherwise.

    Example: test/dialects/NN/fold-weights.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNRaiseNorms : Pass<"nn-raise-norms", "::mlir::func::FuncOp"> {
  let summary = "recognize normalizations written in primitive ops";
  let description = [{
    Models of older opsets write layer and RMS normalization as means, squares, a square root
    and a division.

    - Needs: nn ops as imported.
    - Leaves: `nn.normalize` in their place; scale and bias stay separate ops.
    - Does not: recognize statistics over other dimensions than those of one mean.

    Example: test/dialects/NN/raise-norms.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNRaiseAttention : Pass<"nn-raise-attention", "::mlir::func::FuncOp"> {
  let summary = "recognize attention written in primitive ops";
  let description = [{
    Most exports write attention as two matrix products with a softmax between them. Taken are
    scales of the product or its operands, a soft cap, one mask (added, or chosen by a select),
    a select that hides NaN, key and value heads repeated for groups of query heads, and keys
    in any order of dimensions.

    - Needs: nn ops as imported; before `nn-push-transposes`.
    - Leaves: `nn.attention` in their place, with transposes of its operands and result, which
      the lowering reads and writes through; of keys and values the heads before repetition.
    - Does not: touch attention whose scores or weights have other users, or that adds two
      masks; nor derive bounds (causal, lengths) from the contents of a mask. A guard against
      NaN then only hides that of rows without keys.

    Example: test/dialects/NN/raise-attention.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNBoundAttention : Pass<"nn-bound-attention", "::mlir::func::FuncOp"> {
  let summary = "take the causal bound of attention out of its mask";
  let description = [{
    A mask that is a conjunction with `keys <= queries`, both ranges, becomes the bound
    `after = 0` and the rest of the mask. A mask added as `c ? 0 : lowest` is one that chooses
    first, if lowest (-1e30 or less) hides every score.

    - Needs: `nn.attention` as imported or raised; equal values are one value.
    - Leaves: bounds where they can be told; kernels leave keys out behind them.
    - Does not: look into constants, nor take a bound from a mask with a finite `fill` unless
      the rest keeps the key at each query's own place: a row without keys would change.

    Example: test/dialects/NN/bound-attention.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNRaiseRope : Pass<"nn-raise-rope", "::mlir::func::FuncOp"> {
  let summary = "recognize rotary embedding written in primitive ops";
  let description = [{
    x * cos + concat(-x[h:], x[:h]) * sin, where both halves of cos and of sin are equal.

    - Needs: nn ops as imported; before `nn-push-transposes`.
    - Leaves: `nn.rope` with tables of half the size; of heads that turn in part only, one op
      for the whole head.
    - Does not: recognize interleaved pairs, nor tables whose halves are not known to be equal.

    Example: test/dialects/NN/raise-rope.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNExpandRecurrent : Pass<"nn-expand-recurrent", "::mlir::func::FuncOp"> {
  let summary = "recurrent layers become matrix products and a loop over time";
  let description = [{
    The product of the input is taken out of the loop. A sequence of one step is no loop.

    - Needs: nn ops with inferred types.
    - Leaves: no `nn.recurrent` whose results have elements; scf.for over the steps that carries
      states as tensors.
    - Does not: unroll.

    Example: test/dialects/NN/expand-recurrent.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect", "::optc::nn::NNDialect"];
}

def NNNarrowContractions : Pass<"nn-narrow-contractions", "::mlir::func::FuncOp"> {
  let summary = "matrix products and convolutions multiply bf16 or f16 and sum in f32";
  let description = [{
    - Needs: nn ops as simplified, f32.
    - Leaves: contractions with constant weights that sum pairs with operands of the narrow type and
      f32 results. A value that one of them reads is rounded where it is made, above reshapes,
      transposes, slices, pads and concatenations; its other users read the rounded form.
      Attention is allowed to round what it multiplies.
      A convolution of an odd number of channels is written with one channel and longer windows,
      unless `exact` (FlattenConv.h). Of depthwise convolutions, those with `least-taps` to `most-taps`
      taps: where a target has to put pairs of taps together first, that takes long for few of them.
    - Does not: touch other depthwise convolutions or odd depths, ops inside of loops and
      branches, entry inputs' and outputs' types, or anything but what is multiplied.

    Example: test/dialects/NN/narrow-contractions.mlir
  }];
  let options = [Option<"type", "type", "std::string", "\"bf16\"", "the narrow type: bf16 or f16">,
                 Option<"exact", "exact", "bool", "false", "a NaN stays where it is: odd channels are left alone">,
                 Option<"leastTaps", "least-taps", "int64_t", "0", "of depthwise convolutions">,
                 Option<"mostTaps", "most-taps", "int64_t", "1 << 30", "of depthwise convolutions">];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

def NNShowShapes : Pass<"nn-show-shapes", "::mlir::func::FuncOp"> {
  let summary = "report what shape inference knows of every result";
  let description = [{
    One remark per result: its sizes as expressions over named sizes, and the elements of a
    small integer tensor where they are known.

    - Needs: nn ops.
    - Leaves: refined result types, nothing else.
    - Does not: report constants.

    Example: test/dialects/NN/show-shapes.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

#endif // OPTC_NN_PASSES_TD
