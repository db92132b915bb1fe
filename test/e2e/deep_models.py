# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The models of compile_time.py: each is made of as many layers, operands or outputs as asked for.

A family is a function of that number, entered into FAMILIES by @family(size, ...)."""
from dataclasses import dataclass
from typing import Callable

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FAMILIES = []


@dataclass
class Family:
    name: str
    build: Callable      # number -> ModelProto
    size: int            # of the smaller of two models; the other is twice as large
    peak_mb: float = 0   # of the larger one; 0: not tested


class Graph:
    """Nodes and constants of a model in the making; values are names."""

    def __init__(self, opset=18):
        self.nodes, self.constants, self.inputs, self.outputs = [], [], [], []
        self.opset, self.random = opset, np.random.default_rng(3)

    def name(self, stem):
        return f"{stem}_{len(self.nodes)}_{len(self.constants)}"

    def input(self, name, *shape, dtype=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name, dtype=TensorProto.FLOAT):
        self.outputs.append(helper.make_tensor_value_info(name, dtype, None))

    def constant(self, value, dtype=np.int64):
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), self.name("k")))
        return self.constants[-1].name

    def weights(self, *shape):
        return self.constant(self.random.standard_normal(shape) * 0.3, np.float32)

    def averages(self, *shape):
        """Weights that make means, of which as many as you like keep their precision."""
        values = self.random.uniform(0.5, 1.5, shape)
        return self.constant(values / values[0].size, np.float32)

    def add(self, op, *operands, outputs=1, **attributes):
        names = [f"{op}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(operands), names, **attributes))
        return names[0] if outputs == 1 else names

    def size(self, value, dim):
        return self.add("Gather", self.add("Shape", value), self.constant([dim]))

    def model(self, *results):
        for result in results:
            self.output(result)
        graph = helper.make_graph(self.nodes, "deep", self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = 8
        return model


def family(size, **options):
    def enter(build):
        FAMILIES.append(Family(build.__name__, build, size, **options))
        return build
    return enter


def feeds(model, seed=5):
    """Inputs: of sizes with numbered names every other one is 1, the rest have that of the plain name."""
    random, sizes = np.random.default_rng(seed), {"b": 2, "s": 6, "rows": 40, "batch": 2, "seq": 7, "length": 67}

    def size(dim):
        name = dim.dim_param.rstrip("0123456789")
        number = dim.dim_param[len(name):]
        return dim.dim_value or (1 if number and int(number) % 2 else sizes[name])
    return {value.name: random.standard_normal([size(dim) for dim in value.type.tensor_type.shape.dim]).astype(np.float32)
            for value in model.graph.input}


def smallest():
    g = Graph()
    return g.model(g.add("Relu", g.input("x", 4)))


# Deep: one layer after the other.

@family(100)
def convolutions(depth):
    g = Graph()
    x = g.input("x", 1, 4, 8, 8)
    for _ in range(depth):
        x = g.add("Relu", g.add("Conv", x, g.averages(4, 4, 3, 3), pads=[1, 1, 1, 1]))
    return g.model(x)


@family(100)
def products(depth):
    g = Graph()
    x = g.input("x", "rows", 8)
    for _ in range(depth):
        x = g.add("MatMul", x, g.weights(8, 8))
    return g.model(x)


@family(60)
def residuals(depth):
    g = Graph()
    x = g.input("x", "rows", 8)
    for _ in range(depth):
        x = g.add("Add", x, g.add("Tanh", g.add("MatMul", x, g.weights(8, 8))))
    return g.model(x)


@family(8)
def broadcasts(depth):
    """Sizes that are known to be equal to nothing: every layer joins one more, and pads the result."""
    g = Graph()
    x = g.input("x", "b", "s", 8)
    for i in range(depth):
        side = g.input(f"side{i}", f"b{i}", f"s{i}", 8)
        joined = g.add("Add", x, side)
        image = g.add("Transpose", joined, perm=[0, 2, 1])
        image = g.add("Conv", image, g.weights(8, 1, 5), group=8, pads=[2, 2])
        x = g.add("MatMul", g.add("Transpose", image, perm=[0, 2, 1]), g.weights(8, 8))
    return g.model(x)


@family(4)
def masked_attention(depth):
    """As torch exports it: the sizes to expand to come out of a comparison, so that the compiler sees
    only numbers, and every layer's padded convolution has sizes made of those."""
    g = Graph()
    x, mask = g.input("x", "batch", "seq", 8), g.input("mask", "batch", "seq")
    batch, rows = g.size(x, 0), g.size(x, 1)
    sizes = g.add("Concat", batch, rows, axis=0)
    ones = g.add("ConstantOfShape", g.add("Shape", sizes), value=helper.make_tensor("v", TensorProto.INT64, [1], [1]))
    unset = g.add("Equal", sizes, g.add("Mul", ones, g.constant(-1)))
    mask = g.add("Expand", mask, g.add("Where", unset, ones, sizes))
    x = g.add("Add", x, g.add("Unsqueeze", mask, g.constant([2])))
    heads = g.add("Concat", batch, rows, g.constant([-1]), g.constant([4]), axis=0)
    whole = g.add("Concat", batch, rows, g.constant([8]), axis=0)
    mask = g.add("Unsqueeze", mask, g.constant([1, 2]))
    for _ in range(depth):
        q, k, v = (g.add("Transpose", g.add("Reshape", g.add("MatMul", x, g.weights(8, 8)), heads), perm=[0, 2, 1, 3])
                   for _ in range(3))
        scores = g.add("Add", g.add("MatMul", q, g.add("Transpose", k, perm=[0, 1, 3, 2])), mask)
        mixed = g.add("MatMul", g.add("Softmax", scores, axis=-1), v)
        mixed = g.add("Add", mixed, g.add("Conv", v, g.weights(2, 1, 5, 1), group=2, pads=[2, 0, 2, 0]))
        mixed = g.add("Reshape", g.add("Transpose", mixed, perm=[0, 2, 1, 3]), whole)
        x = g.add("Add", x, g.add("MatMul", mixed, g.weights(8, 8)))
    return g.model(x)


def audio_pad(g, x, kernel, stride, total, floats):
    """Right padding that makes the strided convolution end with the last frame, as torch exports EnCodec."""
    length = g.size(x, 2)
    if floats:
        real = g.add("Cast", g.add("Add", g.add("Sub", length, g.constant([kernel])), g.constant([total])), to=TensorProto.FLOAT)
        frames = g.add("Add", g.add("Div", real, g.constant([stride], np.float32)), g.constant([1], np.float32))
        frames = g.add("Sub", g.add("Cast", g.add("Ceil", frames), to=TensorProto.INT64), g.constant([1]))
    else:
        above = g.add("Add", g.add("Sub", length, g.constant([kernel])), g.constant([total + stride - 1]))
        frames = g.add("Div", above, g.constant([stride]))
    ideal = g.add("Add", g.add("Mul", frames, g.constant([stride])), g.constant([kernel - total]))
    extra = g.add("Sub", ideal, length)
    # torch pads from the last dimension, ONNX from the first.
    pairs = g.add("Reshape", g.add("Concat", g.constant([total]), extra, g.constant([0, 0, 0, 0]), axis=0), g.constant([-1, 2]))
    pairs = g.add("Slice", pairs, g.constant([-1]), g.constant([-2**63 + 1]), g.constant([0]), g.constant([-1]))
    pads = g.add("Cast", g.add("Reshape", g.add("Transpose", pairs, perm=[1, 0]), g.constant([-1])), to=TensorProto.INT64)
    padded = g.add("Pad", x, pads, mode="reflect")
    end = g.add("Sub", g.size(padded, 2), g.constant([0]))
    return g.add("Slice", padded, g.constant([0]), end, g.constant([2]), g.constant([1]))


def audio(depth, floats):
    g = Graph()
    x = g.input("x", "batch", 4, "length")
    for i in range(depth):
        y = audio_pad(g, x, 3, 1, 2, floats)
        x = g.add("Add", x, g.add("Elu", g.add("Conv", y, g.weights(4, 4, 3))))
        if i % 4 == 3:
            x = audio_pad(g, x, 4, 2, 2, floats)
            x = g.add("Conv", x, g.weights(4, 4, 4), strides=[2])
    return g.model(x)


@family(10, peak_mb=400)
def audio_encoder(depth):
    return audio(depth, floats=True)


@family(12, peak_mb=400)
def audio_encoder_of_integers(depth):
    return audio(depth, floats=False)


@family(20)
def crops(depth):
    """Slices of computed lengths, one of the other."""
    g = Graph()
    x = g.input("x", "rows", 8)
    for i in range(depth):
        half = g.add("Div", g.size(x, 0), g.constant([2]))
        x = g.add("Concat", g.add("Slice", x, g.constant([0]), half, g.constant([0])),
                  g.add("Slice", x, half, g.constant([2**60]), g.constant([0])), axis=0)
        x = g.add("MatMul", x, g.weights(8, 8))
    return g.model(x)


@family(10)
def dense_block(depth):
    """Every layer reads what the twelve before it made, joined, as DenseNet's do."""
    g = Graph()
    parts = [g.input(f"x{i}", "b", 4, 8, 8) for i in range(12)]
    for _ in range(depth):
        x = g.add("Concat", *parts[-12:], axis=1)
        parts.append(g.add("Conv", g.add("Relu", x), g.averages(4, 48, 3, 3), pads=[1, 1, 1, 1]))
    return g.model(parts[-1])


@family(20)
def nested_concats(depth):
    g = Graph()
    x = g.input("x", "b", 4)
    for _ in range(depth):
        x = g.add("Concat", x, g.add("MatMul", g.add("Slice", x, g.constant([0]), g.constant([4]), g.constant([1])),
                                     g.weights(4, 4)), axis=1)
    return g.model(x)


@family(10)
def doubled(depth):
    """A size that is twice the one before: each is a sum of what is the same sum."""
    g = Graph()
    x = g.input("x", "b")
    for _ in range(depth):
        x = g.add("Concat", x, x, axis=0)
    return g.model(x)


@family(40)
def writes(depth):
    """A tensor of which every layer writes a row anew."""
    g = Graph()
    x = g.input("x", "rows", 8)
    cache = g.input("cache", 64, 8)
    for i in range(depth):
        row = g.add("MatMul", g.add("Slice", cache, g.constant([i % 64]), g.constant([i % 64 + 1]), g.constant([0])), g.weights(8, 8))
        cache = g.add("ScatterND", cache, g.constant([[(i + 1) % 64]]), row)
    return g.model(cache)


# Wide: one node of many operands or results.

def wide(op, count, **attributes):
    g = Graph()
    x = g.input("x", "b", 3)
    return g.model(g.add(op, *(g.add("Mul", x, g.weights(1)) for _ in range(count)), **attributes))


@family(500)
def concat_operands(count):
    return wide("Concat", count, axis=0)


@family(30)
def concat_products(count):
    g = Graph()
    x = g.input("x", "b", 4)
    return g.model(g.add("Concat", *(g.add("MatMul", x, g.weights(4, 4)) for _ in range(count)), axis=1))


@family(500)
def sum_operands(count):
    return wide("Sum", count)


@family(100)
def max_operands(count):
    return wide("Max", count)


@family(100)
def mean_operands(count):
    return wide("Mean", count)


@family(30)
def split_results(count):
    g = Graph()
    parts = g.add("Split", g.input("x", "b", count), outputs=count, axis=1, num_outputs=count)
    return g.model(g.add("Concat", *(g.add("Tanh", part) for part in parts), axis=1))


@family(50)
def recurrence(count):
    """Written out: a step per row, and all states together at the end."""
    g = Graph()
    rows = g.add("Split", g.input("x", count, 8), outputs=count, axis=0, num_outputs=count)
    weights, state, states = g.weights(8, 8), g.input("h", 1, 8), []
    for row in rows:
        state = g.add("Tanh", g.add("Add", g.add("MatMul", state, weights), row))
        states.append(state)
    return g.model(g.add("Concat", *states, axis=0))


@family(500)
def outputs(count):
    g = Graph()
    x = g.input("x", "b", 4)
    return g.model(*(g.add("MatMul", x, g.weights(4, 4)) for _ in range(count)))


@family(100)
def inputs(count):
    g = Graph()
    x = g.input("x", "b", 4)
    for i in range(count):
        x = g.add("MatMul", g.add("Add", x, g.input(f"x{i}", "b", 4)), g.weights(4, 4))
    return g.model(x)
