# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One node each with an axis, rank or size that its operator cannot have. Each has to be refused as
a fault of the model, in the words of the node."""
import numpy as np
from onnx import helper

from bad_models import Bad, FLOAT, INT64, NODE, model, node, one, save, value

F32, I64 = np.float32, np.int64


def node_of(kind, inputs, output, **attributes):
    """A sound node in front of the one at fault."""
    return helper.make_node(kind, inputs, [output], name="/before/" + output, **attributes)


def zeros(*shape):
    return np.zeros(shape, F32)


def ints(*values):
    return np.array(values, I64)


def axis_attributes(axis):
    """Operators with an attribute `axis` on an input [2, 3]."""
    scale, index = {"s": np.ones(3, F32)}, {"i": np.zeros((1, 3), I64), "u": zeros(1, 3)}
    yield "Softmax", one("Softmax", axis=axis)
    yield "LogSoftmax", one("LogSoftmax", axis=axis)
    yield "Hardmax", one("Hardmax", axis=axis)
    yield "ArgMax", one("ArgMax", axis=axis)
    yield "ArgMin", one("ArgMin", axis=axis)
    yield "Concat", one("Concat", ("x", "x"), axis=axis)
    yield "Flatten", one("Flatten", axis=axis)
    yield "Gather", one("Gather", ("x", "i"), weights=index, axis=axis)
    yield "GatherElements", one("GatherElements", ("x", "i"), weights=index, axis=axis)
    yield "ScatterElements", one("ScatterElements", ("x", "i", "u"), weights=index, axis=axis)
    yield "LayerNormalization", one("LayerNormalization", ("x", "s"), weights=scale, axis=axis)
    yield "LpNormalization", one("LpNormalization", axis=axis)
    yield "OneHot", one("OneHot", ("i", "d", "v"), weights={"i": ints(0, 1), "d": I64(3), "v": np.array([0, 1], F32)},
                        axis=axis)
    yield "QuantizeLinear", one("QuantizeLinear", ("x", "s"), weights=scale, axis=axis)
    yield "DequantizeLinear", one("DequantizeLinear", ("q", "s"), weights={**scale, "q": np.zeros((2, 3), np.uint8)},
                                  axis=axis)
    yield "Split", one("Split", outputs=("y", "z"), axis=axis, num_outputs=2)
    yield "TopK", one("TopK", ("x", "k"), weights={"k": ints(1)}, outputs=("y", "z"), axis=axis)
    yield "Compress", one("Compress", ("x", "c"), weights={"c": np.array([True])}, axis=axis)
    yield "Unique", one("Unique", axis=axis)


def axis_operands(axis):
    """Operators that take axes as an operand or a list, on an input [2, 3]."""
    for kind in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceL2", "ReduceLogSumExp", "Squeeze", "Unsqueeze"):
        yield kind, one(kind, ("x", "a"), weights={"a": ints(axis)})
    yield "CumSum", one("CumSum", ("x", "a"), weights={"a": I64(axis)})
    yield "Slice", one("Slice", ("x", "b", "e", "a"), weights={"b": ints(0), "e": ints(1), "a": ints(axis)})
    yield "Pad", one("Pad", ("x", "p", "", "a"), weights={"p": ints(1, 1), "a": ints(axis)})
    yield "Transpose", one("Transpose", perm=[0, axis])
    yield "MeanVarianceNormalization", one("MeanVarianceNormalization", axes=[axis])
    yield "Resize", one("Resize", ("x", "", "s"), weights={"s": np.array([2], F32)}, axes=[axis])


def twice():
    """Axes that are named twice."""
    a = {"a": ints(1, -1)}
    yield "Unsqueeze", one("Unsqueeze", ("x", "a"), weights={"a": ints(0, 0)})
    yield "Squeeze", one("Squeeze", ("x", "a"), (2, 1), a)
    yield "Slice", one("Slice", ("x", "b", "e", "a"), weights={"b": ints(0, 0), "e": ints(1, 1), **a})
    yield "Pad", one("Pad", ("x", "p", "", "a"), weights={"p": ints(1, 1, 1, 1), **a})
    yield "Resize", one("Resize", ("x", "", "s"), weights={"s": np.array([2, 2], F32)}, axes=[1, 1])
    yield "Transpose", one("Transpose", perm=[1, 1])


def ranks():
    """Operands whose rank is wrong."""
    scalar, matrix = I64(1), np.ones((1, 1), I64)
    for name, wrong in (("scalar", scalar), ("matrix", matrix)):
        for i, kind in enumerate(("starts", "ends", "axes", "steps")):
            bounds = {"b": ints(0), "e": ints(1), "a": ints(0), "t": ints(1)}
            bounds["beat"[i]] = wrong
            yield f"Slice with {kind} that are a {name}", one("Slice", ("x", "b", "e", "a", "t"), weights=bounds)
        for kind in ("Reshape", "Expand", "Tile"):
            yield f"{kind} by a {name}", one(kind, ("x", "s"), (1, 1), {"s": wrong})
        yield f"Pad by a {name}", one("Pad", ("x", "s"), weights={"s": wrong})
        yield f"ConstantOfShape of a {name}", one("ConstantOfShape", ("s",), weights={"s": wrong})
        yield f"Split by a {name}", one("Split", ("x", "s"), weights={"s": wrong}, outputs=("y", "z"))
    yield "OneHot with scalar values", one("OneHot", ("i", "d", "v"), weights={
        "i": ints(0, 1), "d": I64(3), "v": F32(1)})
    yield "DepthToSpace of rank 3", one("DepthToSpace", x=(4, 3, 3), blocksize=2)
    yield "SpaceToDepth of rank 2", one("SpaceToDepth", x=(4, 4), blocksize=2)
    yield "Trilu of a vector", one("Trilu", x=(4,))
    yield "EyeLike of a vector", one("EyeLike", x=(4,))
    yield "Compress by a matrix", one("Compress", ("x", "c"), weights={"c": np.ones((1, 2), bool)}, axis=0)
    yield "MatMul of a scalar", one("MatMul", ("x", "s"), weights={"s": F32(1)})
    yield "InstanceNormalization of a matrix", one("InstanceNormalization", ("x", "s", "s"), weights={"s": zeros(3)})
    lstm = {"w": zeros(1, 16, 3), "r": zeros(1, 16, 4)}
    yield "LSTM with weights of rank 2", one("LSTM", ("x", "w", "r"), (5, 1, 3), {**lstm, "w": zeros(16, 3)},
                                             hidden_size=4)
    yield "LSTM with a state of rank 2", one("LSTM", ("x", "w", "r", "", "", "h"), (5, 1, 3),
                                             {**lstm, "h": zeros(1, 4)}, hidden_size=4)
    yield "LSTM of two directions with weights of one", one(
        "LSTM", ("x", "w", "r"), (5, 1, 3), lstm, hidden_size=4, direction="bidirectional")
    yield "GRU with lengths of rank 2", one(
        "GRU", ("x", "w", "r", "", "l"), (5, 1, 3), {"w": zeros(1, 12, 3), "r": zeros(1, 12, 4),
                                                     "l": np.ones((1, 1), np.int32)}, hidden_size=4)
    yield "ReverseSequence of a vector", one("ReverseSequence", ("x", "l"), (4,), {"l": ints(4)})
    yield "GatherND deeper than its data", one("GatherND", ("x", "i"), weights={"i": np.zeros((1, 3), I64)})
    yield "ScatterND deeper than its data", one("ScatterND", ("x", "i", "u"), weights={
        "i": np.zeros((1, 3), I64), "u": zeros(1)})


def sizes():
    """Numbers that no operand can have."""
    norm = {"s": zeros(4), "b": zeros(4)}
    for groups in (0, -1, 3):
        yield f"GroupNormalization of {groups} groups", one(
            "GroupNormalization", ("x", "s", "b"), (1, 4, 2, 2), norm, num_groups=groups)
    for block in (0, -2, 3):
        yield f"DepthToSpace by {block}", one("DepthToSpace", x=(1, 4, 2, 2), blocksize=block)
    yield "SpaceToDepth by 3", one("SpaceToDepth", x=(1, 4, 2, 2), blocksize=3)
    yield "LRN of size 0", one("LRN", x=(1, 4, 2, 2), size=0)
    yield "Concat with a gap", one("Concat", ("x", "", "x"), axis=0)
    yield "ConvTranspose with negative output_padding", one(
        "ConvTranspose", ("x", "w"), (1, 2, 4, 4), {"w": zeros(2, 1, 3, 3)}, output_padding=[-1, -1])
    yield "LSTM whose hidden_size is not that of its weights", one(
        "LSTM", ("x", "w", "r"), (5, 1, 3), {"w": zeros(1, 16, 3), "r": zeros(1, 16, 4)}, hidden_size=5)
    # What only the compiler finds out: the shape is computed.
    half = model([node_of("Cast", ["s"], "f", to=FLOAT), node_of("Mul", ["f", "h"], "g"),
                  node_of("Cast", ["g"], "r", to=INT64), node("Reshape", ["x", "r"])],
                 [value("x", (2, 3, 4))], weights={"s": ints(240, 6), "h": F32(1)})
    yield "Reshape of 24 elements to 1440, computed", half
    branch = model([node_of("Shape", ["x"], "s"), node_of("Concat", ["s", "k"], "r", axis=0),
                    node("Reshape", ["x", "r"])], [value("x", (2, 3, 4))], weights={"k": ints(30)})
    yield "Reshape of 24 elements to 720", branch


def all_axes():
    for axis in (7, -9):
        for name, proto in axis_attributes(axis):
            yield Bad(f"axes: {name} along {axis}", save(proto), mentions=NODE)
        for name, proto in axis_operands(axis):
            yield Bad(f"axes: {name} over {axis}", save(proto), mentions=NODE)
    for name, proto in twice():
        yield Bad(f"axes: {name} twice the same", save(proto), mentions=NODE)
    for name, proto in [*ranks(), *sizes()]:
        yield Bad(f"axes: {name}", save(proto), mentions=NODE)
