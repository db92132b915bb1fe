#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pairs of kernels that run on tiles of rows, against ONNX Runtime.

  tiles.py [NAME...] [-v]

Each model has one such pair, large enough that fuse-tiles joins it, which its report has to
tell; sizes are such that the last block of rows is smaller, windows hang over both ends, and the
epilogues read operands of the blocks' rows."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from harness import engines
from harness.compare import Mismatch, close
from onnx import TensorProto, helper, numpy_helper

RTOL, ATOL = 1e-4, 1e-4


class Net:
    """A chain of nodes over `x`, NCHW."""

    def __init__(self, *shape):
        self.shape, self.value, self.nodes, self.weights = shape, "x", [], []
        self.random = np.random.default_rng(0)

    def add(self, kind, *more, **attributes):
        result = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.value, *more], [result], name=result, **attributes))
        self.value = result
        return self

    def weight(self, *shape):
        name = f"w{len(self.weights)}"
        scale = 1 / np.sqrt(np.prod(shape[1:]))
        self.weights.append(numpy_helper.from_array((scale * self.random.standard_normal(shape)).astype(np.float32), name))
        return name

    def conv(self, inputs, outputs, kernel, group=1, strides=(1, 1), pads=(0, 0, 0, 0)):
        weights = self.weight(outputs, inputs // group, kernel, kernel), self.weight(outputs)
        return self.add("Conv", *weights, group=group, strides=strides, pads=pads)

    def model(self):
        graph = helper.make_graph(self.nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
                                  [helper.make_tensor_value_info(self.value, TensorProto.FLOAT, None)], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def residual():
    """The pointwise convolution adds what its block of rows of the input holds."""
    net = Net(1, 32, 803, 96)
    net.conv(32, 32, 3, group=32, pads=(1, 1, 1, 1)).add("HardSwish").conv(32, 32, 1)
    return net.add("Add", "x").add("Relu")


def per_row():
    """An epilogue with an operand for each row of the image."""
    net = Net(1, 24, 720, 130)
    net.conv(24, 24, 5, group=24, pads=(2, 2, 2, 2)).add("Mul", net.weight(1, 1, 720, 1)).conv(24, 40, 1)
    return net.add("Add", net.weight(1, 40, 720, 1))


MODELS = {
    "residual": residual,
    "per_row": per_row,
    "strided": lambda: Net(2, 32, 602, 203).conv(32, 32, 3, group=32, strides=(2, 1), pads=(1, 1, 1, 1)).add("Relu").conv(32, 24, 1),
    "pool_2x2": lambda: Net(1, 3, 703, 98).conv(3, 32, 5, pads=(2, 2, 2, 2)).add("Relu").add("MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
    "pool_ceil": lambda: Net(2, 8, 405, 99).conv(8, 32, 1).add("MaxPool", kernel_shape=[3, 3], strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1),
    "pool_overlap": lambda: Net(1, 8, 559, 100).conv(8, 40, 1).add("Relu").add("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
}


def run_model(name, precision, folder, verbose):
    """What is wrong, or None."""
    path, artifact = folder / f"{name}.onnx", folder / f"{name}.optc"
    model = MODELS[name]().model()
    onnx.save(model, path)
    report = engines.compile_model(path, artifact, arguments=("--precision", precision, "--report")).text
    shape = [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim]
    feeds = {"x": np.random.default_rng(1).standard_normal(shape).astype(np.float32)}
    want, got = engines.OnnxRuntime(path).run(feeds), engines.OptcLibrary(artifact).run(feeds)
    output, = want
    if verbose:
        print(f"  {name} {precision}: {want[output].shape}, error {np.abs(want[output] - got[output]).max():.2e}")
    try:
        # Of bf16, sums of products with errors of 2^-8.
        close(want[output], got[output], RTOL, ATOL if precision == "f32" else 0.05, where=f"output of {name}, {precision}")
    except Mismatch as mismatch:
        return str(mismatch)
    return None if "made 1 x tile" in report else f"{name}, {precision}: the report tells of no tile"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", metavar="NAME", nargs="*", choices=[*MODELS, []])
    parser.add_argument("-v", action="store_true", dest="verbose")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = [run_model(name, precision, Path(folder), options.verbose)
                 for name in options.names or MODELS for precision in ("f32", "bf16")]
    failures = [message for message in wrong if message]
    print(*(f"MISS {message}" for message in failures), sep="\n", end="\n" if failures else "")
    print(f"tiles: {len(wrong) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
