//===- StatePasses.td - passes of the state dialect ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a model that is called with all it has seen to one that keeps it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_STATE_PASSES_TD
#define OPTC_STATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def StateBindInputs : Pass<"state-bind-inputs", "::mlir::func::FuncOp"> {
  let summary = "what a decoder is told besides tokens, from how many are cached";
  let description = [{
    A decoder whose outputs are inputs with something behind them (past and present keys and values) is told more than its new tokens: a
    mask of all, their positions. That follows from how many tokens are cached, a new input `optc.length`, where no token is left out: the
    mask is true, positions go on from there. Roles are found by what is computed with an input, not by its name: tokens are what rows
    of a table as large as the scores are gathered by, masks end in attention, positions in rotary embeddings or another gather.

    - Needs: nn ops with inferred types, attention and rotary embeddings raised.
    - Leaves: no input but tokens, caches and the length; no part of a mask that is the same everywhere.
    - Does not: look how caches are read (`state-form-caches`).

    Example: test/dialects/State/bind-inputs.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect", "::optc::state::StateDialect"];
}

def StateFormCaches : Pass<"state-form-caches", "::mlir::func::FuncOp"> {
  let summary = "caches in memory that stays";
  let description = [{
    concat(past, new), which is an output as well, becomes `state.append` to memory that the entry is given, with room for more tokens
    than there are; attention reads it up to the last new token. Of the first output, scores of tokens, only those of the last token
    are computed.

    - Needs: what `state-bind-inputs` leaves, with causal masks as bounds of attention.
    - Leaves: an entry that writes its caches, which are no outputs any more.
    - Does not: take models that read a cache in another way; the error names the node.

    Example: test/dialects/State/form-caches.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect", "::optc::state::StateDialect"];
}

#endif // OPTC_STATE_PASSES_TD
