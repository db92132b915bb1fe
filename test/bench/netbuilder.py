# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes networks as ONNX files with random weights, in the ops that exporters write.

Weights are drawn so that values keep their size from layer to layer; the same call gives the same
file. Batch normalizations are in the convolutions already, as exporters of models for inference
leave them."""
from zlib import crc32

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


class Net:
    """A graph that grows; every method takes names of values and gives the name of its result."""

    def __init__(self, name, shape):
        self.rng = np.random.default_rng(crc32(name.encode()))
        self.name, self.nodes, self.weights = name, [], []
        self.input = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)

    # -------------------------------------------------------------- parts of the graph

    def const(self, array):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(array), name))
        return name

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def number(self, value):
        return self.const(np.float32(value))

    def normal(self, *shape, scale=1.0):
        return self.const((scale * self.rng.standard_normal(shape)).astype(np.float32))

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=f"{kind}_{len(self.nodes)}", **attributes))
        return names[0] if outputs == 1 else names

    def save(self, path, *results):
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in results]
        graph = helper.make_graph(self.nodes, self.name, [self.input], outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        path.write_bytes(onnx.shape_inference.infer_shapes(model).SerializeToString(deterministic=True))

    # -------------------------------------------------------------- layers

    def conv(self, x, channels, outputs, kernel=1, stride=1, dilation=1, group=1, act="", gain=1.0):
        pad = dilation * (kernel - 1) // 2
        scale = gain * np.sqrt((2 if act else 1) / (channels // group * kernel * kernel))
        y = self.op("Conv", x, self.normal(outputs, channels // group, kernel, kernel, scale=scale),
                    self.normal(outputs, scale=0.05), kernel_shape=[kernel] * 2, strides=[stride] * 2,
                    dilations=[dilation] * 2, pads=[pad] * 4, group=group)
        return self.act(act, y)

    def act(self, kind, x):
        if kind == "silu":
            return self.op("Mul", x, self.op("Sigmoid", x))
        if kind == "relu6":
            return self.op("Clip", x, self.number(0), self.number(6))
        if kind == "gelu":
            erf = self.op("Erf", self.op("Div", x, self.number(np.sqrt(2))))
            both = self.op("Mul", x, self.op("Add", erf, self.number(1)))
            return self.op("Mul", both, self.number(0.5))
        return self.op({"relu": "Relu", "hswish": "HardSwish", "hsigmoid": "HardSigmoid", "sigmoid": "Sigmoid"}[kind],
                       x, **({"alpha": 1 / 6} if kind == "hsigmoid" else {})) if kind else x

    def linear(self, x, width, outputs, act="", gain=1.0):
        y = self.op("MatMul", x, self.normal(width, outputs, scale=gain / np.sqrt(width)))
        return self.act(act, self.op("Add", y, self.normal(outputs, scale=0.05)))

    def layer_norm(self, x, width):
        return self.op("LayerNormalization", x, self.const(np.ones(width, np.float32)), self.normal(width, scale=0.05),
                       axis=-1, epsilon=1e-6)

    def add(self, a, b):
        return self.op("Add", a, b)

    def concat(self, *parts, axis=1):
        return self.op("Concat", *parts, axis=axis)

    def reshape(self, x, *shape):
        return self.op("Reshape", x, self.ints(*shape))

    def transpose(self, x, *order):
        return self.op("Transpose", x, perm=order)

    def slice(self, x, axis, start, end, step=1):
        return self.op("Slice", x, self.ints(start), self.ints(end), self.ints(axis), self.ints(step))

    def max_pool(self, x, kernel, stride, pad):
        return self.op("MaxPool", x, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4)

    def resize(self, x, channels, size, mode="linear"):
        sizes = self.ints(1, channels, size, size)
        extra = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"} if mode == "nearest" else \
            {"coordinate_transformation_mode": "pytorch_half_pixel"}
        return self.op("Resize", x, "", "", sizes, mode=mode, **extra)

    def squeeze_excite(self, x, channels, inner, act, gate):
        mean = self.op("GlobalAveragePool", x)
        return self.op("Mul", x, self.conv(self.conv(mean, channels, inner, act=act), inner, channels, act=gate))

    def classify(self, x, width, classes=1000):
        return self.linear(self.op("Flatten", self.op("GlobalAveragePool", x)), width, classes)

    def attention(self, x, width, heads, batch, tokens, bias=None):
        """x: [batch, tokens, width]; `bias` is added to the scores."""
        qkv = self.reshape(self.linear(x, width, 3 * width), batch, tokens, 3, heads, width // heads)
        qkv = self.transpose(qkv, 2, 0, 3, 1, 4)
        q, k, v = (self.op("Gather", qkv, self.const(np.int64(i)), axis=0) for i in range(3))
        q = self.op("Mul", q, self.number((width // heads) ** -0.5))
        scores = self.op("MatMul", q, self.transpose(k, 0, 1, 3, 2))
        if bias:
            scores = self.add(scores, bias)
        mixed = self.op("MatMul", self.op("Softmax", scores, axis=-1), v)
        mixed = self.reshape(self.transpose(mixed, 0, 2, 1, 3), batch, tokens, width)
        return self.linear(mixed, width, width, gain=0.5)
