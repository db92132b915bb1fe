#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a model whose input has more than 2^31 bytes, with sizes the compiler knows and without:
places of elements do not fit 32 bits. Every row is a pattern known in closed form, so that all
results can be compared with little memory.

  large_tensor.py

Skipped where less than 8 GB of memory are free."""
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from harness import engines

engines.use_models()
from onnx_writer import FLOAT, Graph

ROWS, COLUMNS = 32771, 16411   # primes; 2.15e9 bytes
NEEDED = 8e9
PERIOD = 5


def available_memory():
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) * 1024


def build(symbolic, folder):
    """Row sums behind a Relu, rows picked from both ends, a product with few columns."""
    g = Graph("large")
    g.input("x", FLOAT, ["rows", COLUMNS] if symbolic else [ROWS, COLUMNS])
    g.op("ReduceSum", g.op("Relu", "x"), g.ints(1), outputs=["sums"], keepdims=0)
    g.op("Gather", "x", g.ints(ROWS - 1, ROWS - 2, 0), outputs=["picked"], axis=0)
    g.op("MatMul", "x", g.weight("w", np.ones((COLUMNS, 3), np.float32)), outputs=["product"])
    for name, rank in (("sums", 1), ("picked", 2), ("product", 2)):
        g.output(name, FLOAT, [f"{name}{i}" for i in range(rank)])
    g.save(folder / "large.onnx", 21)
    engines.compile_model(folder / "large.onnx", folder / "large.optc")
    return engines.OptcLibrary(folder / "large.optc", threads=2)


def problems(engine):
    # Small whole numbers: all sums are exact.
    rows = np.arange(COLUMNS, dtype=np.float32) % 7 - 3 + np.arange(PERIOD, dtype=np.float32)[:, None]
    turn = np.arange(ROWS) % PERIOD
    got = engine.run({"x": rows[turn]})
    if not np.array_equal(got["sums"], np.maximum(rows, 0).sum(1)[turn]):
        yield "row sums differ"
    if not np.array_equal(got["picked"], rows[turn[[-1, -2, 0]]]):
        yield "picked rows differ"
    if not np.array_equal(got["product"], np.repeat(rows.sum(1)[turn, None], 3, 1)):
        yield "the product differs"


def main():
    if available_memory() < NEEDED:
        print("large-tensor: 0 passed, 0 failed, 2 skipped (less than 8 GB of memory free)")
        return 0
    failed = 0
    for symbolic in (False, True):
        with tempfile.TemporaryDirectory(prefix="optc-large-") as folder:
            wrong = list(problems(build(symbolic, Path(folder))))
        failed += bool(wrong)
        print(f"  {'MISS' if wrong else 'ok  '} {'symbolic' if symbolic else 'static'}: {', '.join(wrong) or 'all equal'}", flush=True)
    print(f"large-tensor: {2 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
