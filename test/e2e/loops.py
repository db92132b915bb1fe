#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Loop and Scan against ONNX Runtime, and their time.

  loops.py [NAME...] [-v]

Models of loop_models.py, each compiled once and run with every set of its inputs. What ONNX
Runtime refuses, optc has to refuse. Those with `rows` also run with some and with eight times as
many iterations: in linear time that takes eight times as long, in quadratic time 64 times."""
import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import onnx
from harness import engines
from harness.compare import Mismatch, close
from loop_models import MODELS

RTOL, ATOL = 1e-5, 1e-6
ROUNDS, FEW, TIMES, LIMIT = 5, 10000, 8, 24


def outcome(engine, feeds):
    """The outputs, or the message of the failure."""
    try:
        return engine.run(feeds)
    except Exception as error:   # ONNX Runtime has many kinds of its own
        return str(error)


def is_empty_like(want, got):
    """Without a row ONNX Runtime takes the sizes of rows for 0; optc tells those it knows."""
    fits = got.ndim == want.ndim and all(w in (0, g) for w, g in zip(want.shape, got.shape))
    return fits and got.size == 0 and got.dtype == want.dtype


def difference(want, got):
    """What differs between two outcomes, or None."""
    if isinstance(want, str):
        return None if isinstance(got, str) else f"runs; ONNX Runtime says: {want}"
    if isinstance(got, str):
        return got
    try:
        for name, value in want.items():
            if value.size or not is_empty_like(value, got[name]):
                close(value, got[name], RTOL, ATOL, where=f"output '{name}'")
    except Mismatch as mismatch:
        return str(mismatch)
    return None


def seconds(engine, feeds):
    engine.set_inputs(feeds)
    start = time.thread_time()   # its only thread; what others do on the machine does not count
    engine.execute()
    return time.thread_time() - start


def slowness(model, engine):
    """How much longer so many times the iterations take, and the seconds of one run of them."""
    few, many = model.iterations(FEW), model.iterations(TIMES * FEW)
    times = [(seconds(engine, few), seconds(engine, many)) for _ in range(ROUNDS)]
    best = [min(column) for column in zip(*times)]
    return best[1] / best[0], best[1]


def run_model(model, folder, verbose):
    """(passed, failed)"""
    path = folder / f"{model.name}.onnx"
    path.write_bytes(onnx.parser.parse_model(model.text()).SerializeToString())
    engines.compile_model(path, folder / "model.optc")
    engine, oracle = engines.OptcLibrary(folder / "model.optc"), engines.OnnxRuntime(path)
    wrong = []
    for number, feeds in enumerate(model.feeds):
        want = outcome(oracle, feeds)
        if verbose:
            print(f"  {number}:", want if isinstance(want, str) else {k: v.shape for k, v in want.items()})
        wrong.append(difference(want, outcome(engine, feeds)))
    timing = ""
    if model.rows:
        wrong.append(difference(outcome(oracle, model.iterations(2 * FEW)), outcome(engine, model.iterations(2 * FEW))))
        ratio, took = slowness(model, engine)
        timing = f", {TIMES * FEW} rows in {1e3 * took:.1f} ms, {ratio:.1f} times as long as {FEW}"
        wrong.append(f"{ratio:.1f} times as long for {TIMES} times the rows" if ratio > LIMIT else None)
    misses = [text for text in wrong if text]
    for text in misses:
        print(f"MISS {model.name}: {text}")
    print(f"{model.name}: {len(wrong) - len(misses)} of {len(wrong)}{timing}", flush=True)
    return len(wrong) - len(misses), len(misses)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a model's name")
    parser.add_argument("-v", "--verbose", action="store_true", help="what ONNX Runtime gives")
    args = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="optc-loops-") as scratch:
        for model in MODELS:
            if args.names and not any(part in model.name for part in args.names):
                continue
            try:
                good, bad = run_model(model, Path(scratch), args.verbose)
            except engines.CompileError as error:
                print(f"MISS {model.name}: does not compile: {error}")
                good, bad = 0, 1
            passed, failed = passed + good, failed + bad
    print(f"loops: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
