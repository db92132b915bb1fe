#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles groups of nodes without any static size and compares them with ONNX Runtime.

  dynamic_shapes.py [GROUP...]

Each group (dynamic_groups.py) is one model, compiled once and run at many shapes: empty,
one, prime, a few vectors long, and such that operands broadcast in every way. Exit 1 on a
miss."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from dynamic_groups import GROUPS
from harness import engines
from harness.compare import Mismatch, close

RTOL, ATOL = 1e-4, 1e-5


def run_case(group, shapes, engine, oracle, rng):
    """What differs, as one line per output."""
    feeds = group.feeds(shapes, rng)
    with np.errstate(all="ignore"):
        want = oracle.run(feeds)
    try:
        got = engine.run(feeds)
    except engines.optc_runtime.OptcError as error:
        return [str(error)]
    wrong = []
    for name, value in want.items():
        try:
            close(value, got[name], RTOL, ATOL, where=f"output '{name}'")
        except Mismatch as mismatch:
            wrong.append(str(mismatch))
    return wrong


def run_group(group, folder):
    """(cases, misses); prints what is wrong."""
    path = folder / "model.onnx"
    path.write_bytes(group.model().SerializeToString())
    try:
        built = engines.compile_model(path, folder / "model.optc")
    except engines.CompileError as error:
        print(f"{group.name}: does not compile: {error}")
        return len(group.shapes), len(group.shapes)
    engine, oracle = engines.OptcLibrary(folder / "model.optc"), engines.OnnxRuntime(path)
    rng, misses = np.random.default_rng(5), 0
    for shapes in group.shapes:
        wrong = run_case(group, shapes, engine, oracle, rng)
        misses += bool(wrong)
        if wrong:
            print(f"MISS {group.name} at {shapes}:")
        for line in wrong:
            print(f"     {line}")
    print(f"{group.name}: {len(group.nodes)} nodes, {len(group.shapes)} shapes, {misses} missed, "
          f"compiled in {built.seconds:.1f} s", flush=True)
    return len(group.shapes), misses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="part of a group's name")
    args = parser.parse_args()
    total = missed = 0
    for make in GROUPS:
        group = make()
        if args.groups and not any(part in group.name for part in args.groups):
            continue
        with tempfile.TemporaryDirectory(prefix="optc-dynamic-") as scratch:
            cases, misses = run_group(group, Path(scratch))
        total, missed = total + cases, missed + misses
    print(f"dynamic: {total - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
