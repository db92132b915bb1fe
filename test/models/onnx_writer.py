# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A small writer of ONNX graphs for the exporters of this folder.

Nodes are named after the layer they stand in ('/layers.0/attn/MatMul'), weights go
to one external file that several models may share, in 4096-aligned slices."""
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


class WeightFile:
    """Raw weights in one file; `place` returns where a tensor went, so that each
    tensor is written once and no more than one is in memory."""

    ALIGNMENT = 4096

    def __init__(self, path):
        self.path = Path(path)
        self.file = open(path, "wb")
        self.slices = {}

    def add(self, name, array):
        array = np.ascontiguousarray(array, dtype=np.float32)
        self.file.write(b"\0" * (-self.file.tell() % self.ALIGNMENT))
        self.slices[name] = (self.file.tell(), array.nbytes, array.shape)
        self.file.write(array.data)

    def close(self):
        self.file.close()

    def initializer(self, name):
        offset, length, shape = self.slices[name]
        tensor = TensorProto(name=name, data_type=FLOAT, dims=shape,
                             data_location=TensorProto.EXTERNAL)
        for key, value in (("location", self.path.name), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        return tensor


class Graph:
    """Builds one graph; `op` adds a node and returns the name of its first output."""

    def __init__(self, name, weights=None):
        self.name, self.weights = name, weights
        self.nodes, self.inputs, self.outputs = [], [], []
        self.initializers = {}
        self.scope = ""
        self.counts = {}

    def input(self, name, kind, shape):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name, kind, shape):
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def op(self, kind, *inputs, outputs=None, **attributes):
        base = f"{self.scope}/{kind}"
        self.counts[base] = self.counts.get(base, -1) + 1
        name = base + (f"_{self.counts[base]}" if self.counts[base] else "")
        outputs = outputs or [name + "_output"]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, name=name, **attributes))
        return outputs[0]

    def constant(self, value, dtype=np.float32):
        """An initializer inside the model file, shared by all users of the same value."""
        array = np.asarray(value, dtype=dtype)
        text = "_".join(str(x) for x in array.reshape(-1)[:4]).replace("-", "m")
        name = f"const_{array.dtype}_{'x'.join(map(str, array.shape))}_{text}"
        if array.size > 4:
            name += f"_{len(self.initializers)}"
        self.initializers.setdefault(name, numpy_helper.from_array(array, name))
        return name

    def ints(self, *values):
        return self.constant(list(values), np.int64)

    def weight(self, name, array=None):
        """A weight: stored in the model when `array` is given, else in the weight file."""
        if name not in self.initializers:
            self.initializers[name] = (self.weights.initializer(name) if array is None
                                       else numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def save(self, path, opset):
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs,
                                  list(self.initializers.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                                  producer_name="optc model export", ir_version=8 if opset < 20 else 10)
        Path(path).write_bytes(model.SerializeToString(deterministic=True))
        onnx.checker.check_model(str(path), full_check=True)
