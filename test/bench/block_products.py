#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products with weights of few bits (MatMulNBits) beside ONNX Runtime: time, share of the memory's bandwidth, error.

  block_products.py [MxNxK...] [--bits 4] [--block 32] [--seconds S]

Default: the layers of SmolLM2-135M and one of a model of 7 billion weights, for one token and for a prompt. "int8" is accuracy_level 4,
data rounded to bytes per block; "float" is accuracy_level 1. One thread, all engines in turns; medians. The bandwidth is what
`optc bench --machine` measures: shares above 100 % mean that the weight stays in caches. The error is against float64, of scale."""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import numpy as np
import onnx
import vs_ort
from harness import engines
from onnx import TensorProto, helper, numpy_helper

SHAPES = ("1x576x1536", "1x1536x576", "1x49152x576", "1x11008x4096", "16x1536x576", "128x1536x576", "128x11008x4096")
LEVELS = {"int8": 4, "float": 1}


def packed(codes, bits):
    taken = (codes[..., None] >> np.arange(bits)) & 1
    return np.packbits(taken.reshape(*codes.shape[:-1], -1).astype(np.uint8), axis=-1, bitorder="little")


def write(path, shape, bits, block, level):
    """The matrix [K, N] that the codes stand for."""
    rows, columns, depth = shape
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 1 << bits, (columns, depth // block, block), dtype=np.uint8)
    scales = rng.uniform(0.005, 0.02, codes.shape[:2]).astype(np.float32)
    node = helper.make_node("MatMulNBits", ["x", "w", "s"], ["y"], domain="com.microsoft", K=depth, N=columns, bits=bits,
                            block_size=block, accuracy_level=level)
    graph = helper.make_graph([node], "product", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, depth])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, columns])],
                              [numpy_helper.from_array(packed(codes, bits), "w"), numpy_helper.from_array(scales, "s")])
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    return ((codes.astype(np.float64) - (1 << bits - 1)) * scales[..., None]).reshape(columns, depth).T


def bandwidth():
    """GB/s of reading memory with one thread."""
    done = subprocess.run([engines.OPTC, "bench", "--machine", "--threads", "1", "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["read_gbytes_per_s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", default=SHAPES)
    parser.add_argument("--bits", type=int, default=4)
    parser.add_argument("--block", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=3)
    args = parser.parse_args()
    speed, ratios = bandwidth(), []
    for text in args.shapes:
        shape = [int(part) for part in text.split("x")]
        x = np.random.default_rng(2).standard_normal((shape[0], shape[2])).astype(np.float32)
        for kind, level in LEVELS.items():
            with tempfile.TemporaryDirectory(prefix="optc-blocks-") as folder:
                model, artifact = Path(folder) / "m.onnx", Path(folder) / "m.optc"
                want = x.astype(np.float64) @ write(model, shape, args.bits, args.block, level)
                engines.compile_model(model, artifact)
                contenders = [vs_ort.OptcTimed(artifact), vs_ort.OrtTimed(model)]
                ours, theirs = (np.median(taken) for taken in vs_ort.measure([e.bind({"x": x}) for e in contenders], args.seconds))
                errors = [np.abs(e.run({"x": x})["y"] - want).max() / np.abs(want).max() for e in contenders]
            size = shape[1] * shape[2] * (args.bits / 8 + 4 / args.block)
            ratios.append(theirs / ours)
            print(f"  {text:16} {kind:6} optc {ours * 1e3:8.3f} ms {size / ours / 1e9:6.1f} GB/s ({size / ours / 1e9 / speed:4.0%})"
                  f" {np.prod(shape) / ours / 1e9:6.0f} GMAC/s   ORT {theirs * 1e3:8.3f} ms   {theirs / ours:5.2f} x"
                  f"   errors {errors[0]:.1e} {errors[1]:.1e}", flush=True)
    print(f"geometric mean {np.exp(np.mean(np.log(ratios))):.2f} x, memory {speed:.1f} GB/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
