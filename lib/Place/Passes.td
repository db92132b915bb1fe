//===- Passes.td - passes of the place stage -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From tensors to memory: where outputs, weights and temporaries live. The order is in
// Pipeline.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PLACE_PASSES_TD
#define OPTC_PLACE_PASSES_TD

include "mlir/Pass/PassBase.td"

def PlaceOutputs : Pass<"place-outputs", "::mlir::func::FuncOp"> {
  let summary = "entries write their results into buffers of the runtime";
  let description = [{
    Replaces every returned tensor of an entry by a `run.output` of its shape, as early
    as its sizes are known, and a `bufferization.materialize_in_destination` into it at the
    end, so that the producer can later write into the output directly. Marks inputs as
    not writable and records their number and that of the outputs. An output whose rank only
    the run knows (`nn.ranks`) gets one `run.output` per rank, of which the run takes one.

    - Needs: functions with `run.entry` and one block. Leaves other functions alone.
    - Leaves: entries without results; `inputs` and `outputs` in their `run.entry`.
    - Does not: bufferize, nor avoid the copy of an input that is returned.

    Example: test/place/place-outputs.mlir
  }];
  let dependentDialects = ["::optc::kernel::KernelDialect", "::optc::run::RunDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::affine::AffineDialect"];
}

def PlaceEarlyChecks : Pass<"place-early-checks", "::mlir::func::FuncOp"> {
  let summary = "checks stand in front of what relies on them";
  let description = [{
    What an op checks of its operands' sizes (`run.require`) stands in front of the op. Later passes let
    the operands' producers, which come before it, write into the op's result, of that very size: each
    check moves to where its values are known, with the scalars behind them. Checks keep their order.

    - Needs: `place-outputs`, which resolves sizes of computed tensors.
    - Leaves: the same checks.
    - Does not: move checks out of branches or loops.

    Example: test/place/early-checks.mlir
  }];
}

def PlaceWeights : Pass<"place-weights", "::mlir::ModuleOp"> {
  let summary = "tensor constants become views of one weights image";
  let description = [{
    Every tensor constant becomes a `memref.view` at a 64-byte aligned offset of the entry's
    new `%weights` argument. Equal bytes are stored once. Constants with a single value
    become scalars inside linalg ops, or a `linalg.fill`.

    - Needs: `place-outputs`; constants in entries only.
    - Leaves: `run.weights` (constants and offsets in bytes) on the
      module, which WeightsImage.h reads; every entry has a `memref<?xi8>` argument with
      `run.image`, also without weights.
    - Does not: pack or transpose weights for kernels (that is done before).

    Example: test/place/place-weights.mlir
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect"];
}

def PlaceDecomposeConcat : Pass<"place-decompose-concat", "::mlir::func::FuncOp"> {
  let summary = "tensor.concat becomes inserts into one tensor";
  let description = [{
    So that producers of the pieces can write into the whole. The time bufferization takes
    is cubic in the number of inserts: concatenations of more than `most-inserts` pieces,
    those of concatenated pieces included, have a buffer of their own, allocated as early as its size is known (or the memory of
    an output, or a part of the buffer of another one), and every piece goes into its view.

    - Needs: `place-outputs`.
    - Leaves: no `tensor.concat`.
    - Does not: move producers.

    Example: test/place/decompose-concat.mlir
  }];
  let options = [Option<"mostInserts", "most-inserts", "unsigned", "8",
                        "concatenations of more pieces get a buffer">];
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::bufferization::BufferizationDialect"];
}

def PlaceLoopState : Pass<"place-loop-state", "::mlir::func::FuncOp"> {
  let summary = "loops keep their state in one buffer";
  let description = [{
    Ends the body of a loop with `bufferization.materialize_in_destination` of what it
    yields into the tensor that carries it, when their shapes are equal (`StateShapes.h`).

    - Needs: scf.for and scf.while on tensors.
    - Leaves: state whose shape may change, or is not seen to be equal, in a buffer that
      nothing else uses, if need be a copy: `place-free` frees what is replaced.
    - Does not: remove the copy into the state; empty-tensor elimination often does.

    Example: test/place/loop-state.mlir
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect"];
}

def PlaceFillBorders : Pass<"place-fill-borders", "::mlir::func::FuncOp"> {
  let summary = "what is padded is filled at its borders only";
  let description = [{
    - Needs: padding as a `tensor.insert_slice` into a `linalg.fill` of an empty tensor, each
      with one use (`place-unshare-empty`), and no CSE before bufferization.
    - Leaves: fills of the parts that the insertion does not cover, one before and one after
      it per dimension, corners once; parts known to be empty are left out.
    - Does not: touch insertions with steps, or of tensors of a smaller rank.

    Example: test/place/fill-borders.mlir
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def PlaceJoinFills : Pass<"place-join-fills", "::mlir::func::FuncOp"> {
  let summary = "opposite borders of a buffer are one fill";
  let description = [{
    - Needs: fills of parts of buffers one right behind the other, as `place-fill-borders` makes
      them; the arena's offsets, because what it leaves are casts of buffers.
    - Leaves: for two such fills of equal parts that lie apart along one dimension, one fill with a
      dimension more, so that threads can share it.
    - Does not: touch parts of unknown sizes or with steps.

    Example: test/place/join-fills.mlir
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect"];
}

def PlaceUnshareEmpty : Pass<"place-unshare-empty", "::mlir::func::FuncOp"> {
  let summary = "one tensor.empty and one linalg.fill per use";
  let description = [{
    Bufferization takes time cubic in the number of ops that may share a buffer, and
    copies a fill that has two uses. Reuse of memory is the arena's job. Empty tensors move
    up to where their sizes are known, so that producers can write into parts of them.

    - Needs: to be the last step before bufferization (CSE merges them again).
    - Leaves: every `tensor.empty`, and every `linalg.fill` of one, with one use.
    - Does not: touch other ops.

    Example: test/place/unshare-empty.mlir
  }];
}

def PlaceNameSizes : Pass<"place-name-sizes", "::mlir::func::FuncOp"> {
  let summary = "sizes of slices are sums of names that nothing looks through";
  let description = [{
    Bufferization asks whether slices are the same or lie apart, and follows their offsets
    and sizes through all that they are computed from: in exponential time, where choices
    and divisions are nested. A pair of `arith.index_cast` behind every value that is no
    sum of a few others ends that.

    - Needs: equal sizes to be one value (CSE), `place-loop-state` before it.
    - Leaves: pairs of casts, which canonicalization folds after bufferization.
    - Does not: touch constants and sums.

    Example: test/place/name-sizes.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def PlaceEliminateEmpty : Pass<"place-eliminate-empty", "::mlir::ModuleOp"> {
  let summary = "what is made to be inserted is made in place";
  let description = [{
    `eliminate-empty-tensors`, from the last insertion to the first: an output is given to
    a concatenation before that is given to its pieces, so that these are written into
    the output directly.

    - Needs: `place-unshare-empty` right before it.
    - Leaves: empty tensors of values that are not inserted anywhere.
    - Does not: move ops.

    Example: test/place/eliminate-empty.mlir
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PlaceCopiesToLinalg : Pass<"place-copies-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "memref.copy becomes a linalg op";
  let description = [{
    So that copies are vectorized and parallel like every other loop, and no call of
    memcpy or memrefCopy is left.

    - Needs: memrefs.
    - Leaves: no `memref.copy`.
    - Does not: remove copies.

    Example: test/place/copies-to-linalg.mlir
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def PlaceArena : Pass<"place-arena", "::mlir::ModuleOp"> {
  let summary = "temporaries become views of one arena";
  let description = [{
    Every allocation of an entry whose size follows from input shapes becomes a
    `memref.view` of the new `%arena` argument at an offset from the new `%offsets`
    argument. `@<entry>_sizes` stores the size of each in bytes; their lifetimes are
    `lifetimes` in `run.entry`: pairs of first and last tick of use. Where an input
    of an elementwise op dies, its output reuses the buffer. Tiny ones go to the stack. The
    size of a buffer in a branch is 0 for shapes that take the other one.
    The runtime chooses offsets (ModuleAbi.h) and caches them by shape.

    - Needs: bufferized entries, no deallocations.
    - Leaves: `memref.alloc` only for sizes that depend on data and for buffers a loop
      carries out of an iteration; those are freed when the loop is done with them.
    - Does not: choose offsets.

    Example: test/place/place-arena.mlir
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

def PlaceFree : Pass<"place-free", "::mlir::func::FuncOp"> {
  let summary = "buffers outside the arena are given back when loops are done with them";
  let description = [{
    What `place-arena` left is freed at the end of the run by the runtime. A loop would
    pile it up: here, an allocation whose uses end in its block is freed there, one that a
    branch yields where the uses of the branch's result end, and state that a loop allocates
    anew is freed when the next iteration has replaced it, or the loop's condition has copied it.

    - Needs: `place-arena`; state in buffers of its own (`place-loop-state`).
    - Leaves: `memref.dealloc` ops, which the runtime ignores for memory that is not its own.
    - Does not: free what leaves two branches, or an inner loop; the end of the run does.

    Example: test/place/place-free.mlir
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

#endif // OPTC_PLACE_PASSES_TD
