#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fused elementwise nodes: right, and compiled in a time that grows with their number.

  elementwise_growth.py [NAME...]

Every model of elementwise_models.py is built with few and with four times as many steps. That may take
LIMIT times the CPU time; the square would be 16, and a body that doubles with each step does not end.
The larger one has to give ONNX Runtime's results, and its report has to name where fusion was cut."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from elementwise_models import MODELS
from harness import engines, process, verdict
from harness.compare import Mismatch, close

LIMIT, TIMEOUT, ROUNDS = 8, 120, 3
RTOL, ATOL = 1e-4, 1e-5


def build(path):
    return process.run([engines.OPTC, "build", path, "--level", "x86-64-v3", "-j", "1", "--report", "-o", path.with_suffix(".optc")], TIMEOUT)


def ratio_of(few, many, paths):
    """How many times as long `many` takes; measured again if that is too much, as others may use the machine."""
    times = few.cpu_seconds, many.cpu_seconds
    for _ in range(ROUNDS):
        if times[1] <= LIMIT * times[0]:
            break
        times = [min(time, build(path).cpu_seconds) for time, path in zip(times, paths)]
    return times[1] / times[0]


def difference(path, symbol=5):
    """Between ONNX Runtime's results and ours, or nothing."""
    oracle, engine = engines.OnnxRuntime(path), engines.OptcLibrary(path.with_suffix(".optc"))
    draw = np.random.default_rng(0)
    feeds = {each.name: draw.standard_normal([size if isinstance(size, int) else symbol for size in each.shape]).astype(np.float32)
             for each in oracle.session.get_inputs()}
    try:
        close(oracle.run(feeds)["y"], engine.run(feeds)["y"], RTOL, ATOL, where="output 'y'")
    except (Mismatch, engines.optc_runtime.OptcError) as wrong:
        return str(wrong)
    return ""


def run_model(growth, folder):
    """What is wrong, or nothing."""
    paths, builds = [], []
    for count in (growth.few, growth.many):
        path = folder / f"{growth.name}-{count}.onnx"
        path.write_bytes(growth.make(count).SerializeToString())
        built = build(path)
        if built.outcome != "ok":
            return f"{count} steps: {built.outcome} after {built.seconds:.0f} s: {built.tail()}"
        paths.append(path), builds.append(built)
    ratio = ratio_of(*builds, paths)
    print(f"{growth.name}: {growth.many} steps in {built.cpu_seconds:.2f} s of CPU time, {ratio:.1f} times as long as {growth.few}", flush=True)
    if ratio > LIMIT:
        return f"{ratio:.1f} times as long for {growth.many / growth.few:.0f} times the steps"
    if growth.cut not in built.text:
        return f"the report does not name the cut '{growth.cut}'"
    return verdict.disagreement(path, built.outcome) or difference(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a model's name")
    args = parser.parse_args()
    selected = [growth for growth in MODELS if not args.names or any(name in growth.name for name in args.names)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="optc-growth-") as scratch:
        for growth in selected:
            wrong = run_model(growth, Path(scratch))
            failed += bool(wrong)
            if wrong:
                print(f"MISS {growth.name}: {wrong}", flush=True)
    print(f"elementwise growth: {len(selected) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
