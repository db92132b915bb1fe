#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares attention, rotary embedding and recurrent layers with ONNX Runtime: the operators and
the forms in which exports of older opsets write them.

  compare_layers.py [REGEX] [--error 1e-5]

Every layer is one artifact with dynamic sizes that runs at several of them: prime ones, a single
query, an empty past, rows that no key is left for. NaN must stand where ONNX Runtime has it."""
import argparse
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from harness import engines
from harness.compare import scaled_error

engines.use_models()
from onnx_writer import BOOL, FLOAT, INT64, Graph

LOWEST = float(np.finfo(np.float32).min)
LAYERS = []


def layer(opset, *sizes):
    """Registers a function that fills a graph and returns feeds for a generator and one of `sizes`."""
    def register(function):
        LAYERS.append((function.__name__, opset, sizes, function))
        return function
    return register


def normal(*shape):
    return lambda rng: rng.standard_normal(shape).astype(np.float32)


def result(g, name, rank):
    g.output(name, FLOAT, [f"{name}{i}" for i in range(rank)])


# ------------------------------------------------------------------- attention, the operator

def attention_inputs(g, heads, groups, size):
    g.input("q", FLOAT, ["batch", heads, "queries", size])
    g.input("k", FLOAT, ["batch", groups, "keys", size])
    g.input("v", FLOAT, ["batch", groups, "keys", size])


def attention_feeds(rng, heads, groups, size, batch, queries, keys):
    return {"q": normal(batch, heads, queries, size)(rng), "k": normal(batch, groups, keys, size)(rng),
            "v": normal(batch, groups, keys, size)(rng)}


QUERIES_KEYS = [(1, 1, 1), (1, 7, 13), (2, 97, 101), (1, 128, 300), (3, 1, 257)]


@layer(23, *QUERIES_KEYS)
def attention_plain(g):
    attention_inputs(g, 4, 4, 32)
    g.op("Attention", "q", "k", "v", outputs=["y"])
    result(g, "y", 4)
    return lambda rng, size: attention_feeds(rng, 4, 4, 32, *size)


@layer(23, *QUERIES_KEYS)
def attention_softcap_mask(g):
    attention_inputs(g, 6, 2, 24)
    g.input("m", FLOAT, ["batch", 1, "queries", "keys"])
    g.op("Attention", "q", "k", "v", "m", outputs=["y"], softcap=3.0, scale=0.3)
    result(g, "y", 4)

    def feeds(rng, size):
        batch, queries, keys = size
        return attention_feeds(rng, 6, 2, 24, *size) | {"m": normal(batch, 1, queries, keys)(rng)}
    return feeds


@layer(23, *QUERIES_KEYS)
def attention_rows_without_keys(g):
    attention_inputs(g, 3, 1, 64)
    g.input("m", BOOL, ["queries", "keys"])
    g.op("Attention", "q", "k", "v", "m", outputs=["y"])
    result(g, "y", 4)

    def feeds(rng, size):
        mask = rng.random(size[1:]) < 0.6
        mask[::3] = False
        return attention_feeds(rng, 3, 1, 64, *size) | {"m": mask}
    return feeds


@layer(23, (1, 5, 0), (2, 1, 131), (1, 67, 5), (1, 3, 300))
def attention_causal_past(g):
    for name, heads in (("q", 6), ("k", 2), ("v", 2)):
        g.input(name, FLOAT, ["batch", "queries", heads * 16])
    for name in ("pk", "pv"):
        g.input(name, FLOAT, ["batch", 2, "past", 16])
    g.op("Attention", "q", "k", "v", "", "pk", "pv", outputs=["y", "nk", "nv"], is_causal=1,
         q_num_heads=6, kv_num_heads=2)
    for name, rank in (("y", 3), ("nk", 4), ("nv", 4)):
        result(g, name, rank)

    def feeds(rng, size):
        batch, queries, past = size
        new = {name: normal(batch, queries, heads * 16)(rng) for name, heads in (("q", 6), ("k", 2), ("v", 2))}
        return new | {name: normal(batch, 2, past, 16)(rng) for name in ("pk", "pv")}
    return feeds


# ------------------------------------------------------------------- attention, written out

def scores(g, scale, keys="k"):
    product = g.op("MatMul", "q", g.op("Transpose", keys, perm=[0, 1, 3, 2]))
    return g.op("Div", product, g.constant(scale))


@layer(17, *QUERIES_KEYS)
def written_added_mask(g):
    attention_inputs(g, 4, 4, 32)
    g.input("m", FLOAT, ["batch", 1, 1, "keys"])
    weights = g.op("Softmax", g.op("Add", scores(g, 5.6), "m"), axis=-1)
    g.op("MatMul", weights, "v", outputs=["y"])
    result(g, "y", 4)

    def feeds(rng, size):
        batch, _, keys = size
        mask = np.where(rng.random((batch, 1, 1, keys)) < 0.7, 0, -np.inf).astype(np.float32)
        mask[-1] = -np.inf if batch > 1 else 0
        return attention_feeds(rng, 4, 4, 32, *size) | {"m": mask}
    return feeds


@layer(17, *QUERIES_KEYS)
def written_chosen_mask(g):
    """Excluded keys get the lowest number: a row of them only has the mean of all values."""
    attention_inputs(g, 2, 2, 20)
    g.input("m", BOOL, ["queries", "keys"])
    chosen = g.op("Where", "m", scores(g, 4.5), g.constant(LOWEST))
    g.op("MatMul", g.op("Softmax", chosen, axis=-1), "v", outputs=["y"])
    result(g, "y", 4)

    def feeds(rng, size):
        mask = rng.random(size[1:]) < 0.6
        mask[1::4] = False
        return attention_feeds(rng, 2, 2, 20, *size) | {"m": mask}
    return feeds


@layer(17, *QUERIES_KEYS)
def written_guarded(g):
    attention_inputs(g, 2, 2, 16)
    g.input("m", BOOL, ["queries", "keys"])
    chosen = g.op("Where", "m", scores(g, 4.0), g.constant(-np.inf))
    weights = g.op("Softmax", chosen, axis=-1)
    weights = g.op("Where", g.op("IsNaN", weights), g.constant(0), weights)
    g.op("MatMul", weights, "v", outputs=["y"])
    result(g, "y", 4)

    def feeds(rng, size):
        mask = rng.random(size[1:]) < 0.6
        mask[1::4] = False
        return attention_feeds(rng, 2, 2, 16, *size) | {"m": mask}
    return feeds


@layer(17, *QUERIES_KEYS)
def written_grouped_heads(g):
    attention_inputs(g, 6, 2, 16)
    repeated = []
    for name in ("k", "v"):
        shape = g.op("Shape", name)
        wide = g.op("Concat", g.op("Slice", shape, g.ints(0), g.ints(2)), g.ints(3),
                    g.op("Slice", shape, g.ints(2), g.ints(4)), axis=0)
        spread = g.op("Expand", g.op("Unsqueeze", name, g.ints(2)), wide)
        repeated.append(g.op("Reshape", spread, g.ints(0, 6, -1, 16)))
    weights = g.op("Softmax", scores(g, 4.0, repeated[0]), axis=-1)
    merged = g.op("Transpose", g.op("MatMul", weights, repeated[1]), perm=[0, 2, 1, 3])
    g.op("Reshape", merged, g.ints(0, 0, 96), outputs=["y"])
    result(g, "y", 3)
    return lambda rng, size: attention_feeds(rng, 6, 2, 16, *size)


# ------------------------------------------------------------------- rotary embedding

ROPE_SIZES = [(1, 1), (2, 7), (1, 131)]


def rope_tables(g, half):
    angles = np.arange(200)[:, None] * (100.0 ** (-np.arange(half) / half))
    return [g.weight(name, fn(angles).astype(np.float32)) for name, fn in (("cos", np.cos), ("sin", np.sin))]


def rope_feeds(rng, shape, batch, sequence):
    return {"x": normal(*shape)(rng), "p": rng.integers(0, 200, (batch, sequence))}


@layer(23, *ROPE_SIZES)
def rope_whole_head(g):
    g.input("x", FLOAT, ["batch", 3, "sequence", 64])
    g.input("p", INT64, ["batch", "sequence"])
    g.op("RotaryEmbedding", "x", *rope_tables(g, 32), "p", outputs=["y"])
    result(g, "y", 4)
    return lambda rng, size: rope_feeds(rng, (size[0], 3, size[1], 64), *size)


@layer(23, *ROPE_SIZES)
def rope_part_interleaved(g):
    g.input("x", FLOAT, ["batch", "sequence", 5 * 20])
    g.input("p", INT64, ["batch", "sequence"])
    g.op("RotaryEmbedding", "x", *rope_tables(g, 6), "p", outputs=["y"], num_heads=5,
         rotary_embedding_dim=12, interleaved=1)
    result(g, "y", 3)
    return lambda rng, size: rope_feeds(rng, (*size, 100), *size)


@layer(17, *ROPE_SIZES)
def written_rope_part(g):
    """The first 16 of 24 elements of each head turn."""
    g.input("x", FLOAT, ["batch", 3, "sequence", 24])
    g.input("p", INT64, ["batch", "sequence"])
    angles = g.op("Mul", g.op("Unsqueeze", g.op("Cast", "p", to=FLOAT), g.ints(1, 3)),
                  g.constant(0.5 ** np.arange(8)))
    angles = g.op("Concat", angles, angles, axis=-1)
    part = lambda x, first, end: g.op("Slice", x, g.ints(first), g.ints(end), g.ints(3))
    turning = part("x", 0, 16)
    turned = g.op("Concat", g.op("Neg", part(turning, 8, 16)), part(turning, 0, 8), axis=-1)
    whole = g.op("Add", g.op("Mul", turning, g.op("Cos", angles)), g.op("Mul", turned, g.op("Sin", angles)))
    g.op("Concat", whole, part("x", 16, 24), axis=-1, outputs=["y"])
    result(g, "y", 4)
    return lambda rng, size: rope_feeds(rng, (size[0], 3, size[1], 24), *size)


# ------------------------------------------------------------------- recurrent layers

RECURRENT_SIZES = [(1, 1), (7, 3), (31, 1), (5, 13)]


def recurrent(g, kind, gates, directions=1, peepholes=False, **attributes):
    rng = np.random.default_rng(1)
    hidden, inputs = 19, 11
    weight = lambda name, *shape: g.weight(name, 0.3 * normal(*shape)(rng))
    g.input("x", FLOAT, ["steps", "batch", inputs])
    g.input("lengths", 6, ["batch"])  # int32
    states = ["h", "c"] if kind == "LSTM" else ["h"]
    for name in states:
        g.input(name, FLOAT, [directions, "batch", hidden])
    operands = ["x", weight("w", directions, gates * hidden, inputs), weight("r", directions, gates * hidden, hidden),
                weight("b", directions, 2 * gates * hidden), "lengths", *states]
    if peepholes:
        operands.append(weight("peepholes", directions, 3 * hidden))
    outputs = ["y", *("last_" + name for name in states)]
    g.op(kind, *operands, outputs=outputs, hidden_size=hidden,
         direction="bidirectional" if directions == 2 else attributes.pop("direction", "forward"), **attributes)
    for name in outputs:
        result(g, name, 4 if name == "y" else 3)

    def feeds(rng, size):
        steps, batch = size
        lengths = rng.integers(1, steps + 1, batch).astype(np.int32)
        return {"x": normal(steps, batch, inputs)(rng), "lengths": lengths} | {
            name: normal(directions, batch, hidden)(rng) for name in states}
    return feeds


@layer(21, *RECURRENT_SIZES)
def lstm(g):
    return recurrent(g, "LSTM", 4)


@layer(21, *RECURRENT_SIZES)
def lstm_both_ways_peepholes(g):
    return recurrent(g, "LSTM", 4, directions=2, peepholes=True, clip=0.9)


@layer(21, *RECURRENT_SIZES)
def gru(g):
    return recurrent(g, "GRU", 3, direction="reverse")


@layer(21, *RECURRENT_SIZES)
def gru_linear_before_reset(g):
    return recurrent(g, "GRU", 3, directions=2, linear_before_reset=1)


@layer(21, *RECURRENT_SIZES)
def rnn(g):
    return recurrent(g, "RNN", 1, activations=["Relu"])


# ------------------------------------------------------------------- comparison

def compare_layer(name, opset, sizes, build, limit, scratch):
    """Prints one line per size that misses; (passed, failed)."""
    graph = Graph(name)
    make = build(graph)
    path, artifact = scratch / f"{name}.onnx", scratch / f"{name}.optc"
    graph.save(path, opset)
    try:
        engines.compile_model(path, artifact)
    except engines.CompileError as error:
        print(f"  MISS {name}: {error}")
        return 0, len(sizes)
    ours, oracle, failed = engines.OptcLibrary(artifact), engines.OnnxRuntime(path), 0
    worst = 0.0
    for number, size in enumerate(sizes):
        feeds = make(np.random.default_rng(number), size)
        want = oracle.run(feeds)
        try:
            got = ours.run(feeds)
            error = max(scaled_error(value, got[output]) for output, value in want.items())
        except engines.optc_runtime.OptcError as failure:
            print(f"  MISS {name} {size}: {failure}")
            failed += 1
            continue
        worst = max(worst, error)
        if error > limit:
            print(f"  MISS {name} {size}: error {error:.1e} of scale")
            failed += 1
    print(f"  {'MISS' if failed else 'ok  '} {name:30} {len(sizes)} sizes {worst:8.1e}", flush=True)
    return len(sizes) - failed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="?", default="", metavar="REGEX")
    parser.add_argument("--error", type=float, default=1e-5, help="largest error, of the output's scale")
    args = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="optc-layers-") as scratch:
        for name, opset, sizes, build in LAYERS:
            if re.search(args.only, name):
                good, bad = compare_layer(name, opset, sizes, build, args.error, Path(scratch))
                passed, failed = passed + good, failed + bad
    print(f"layers: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
