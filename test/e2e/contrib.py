#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators of com.microsoft against ONNX Runtime, and models its optimizer writes.

  contrib.py [NAME...] [-v]

Each case of contrib_models.py is compiled once and runs with all its inputs. What ONNX Runtime has
no CPU kernel for is compared with a formula in numpy. Then models of plain operators: ONNX Runtime
optimizes them (ORT_ENABLE_EXTENDED), optc compiles the result, which has to compute what the plain
model does in ONNX Runtime."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
import onnxruntime
from contrib_models import CASES, PLAIN, REFUSED
from harness import engines
from harness.compare import Mismatch, close

LEVEL = ["--level", "x86-64-v3"]   # kernels have tests of their own at all levels
RTOL, ATOL = 1e-4, 1e-5
HALF = 1e-2


def tolerance(value):
    if value.dtype in (np.int8, np.uint8):   # ONNX Runtime rounds products of scales, optc sums
        return 0, 1
    return (HALF, HALF) if value.dtype == np.float16 else (RTOL, ATOL)


def compare(want, got, limit=None):
    """What differs, or None."""
    try:
        for name, value in want.items():
            close(value, got[name], *((limit, limit) if limit else tolerance(value)), where=f"output '{name}'")
    except Mismatch as mismatch:
        return str(mismatch)
    return None


def count(name, misses, runs, verbose):
    for miss in misses:
        print(f"MISS {name}: {miss}")
    if verbose and not misses:
        print(f"{name}: {runs} of {runs}")
    return runs - len(misses), len(misses)


def run_case(case, folder, verbose):
    path = folder / "case.onnx"
    path.write_bytes(case.model().SerializeToString())
    try:
        engines.compile_model(path, folder / "case.optc", arguments=LEVEL)
        engine = engines.OptcLibrary(folder / "case.optc")
        oracle = case.formula or engines.OnnxRuntime(path).run
        results = [compare(oracle(feeds), engine.run(feeds), case.tolerance) for feeds in case.feeds]
    except Exception as error:   # of either runtime
        results = [str(error)]
    return count(case.name, [text for text in results if text], len(results), verbose)


def optimize(source, target):
    """The operators of com.microsoft, and of others ONNX Runtime wrote."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    return {node.op_type for node in onnx.load(target, load_external_data=False).graph.node}


def run_plain(plain, folder, verbose):
    source, target = folder / "plain.onnx", folder / "optimized.onnx"
    onnx.save(plain.model(), source)
    try:
        missing = plain.fused - optimize(source, target)
        engines.compile_model(target, folder / "plain.optc", arguments=LEVEL)
        engine, oracle = engines.OptcLibrary(folder / "plain.optc"), engines.OnnxRuntime(source)
        results = [compare(oracle.run(feeds), engine.run(feeds)) for feeds in plain.feeds]
    except Exception as error:
        return count(plain.name, [str(error)], 1, verbose)
    results.append(f"ONNX Runtime does not write {sorted(missing)}" if missing else None)
    return count(plain.name, [text for text in results if text], len(results), verbose)


def run_refused(case, folder, verbose):
    """Refused with all the texts the case wants to see."""
    path = folder / "refused.onnx"
    path.write_bytes(case.model().SerializeToString())
    try:
        engines.compile_model(path, folder / "refused.optc", arguments=LEVEL)
        misses = ["it compiles"]
    except engines.CompileError as error:
        misses = [str(error)] if any(text not in str(error) for text in case.texts) else []
    return count(case.name, misses, 1, verbose)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a case's name")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="optc-contrib-") as scratch:
        for cases, run in ((CASES, run_case), (PLAIN, run_plain), (REFUSED, run_refused)):
            for case in cases:
                if not args.names or any(part in case.name for part in args.names):
                    good, bad = run(case, Path(scratch), args.verbose)
                    passed, failed = passed + good, failed + bad
    print(f"contrib: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
