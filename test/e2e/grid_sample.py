#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""GridSample against a formula, and that against ONNX Runtime.

  grid_sample.py [--seed N] [-v]

Every mode with every padding, both ways to align corners, one channel and several, images and volumes,
known and unknown sizes, f32, f64 and f16; positions far outside, on borders and at halves. A model has a
node for each mode and padding. Then positions that are no numbers: the run ends well, and what is
sampled elsewhere stays right. ONNX Runtime has neither f16 nor cubic volumes, hence the formula; of a
cubic position outside it moves each tap to the border, as PyTorch does, where the ONNX reference
moves the position."""
import argparse
import itertools
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from onnx import helper
from harness import engines
from harness.compare import Mismatch, close

LEVEL = ["--level", "x86-64-v3"]   # kernels have tests of their own at all levels
MODES, PADDINGS = ("nearest", "linear", "cubic"), ("zeros", "border", "reflection")


def variants(rank, dtype):
    """(mode, padding, align corners): cubic ones, of 16 taps and of 64, only once but for images of f32."""
    for mode, padding, align in itertools.product(MODES, PADDINGS, (0, 1)):
        if (rank, dtype) == (4, np.float32) or mode != "cubic" or (padding, align) == ("zeros", 0):
            yield mode, padding, align


TOLERANCE = {np.float32: (1e-4, 1e-4), np.float64: (1e-9, 1e-9), np.float16: (1e-2, 1e-2)}


def reflect(x, low, high):
    if high == low:
        return np.full_like(x, low)
    span = high - low
    turns, rest = np.divmod(np.abs(x - low), span)
    return np.where(turns % 2 == 0, low + rest, high - rest)


def taps(position, size, mode, padding, align):
    """(index, weight, is inside) of each neighbour along one dimension."""
    low, high = (0, size - 1) if align else (-0.5, size - 0.5)
    if mode == "nearest":
        position = np.rint(position)
    if padding == "border" and mode != "cubic":   # of which each tap is clamped
        position = np.clip(position, 0, size - 1)
    elif padding == "reflection":
        position = reflect(position, low, high)
    if mode == "nearest":
        neighbours = [(position, np.ones_like(position))]
    else:
        base = np.floor(position)
        t = position - base
        if mode == "linear":
            neighbours = [(base, 1 - t), (base + 1, t)]
        else:
            a = -0.75
            near = lambda x: ((a + 2) * x - (a + 3)) * x * x + 1
            far = lambda x: ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
            neighbours = [(base - 1, far(t + 1)), (base, near(t)), (base + 1, near(1 - t)), (base + 2, far(2 - t))]
    result = []
    for index, weight in neighbours:
        inside = (index >= 0) & (index <= size - 1) if padding == "zeros" else np.ones(index.shape, bool)
        if padding == "reflection":
            index = reflect(index, low, high)
        result.append((np.clip(np.rint(index), 0, size - 1).astype(int), weight, inside))
    return result


def expected(x, grid, mode, padding, align):
    """In float64, one dimension after another."""
    x, grid = x.astype(np.float64), grid.astype(np.float64)
    space = x.shape[2:]
    axes = []
    for dim, size in enumerate(space):
        at = grid[..., len(space) - 1 - dim]
        position = (at + 1) / 2 * (size - 1) if align else ((at + 1) * size - 1) / 2
        axes.append(taps(position, size, mode, padding, align))
    result = np.zeros((x.shape[0], *grid.shape[1:-1], x.shape[1]))
    image = np.arange(x.shape[0]).reshape(-1, *[1] * len(space))
    for choice in itertools.product(*axes):
        value = np.moveaxis(x, 1, -1)[(image, *[index for index, _, _ in choice])]
        inside = np.logical_and.reduce([inside for _, _, inside in choice])
        weight = np.multiply.reduce([weight for _, weight, _ in choice])
        result += np.where(inside[..., None], value, 0) * weight[..., None]
    return np.moveaxis(result, -1, 1)


def make_model(rank, dtype, channels, shapes, opset):
    elem = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes, outputs = [], []
    for mode, padding, align in variants(rank, dtype):
        name = f"{mode}_{padding}_{align}"
        given = mode if opset >= 20 or mode == "nearest" else f"bi{mode}"
        nodes.append(helper.make_node("GridSample", ["x", "g"], [name], mode=given, padding_mode=padding, align_corners=align))
        outputs.append(helper.make_tensor_value_info(name, elem, None))
    dims = shapes or (["N", channels, *"DHW"[-rank + 2:]], ["N", *["A", "B", "C"][:rank - 2], rank - 2])
    inputs = [helper.make_tensor_value_info(name, elem, sizes) for name, sizes in zip("xg", dims)]
    return helper.make_model(helper.make_graph(nodes, "samples", inputs, outputs),
                             opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def positions(rng, shape, dtype):
    """Inside, some far outside, some at the borders and centers of pixels."""
    grid = rng.uniform(-1.3, 1.3, shape)
    grid[rng.random(shape) < 0.1] *= 4
    grid[rng.random(shape) < 0.1] = rng.choice([-1, 1, 0])
    return grid.astype(dtype)


def check(engine, feeds, label, dtype, verbose):
    """(passed, failed) over the outputs of a model."""
    failed = 0
    results = engine.run(feeds)
    for mode, padding, align in variants(feeds["x"].ndim, dtype):
        name = f"{mode}_{padding}_{align}"
        want = expected(feeds["x"], feeds["g"], mode, padding, align).astype(dtype)
        try:
            close(want, results[name], *TOLERANCE[dtype], where=f"{label} {name}")
        except Mismatch as mismatch:
            print(f"MISS {mismatch}")
            failed += 1
    count = len(results)
    if verbose:
        print(f"{label}: {count - failed} of {count}")
    return count - failed, failed


def check_formula(model, feeds):
    """How many nodes ONNX Runtime agrees on with the formula here."""
    results = engines.OnnxRuntime(model.SerializeToString()).run(feeds)
    for mode, padding, align in variants(4, np.float32):
        name = f"{mode}_{padding}_{align}"
        close(results[name], expected(feeds["x"], feeds["g"], mode, padding, align).astype(np.float32), 1e-4, 1e-4, where=f"formula of {name}")
    return len(results)


def check_not_numbers(engine, feeds):
    """NaN and infinite positions change nothing but what is sampled there."""
    clean = engine.run(feeds)
    grid = feeds["g"].copy()
    grid[0, 0, 0], grid[-1, -1, -1], grid[0, -1, 0] = np.nan, np.inf, 1e30
    for name, value in engine.run({**feeds, "g": grid}).items():
        same = np.isclose(value, clean[name], rtol=1e-6, atol=1e-6).all(1)
        same[0, 0, 0] = same[-1, -1, -1] = same[0, -1, 0] = True
        if not same.all():
            print(f"MISS positions that are no numbers: {name} differs elsewhere")
            return 0, 1
    return 1, 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    plan = [("image", 4, np.float32, 3, 20), ("one channel", 4, np.float32, 1, 16), ("f64", 4, np.float64, 2, 22),
            ("f16", 4, np.float16, 5, 22), ("volume", 5, np.float32, 2, 20)]
    counts = []
    with tempfile.TemporaryDirectory(prefix="optc-grid-") as scratch:
        for label, rank, dtype, channels, opset in plan:
            for is_static in (False, True) if label == "image" else (False,):
                sets = [([2, channels, 5, 7, 6][:rank], [2, 4, 3, 5][:rank - 1]), ([1, channels, 1, 2, 3][:rank], [1, 2, 6, 2][:rank - 1])]
                for number, (shape, places) in enumerate(sets[:1] if is_static else sets):
                    if number == 0:
                        model = make_model(rank, dtype, channels, (shape, [*places, rank - 2]) if is_static else None, opset)
                        path, artifact = Path(scratch, "samples.onnx"), Path(scratch, "samples.optc")
                        path.write_bytes(model.SerializeToString())
                        engines.compile_model(path, artifact, arguments=LEVEL)
                        engine = engines.OptcLibrary(artifact)
                    feeds = {"x": rng.standard_normal(shape).astype(dtype), "g": positions(rng, (*places, rank - 2), dtype)}
                    text = f"{label} {shape}{' static' if is_static else ''}"
                    counts.append(check(engine, feeds, text, dtype, args.verbose))
                    if label == "image" and number == 0 and not is_static:
                        counts.append((check_formula(model, feeds), 0))
                        counts.append(check_not_numbers(engine, feeds))
    passed, failed = map(sum, zip(*counts))
    print(f"grid-sample: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
