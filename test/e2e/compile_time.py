#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that the time a compile takes grows with the size of the model, not with a power of it.

  compile_time.py [NAME...] [-v]

Every family of deep_models.py is compiled at one size and at twice that. What it takes more than the
smallest model of all may grow to `MOST` times: in linear time it doubles, in quadratic time it is four
times as much, and what is exponential does not end. Counted is CPU time, and the least of a few rounds
where the first one is over the limit, because others may use the machine. Where a family has a limit
of memory, that holds, too. The smaller model has to give what ONNX Runtime does."""
import argparse
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import engines
from harness.builds import is_sanitized
from harness.compare import Mismatch, close
from deep_models import FAMILIES, feeds, smallest

MOST = 3.0       # times, for twice the size
FLOOR = 0.25     # seconds: shorter times are taken for this long
ROUNDS, TIMEOUT = 3, 300


class Compiler:
    def __init__(self, folder):
        self.folder = folder
        self.base = min(self.measure("smallest", smallest()).cpu_seconds for _ in range(ROUNDS))

    def measure(self, name, model):
        path = self.folder / f"{name}.onnx"
        path.write_bytes(model.SerializeToString())
        return engines.compile_model(path, path.with_suffix(".optc"), TIMEOUT,
                                     ["--level", "x86-64-v3", "--jobs", "1", "--quiet"])


def difference(model, artifact):
    """What the results differ in, or None."""
    values = feeds(model)
    got = engines.OptcLibrary(artifact).run(values)
    try:
        for name, want in engines.OnnxRuntime(model.SerializeToString()).run(values).items():
            close(want, got[name], 1e-4, 1e-4 * max(abs(want).max(), 1e-30), where=f"output '{name}'")
    except Mismatch as mismatch:
        return str(mismatch)
    return None


def complaint(small, large, peak, family, base):
    """What is wrong with the times and the memory of a family, or None."""
    limit = MOST * max(small - base, FLOOR)
    if large - base > limit:
        return f"{large - base:.2f} s, which is more than {limit:.2f}"
    if family.peak_mb and peak > family.peak_mb and not is_sanitized():
        return f"{peak:.0f} MB, which is more than {family.peak_mb}"
    return None


def check(family, compiler):
    """What is wrong, or None, and the figures."""
    small = large = float("inf")
    for _ in range(ROUNDS):
        try:
            results = [compiler.measure(f"{family.name}-{times}", family.build(times * family.size)) for times in (1, 2)]
        except engines.CompileError as error:
            return str(error), "no end"
        small, large = min(small, results[0].cpu_seconds), min(large, results[1].cpu_seconds)
        wrong = complaint(small, large, results[1].peak_mb, family, compiler.base)
        if not wrong:
            break
    wrong = wrong or difference(family.build(family.size), compiler.folder / f"{family.name}-1.optc")
    return wrong, f"{family.size}: {small:.2f} s, {2 * family.size}: {large:.2f} s, {results[1].peak_mb:.0f} MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("-v", "--verbose", action="store_true", help="also the times of what passes")
    args = parser.parse_args()
    chosen = [f for f in FAMILIES if not args.names or any(name in f.name for name in args.names)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="optc-time-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        compiler = Compiler(Path(folder))
        for family, (wrong, figures) in zip(chosen, pool.map(lambda family: check(family, compiler), chosen)):
            failed += bool(wrong)
            if wrong or args.verbose:
                print(f"FAIL {family.name}: {wrong} ({figures})" if wrong else f"ok   {family.name}: {figures}", flush=True)
    print(f"compile_time: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
