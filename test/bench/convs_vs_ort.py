#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single convolutions with ReLU against ONNX Runtime: direct, and as optc chooses (Winograd).

  convs_vs_ort.py [SIZExCHANNELSxOUTPUTS[xWINDOW[xDILATION]]...] [--level LEVEL] [--seconds 2]

Windows are 3x3 unless said otherwise; results have the size of the image. The default shapes are 3x3
layers of networks, and such whose border is more than a fifth of what a window reaches.

All engines take turns in one process on one thread; given are GFLOP/s of the operations of the
definition by the least time of the thread, and the largest error over the largest output against
sums in double precision."""
import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import vs_ort
from harness import engines

SHAPES = ["56x64x64", "28x128x128", "14x256x256", "7x512x512", "160x96x24", "56x32x32", "14x128x128",
          "7x256x256", "80x16x16", "40x88x88",
          "14x960x256x3x12", "14x960x256x3x24", "28x256x256x3x12", "28x512x512x3x2", "28x512x512x3x4", "33x256x256x3x6",
          "65x256x256x3x18", "7x256x256x5", "14x64x64x7", "7x960x160x3x2", "2x256x256", "1x512x512"]


def make_model(size, channels, outputs, window, dilation, path):
    rng = np.random.default_rng(1)
    weight = rng.normal(0, 1, (outputs, channels, window, window)).astype(np.float32)
    bias = rng.normal(0, 1, outputs).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[dilation * (window // 2)] * 4, dilations=[dilation] * 2), helper.make_node("Relu", ["c"], ["y"])]
    value = lambda name, count: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, count, size, size])
    graph = helper.make_graph(nodes, "conv", [value("x", channels)], [value("y", outputs)],
                              [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(bias, "b")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return weight, bias, rng.normal(0, 1, (1, channels, size, size)).astype(np.float32)


def reference(weight, bias, x, dilation):
    size, window = x.shape[2], weight.shape[2]
    pad = dilation * (window // 2)
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (pad, pad), (pad, pad)))[0]
    total = np.zeros((weight.shape[0], size, size)) + bias[:, None, None]
    for i in range(window):
        for j in range(window):
            part = padded[:, i * dilation:i * dilation + size, j * dilation:j * dilation + size]
            total += np.tensordot(weight[:, :, i, j].astype(np.float64), part, 1)
    return np.maximum(total, 0)[None]


def least_times(runs, seconds):
    """Time the thread had a CPU, which is not that of others on the machine."""
    least, end = [float("inf")] * len(runs), time.time() + seconds
    while time.time() < end:
        for i, run in enumerate(runs):
            run()
            for _ in range(5):
                start = time.thread_time()
                run()
                least[i] = min(least[i], time.thread_time() - start)
    return least


def bench(shape, args, folder):
    given = [int(number) for number in shape.split("x")]
    size, channels, outputs, window, dilation = given + [3, 1][len(given) - 3:]
    path = folder / "conv.onnx"
    weight, bias, x = make_model(size, channels, outputs, window, dilation, path)
    want = reference(weight, bias, x, dilation)
    models = [vs_ort.OrtTimed(path, 1)]
    for name, options in (("exact", ["--exact"]), ("chosen", [])):
        artifact = folder / f"{name}.optc"
        engines.compile_model(path, artifact, arguments=options + (["--level", args.level] if args.level else []))
        models.append(vs_ort.OptcTimed(artifact, 1))
    error = [np.abs(m.run({"x": x})["y"] - want).max() / want.max() for m in models]
    rates = [2e-9 * window * window * size * size * channels * outputs / t
             for t in least_times([m.bind({"x": x}) for m in models], args.seconds)]
    print(f"{shape:16} " + "  ".join(f"{n} {r:6.1f} ({e:.0e})" for n, r, e in zip(("ORT", "direct", "chosen"), rates, error))
          + f"  chosen/ORT {rates[2] / rates[0]:5.2f}  chosen/direct {rates[2] / rates[1]:5.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", default=SHAPES, metavar="SHAPE")
    parser.add_argument("--level")
    parser.add_argument("--seconds", type=float, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for shape in args.shapes:
            bench(shape, args, Path(folder))


if __name__ == "__main__":
    main()
