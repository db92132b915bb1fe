# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every operator with floats (but MeanVarianceNormalization, whose body ONNX has for float32 only), once or
a few times, for op_table.py. A case is a node whose float
operands are inputs of the model, of whatever float type is asked for, and whose others are weights."""
import numpy as np

_rng = np.random.default_rng(11)


def _normal(*shape):
    return _rng.standard_normal(shape)


# Inputs by name: each has the type that is tested. Lengths are a few vectors and a tail.
INPUTS = {
    "x": _normal(2, 3, 4, 37), "y": _normal(2, 3, 4, 37), "row": _normal(37), "positive": np.abs(_normal(2, 3, 4, 37)) + 0.25,
    "unit": np.tanh(_normal(2, 3, 4, 37)) * 0.98, "above_one": np.abs(_normal(2, 3, 4, 37)) + 1.5, "small": _normal(3, 21) / 4,
    "a": _normal(3, 5, 19) / 2, "b": _normal(3, 19, 23) / 2, "image": _normal(1, 8, 9, 11), "kernel": _normal(16, 8, 3, 3) / 4,
    "depthwise": _normal(8, 1, 3, 3) / 4, "transposed": _normal(8, 4, 3, 3) / 4, "bias": _normal(16), "channels": _normal(8),
    "variances": np.abs(_normal(8)) + 0.5, "low": np.array(-0.5), "high": np.array(0.75), "sequence": _normal(5, 2, 6),
    "gru_w": _normal(1, 21, 6) / 3, "gru_r": _normal(1, 21, 7) / 3, "lstm_w": _normal(1, 28, 6) / 3, "lstm_r": _normal(1, 28, 7) / 3,
    "rnn_w": _normal(1, 7, 6) / 3, "rnn_r": _normal(1, 7, 7) / 3, "q": _normal(1, 2, 6, 16), "k": _normal(1, 2, 9, 16), "v": _normal(1, 2, 9, 16),
    "mask": np.where(_rng.random((6, 9)) < 0.3, -2.0, 0.0), "grid": np.clip(_normal(1, 4, 5, 2) / 2, -0.9, 0.9), "updates": _normal(2, 3, 4, 2), "rows": _normal(2, 37),
    "zero": np.array(0.0), "ten": np.array(10.0), "step": np.array(1.0), "pair": np.array([0.0, 1.0]), "cos": np.cos(_normal(50, 8)), "sin": np.sin(_normal(50, 8)),
}


def ints(*values):
    return np.array(values, np.int64)


def _cases():
    """(operator, operands, attributes, number of results)"""
    one = lambda kind, operand="x", **attributes: (kind, [operand], attributes, 1)
    for kind in ("Abs", "Neg", "Exp", "Sqrt", "Ceil", "Floor", "Round", "Sign", "Sigmoid", "Relu", "Softplus", "Sin", "Cos", "Sinh", "Cosh", "Tanh", "Atan",
                 "Asinh", "Erf", "IsNaN", "IsInf", "LeakyRelu", "Elu", "Celu", "Selu", "HardSigmoid", "HardSwish", "Softsign", "ThresholdedRelu", "Mish", "Gelu",
                 "Identity", "Softmax", "LogSoftmax", "Hardmax", "Flatten", "Size", "Shape", "NonZero", "GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool",
                 "LpNormalization", "ArgMax", "ArgMin", "Transpose", "Dropout"):
        yield one(kind, "positive" if kind == "Sqrt" else "x")
    for kind in ("Log", "Reciprocal"):
        yield one(kind, "positive")
    for kind in ("Asin", "Acos", "Atanh", "Tan"):
        yield one(kind, "unit")
    yield one("Acosh", "above_one")
    yield one("Gelu", approximate="tanh")
    yield one("EyeLike", "small")
    yield one("Trilu")
    for kind in ("Add", "Sub", "Mul", "Max", "Min", "Sum", "Mean", "Less", "Equal", "Greater", "LessOrEqual", "GreaterOrEqual", "PRelu"):
        yield kind, ["x", "row"], {}, 1
    yield "Sum", ["x", "y", "row", "unit"], {}, 1
    yield "Mean", ["x", "y", "row", "unit"], {}, 1
    yield "Div", ["x", "positive"], {}, 1
    yield "Pow", ["positive", "x"], {}, 1
    yield "Mod", ["x", "positive"], {"fmod": 1}, 1
    yield "Clip", ["x", "low", "high"], {}, 1
    yield "Where", [_rng.random((2, 3, 4, 37)) < 0.5, "x", "y"], {}, 1
    # A reduction of rows, of columns, of all.
    for kind in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"):
        operand = "positive" if kind == "LogSum" else "x"
        yield "Reduce" + kind, [operand, ints(3)], {}, 1
        yield "Reduce" + kind, [operand, ints(1)], {"keepdims": 0}, 1
        yield "Reduce" + kind, ["unit" if kind == "Prod" else operand], {}, 1
    yield "Softmax", ["x"], {"axis": 1}, 1
    yield "LogSoftmax", ["x"], {"axis": 1}, 1
    yield "CumSum", ["x", np.array(3, np.int64)], {}, 1
    yield "CumSum", ["x", np.array(0, np.int64)], {"reverse": 1, "exclusive": 1}, 1
    yield "TopK", ["x", ints(5)], {}, 2
    yield "MatMul", ["a", "b"], {}, 1
    yield "Gemm", ["small", "small", "low"], {"transB": 1, "alpha": 0.5, "beta": 2.0}, 1
    yield "Conv", ["image", "kernel", "bias"], {"pads": [1] * 4}, 1
    yield "Conv", ["image", "kernel"], {"strides": [2, 2]}, 1
    yield "Conv", ["image", "depthwise", "channels"], {"group": 8, "pads": [1] * 4}, 1
    yield "ConvTranspose", ["image", "transposed"], {"strides": [2, 2]}, 1
    for kind in ("MaxPool", "AveragePool", "LpPool"):
        yield kind, ["image"], {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [2, 1]}, 1
    yield "LRN", ["image"], {"size": 5}, 1
    yield "BatchNormalization", ["image", "channels", "channels", "channels", "variances"], {}, 1
    yield "InstanceNormalization", ["image", "channels", "channels"], {}, 1
    yield "GroupNormalization", ["image", "channels", "channels"], {"num_groups": 4}, 1
    yield "LayerNormalization", ["x", "row", "row"], {}, 1
    yield "RMSNormalization", ["x", "row"], {}, 1
    yield "RNN", ["sequence", "rnn_w", "rnn_r"], {"hidden_size": 7}, 2
    yield "GRU", ["sequence", "gru_w", "gru_r"], {"hidden_size": 7}, 2
    yield "LSTM", ["sequence", "lstm_w", "lstm_r"], {"hidden_size": 7}, 3
    yield "Attention", ["q", "k", "v", "mask"], {}, 1
    yield "Attention", ["q", "k", "v"], {"is_causal": 1}, 1
    yield "RotaryEmbedding", ["q", "cos", "sin", np.arange(6, dtype=np.int64)[None] % 5], {}, 1
    for mode in ("nearest", "linear", "cubic"):
        yield "Resize", ["image", None, np.array([1, 1, 1.5, 2], np.float32)], {"mode": mode}, 1
    yield "Reshape", ["x", ints(6, -1)], {}, 1
    yield "Expand", ["row", ints(3, 37)], {}, 1
    yield "Tile", ["small", ints(2, 3)], {}, 1
    yield "Concat", ["x", "y"], {"axis": 1}, 1
    yield "Slice", ["x", ints(30), ints(2), ints(3), ints(-3)], {}, 1
    yield "Split", ["x", ints(1, 36)], {"axis": 3}, 2
    yield "Squeeze", ["image", ints(0)], {}, 1
    yield "Unsqueeze", ["x", ints(0)], {}, 1
    for mode in ("constant", "reflect", "edge"):
        yield "Pad", ["small", ints(1, 2, 1, 3)], {"mode": mode}, 1
    yield "Gather", ["x", ints(3, 0, 2)], {"axis": 2}, 1
    yield "GatherElements", ["x", np.array(_rng.integers(0, 37, (2, 3, 4, 5)))], {"axis": 3}, 1
    yield "GatherND", ["x", np.array([[1, 2], [0, 1]])], {}, 1
    for reduction in ("none", "add", "mul", "max"):
        yield "ScatterElements", ["x", np.broadcast_to(ints(5, 7), (2, 3, 4, 2)).copy(), "updates"], {"axis": 3, "reduction": reduction}, 1
    yield "ScatterND", ["x", np.array([[1, 2, 0], [0, 1, 3]]), "rows"], {"reduction": "add"}, 1
    yield "OneHot", [ints(0, 3, 2), np.array(5, np.int64), "pair"], {}, 1
    yield "Compress", ["x", _rng.random(37) < 0.5], {"axis": 3}, 1
    yield "Range", ["zero", "ten", "step"], {}, 1
    yield "ReverseSequence", ["small", np.full(21, 2, np.int64)], {}, 1
    yield "DepthToSpace", ["image"], {"blocksize": 2}, 1
    yield "SpaceToDepth", ["q"], {"blocksize": 2}, 1
    yield "Unique", ["small"], {}, 4
    for target in (1, 10, 11, 16, 6, 7, 2, 3, 4, 5, 9, 12, 13):  # TensorProto's numbers
        yield "Cast", ["positive"], {"to": target}, 1
    for source in (np.int64, np.int32, np.uint8, np.int8, np.uint64, np.uint32, np.int16, np.uint16, np.bool_):
        yield "CastLike", [np.arange(37).astype(source), "row"], {}, 1


CASES = [(f"{kind}_{i}", kind, operands, attributes, count) for i, (kind, operands, attributes, count) in enumerate(_cases())]
