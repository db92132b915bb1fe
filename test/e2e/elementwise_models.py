# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of as many steps as one asks for, for elementwise_growth.py.

A step maps a value to the next: nodes(step, input, output). Numbers stay finite in all of them."""
import collections

import numpy as np
from onnx import TensorProto, helper, numpy_helper

# `few` and `many` steps; `cut` is a refusal that the report of many steps has to name.
Growth = collections.namedtuple("Growth", "name make few many cut")
SHAPE = (4, 64)
TOO_LARGE = "the joined body would be too large"
CONSTANTS = {"zero": 0, "half": 0.5, "three": 3, "six": 6, "h": 0.01}


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs, [output], name=output, **attributes)


def model(nodes, inputs=("x",), shape=SHAPE, weights=()):
    used = {name for each in nodes for name in each.input}
    constants = {name: np.array(value, np.float32) for name, value in CONSTANTS.items() if name in used}
    initializers = [numpy_helper.from_array(value, name) for name, value in (constants | dict(weights)).items()]
    graph = helper.make_graph(nodes, "growth", [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in inputs],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def steps(count, nodes, first="x"):
    """`count` times nodes(step, input, output), from `first` to y."""
    names = [first, *(f"v{i}" for i in range(count - 1)), "y"]
    return [each for i in range(count) for each in nodes(i, names[i], names[i + 1])]


def chain(nodes, **options):
    return lambda count: model(steps(count, nodes), **options)


def alternating(i, a, b):
    return [node("Relu" if i % 2 else "Neg", [a], b)]


def doubled(i, a, b):
    return [node("Add", [a, a], f"d{i}"), node("Mul", [f"d{i}", "half"], b)]


def silu(i, a, b):
    return [node("Sigmoid", [a], f"s{i}"), node("Mul", [a, f"s{i}"], b)]


def hard_swish(i, a, b):
    return [node("Add", [a, "three"], f"p{i}"), node("Clip", [f"p{i}", "zero", "six"], f"q{i}"),
            node("Mul", [a, f"q{i}"], f"r{i}"), node("Div", [f"r{i}", "six"], b)]


def where(i, a, b):
    return [node("Greater", [a, "zero"], f"g{i}"), node("Mul", [a, "half"], f"m{i}"), node("Where", [f"g{i}", f"m{i}", a], b)]


def euler(i, a, b):
    return [node("Sin", [a], f"s{i}"), node("Mul", [f"s{i}", "h"], f"t{i}"), node("Add", [a, f"t{i}"], b)]


def diamond(i, a, b):
    return [node("Relu", [a], f"l{i}"), node("Neg", [a], f"r{i}"), node("Add", [f"l{i}", f"r{i}"], b)]


def turned(i, a, b):
    """Reads the elements in two orders."""
    return [node("Transpose", [a], f"t{i}", perm=[1, 0]), node("Sub", [a, f"t{i}"], f"d{i}"), node("Mul", [f"d{i}", "half"], b)]


def into_product(count):
    """All behind one matrix product."""
    return model([node("MatMul", ["x", "w"], "p"), *steps(count, silu, "p")], weights={"w": np.eye(64, dtype=np.float32)})


def sum_of(count):
    return model([helper.make_node("Sum", [f"x{i}" for i in range(count)], ["y"], name="sum")], inputs=[f"x{i}" for i in range(count)])


def constant(count):
    """The chain depends on no input."""
    return model([*steps(count, silu, "c")[:-1], node("Mul", [f"s{count - 1}", "x"], "y")], weights={"c": np.ones(SHAPE, np.float32)})


MODELS = [
    Growth("alternating", chain(alternating), 500, 2000, TOO_LARGE),
    Growth("doubled", chain(doubled), 250, 1000, TOO_LARGE),
    Growth("silu", chain(silu), 250, 1000, TOO_LARGE),
    Growth("hard_swish", chain(hard_swish), 125, 500, TOO_LARGE),
    Growth("where", chain(where), 175, 700, TOO_LARGE),
    Growth("euler", chain(euler), 175, 700, TOO_LARGE),
    Growth("diamond", chain(diamond), 175, 700, TOO_LARGE),
    Growth("symbolic", chain(silu, shape=("n", 64)), 250, 1000, TOO_LARGE),
    Growth("scalar", chain(euler, shape=()), 175, 700, TOO_LARGE),
    Growth("short", chain(euler, shape=(3,)), 175, 700, TOO_LARGE),
    Growth("turned", chain(turned, shape=(16, 16)), 50, 200, ""),
    Growth("into_product", into_product, 250, 1000, TOO_LARGE),
    Growth("sum", sum_of, 50, 200, "the joined body would read too many tensors"),
    Growth("constant", constant, 250, 1000, ""),
]
