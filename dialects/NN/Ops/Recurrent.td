//===- Recurrent.td - recurrent layers ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One op for the three kinds: they share operands, bounds and the loop over time, and what
// passes ask of them. A layer of two directions is two ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_RECURRENT_TD
#define OPTC_NN_RECURRENT_TD

include "dialects/NN/NNDialect.td"

def NN_RecurrentKind : I32EnumAttr<"RecurrentKind", "kind of recurrent layer", [
    I32EnumAttrCase<"Rnn", 0, "rnn">, I32EnumAttrCase<"Gru", 1, "gru">,
    I32EnumAttrCase<"Lstm", 2, "lstm">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_RecurrentKindAttr : EnumAttr<NN_Dialect, NN_RecurrentKind, "recurrent_kind">;

def NN_Activation : I32EnumAttr<"Activation", "activation of a recurrent layer", [
    I32EnumAttrCase<"Tanh", 0, "tanh">, I32EnumAttrCase<"Sigmoid", 1, "sigmoid">,
    I32EnumAttrCase<"Relu", 2, "relu">, I32EnumAttrCase<"Affine", 3, "affine">,
    I32EnumAttrCase<"LeakyRelu", 4, "leaky_relu">,
    I32EnumAttrCase<"ThresholdedRelu", 5, "thresholded_relu">,
    I32EnumAttrCase<"ScaledTanh", 6, "scaled_tanh">,
    I32EnumAttrCase<"HardSigmoid", 7, "hard_sigmoid">, I32EnumAttrCase<"Elu", 8, "elu">,
    I32EnumAttrCase<"Softsign", 9, "softsign">, I32EnumAttrCase<"Softplus", 10, "softplus">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_ActivationAttr : EnumAttr<NN_Dialect, NN_Activation, "activation"> {
  let assemblyFormat = "`<` $value `>`"; // an element of an array, which needs its full name
}
def NN_ActivationArrayAttr : TypedArrayAttrBase<NN_ActivationAttr, "activations">;

def NN_RecurrentOp : NN_Op<"recurrent", [AttrSizedOperandSegments]> {
  let summary = "a recurrent layer over time: RNN, GRU or LSTM, one direction";
  let description = [{
    Input is [S, B, I], states are [B, H]. Weights are [I, G * H] for the input and [H, G * H]
    for the state, the bias (that of both together) [G * H]: G gates side by side, in the order
    named below. From t = 0 up, with `reverse` from S - 1 down, with
    `x = input[t] * weights + bias`, `u = h * recurrentWeights`, and f, g, k the `activations`:

    ```
    rnn            h = f(x + u)
    gru, z r n     z, r = f(x + u)    h = (1 - z) * g(x_n + (r * h) * recurrentWeights_n) + z * h
                   with linearBeforeReset g(x_n + r * (u_n + recurrentBias))
    lstm, i o f c  i = f(x_i + u_i + p_i * c)    f = f(x_f + u_f + p_f * c), or 1 - i with inputForget
                   c = f * c + i * g(x_c + u_c)
                   o = f(x_o + u_o + p_o * c)    h = o * k(c)
    ```
    p are the peepholes, [3 * H] in the order i, o, f. `clip` bounds arguments of f and g to
    [-clip, clip]; 0 does not. `states[t]` is h, `lastState` and `lastCell` are the last h and
    c. From `lengths[b]` on, h and c of batch b stay as they are, and states are 0. The
    activations have `alphas` a and `betas` b: affine `a x + b`, leaky_relu `x < 0 ? a x : x`,
    thresholded_relu `x > a ? x : 0`, scaled_tanh `a tanh(b x)`, hard_sigmoid
    `min(max(a x + b, 0), 1)`, elu `x < 0 ? a (e^x - 1) : x`.

    Rules:
    - `nn.recurrent.R1` the input has rank 3, weights and states 2, biases and peepholes 1.
    - `nn.recurrent.R2` H is known; sizes are those above.
    - `nn.recurrent.R3` all have one element type, lengths i64.
    - `nn.recurrent.R4` `lstm` has a cell as operand and result, and may have peepholes; others
      have not. Only `gru` with linearBeforeReset has a recurrent bias.
    - `nn.recurrent.R5` `rnn` has 1, `gru` 2, `lstm` 3 activations, as many alphas and betas.

    Example:
    ```mlir
    %all, %h1 = nn.recurrent rnn %x weights %w, %r bias %b state %h {activations =
        [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
      : (tensor<?x?x3xf32>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<4xf32>, tensor<?x4xf32>)
      -> (tensor<?x?x4xf32>, tensor<?x4xf32>)
    ```
  }];
  let arguments = (ins NN_RecurrentKindAttr:$kind, NN_FloatTensor:$input, NN_FloatTensor:$weights,
      NN_FloatTensor:$recurrentWeights, Optional<NN_FloatTensor>:$bias,
      Optional<NN_FloatTensor>:$recurrentBias, Optional<NN_FloatTensor>:$peepholes,
      Optional<NN_ShapeTensor>:$lengths, NN_FloatTensor:$state, Optional<NN_FloatTensor>:$cell,
      NN_ActivationArrayAttr:$activations, DenseF64ArrayAttr:$alphas, DenseF64ArrayAttr:$betas,
      DefaultValuedAttr<F64Attr, "0.0">:$clip, UnitAttr:$reverse, UnitAttr:$inputForget,
      UnitAttr:$linearBeforeReset);
  let results = (outs NN_FloatTensor:$states, NN_FloatTensor:$lastState,
                      Optional<NN_FloatTensor>:$lastCell);
  let assemblyFormat = [{
    $kind $input `weights` $weights `,` $recurrentWeights (`bias` $bias^)?
    (`recurrent_bias` $recurrentBias^)? (`peepholes` $peepholes^)? (`lengths` $lengths^)?
    `state` $state (`cell` $cell^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Gates of a kind, and activations.
    static int64_t countGates(::optc::nn::RecurrentKind kind) {
      return kind == RecurrentKind::Lstm ? 4 : kind == RecurrentKind::Gru ? 3 : 1;
    }
    static int64_t countActivations(::optc::nn::RecurrentKind kind) {
      return kind == RecurrentKind::Lstm ? 3 : kind == RecurrentKind::Gru ? 2 : 1;
    }
  }];
}

#endif // OPTC_NN_RECURRENT_TD
