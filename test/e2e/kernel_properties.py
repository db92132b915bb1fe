#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws cases for every family of kernels (properties/), compiles them and compares with numpy.

  kernel_properties.py [FAMILY...] [--seed N] [--cases N] [--only NUMBER] [--jobs N] [--machine aarch64]

Sizes are empty, one, prime, around the widths of vectors and tiles, and some thousands. Each case
runs with static sizes and with sizes the compiler does not know; in f32 and, where the family has
products, with --precision bf16; with the code of every level this machine runs. References are
float64, each with the error that f32 may have (properties/bounded.py). Then NaN and infinities are
put into the inputs, and must come out where ONNX Runtime has them (properties/nonfinite.py).

A miss prints the line that repeats it. Exit 1 on a miss."""
import argparse
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")   # one process per CPU is enough
import numpy as np
from harness import engines, machines
from properties import case as cases_of
from properties import nonfinite
from properties.case import FAMILIES, model
from properties import attention, conv, elementwise, integers, matmul, movement, pool, recurrent, rows  # fill FAMILIES

THREADS = 3   # as many runs share the rows of a kernel
LEVEL_MISSING = 7001
BATCH = 12


@dataclass
class Miss:
    family: str
    number: int
    how: str      # precision, sizes, level
    case: str
    what: str


def first_difference(reference, got):
    """What is wrong with an output, or nothing."""
    exact = isinstance(reference, np.ndarray)
    expected = reference if exact else reference.value
    if got.shape != expected.shape:
        return f"shape {list(got.shape)}, expected {list(expected.shape)}"
    wrong = (got != expected) & ((got == got) | (expected == expected)) if exact else reference.misses(got)
    if not wrong.any():
        return ""
    place = np.unravel_index(wrong.argmax(), wrong.shape)
    bound = "" if exact else f", at most {reference.error[place]:.1e} off"
    return (f"{wrong.sum()} of {wrong.size} wrong, first at {[int(i) for i in place]}: {got[place]!s}, "
            f"expected {expected[place]:.9g}{bound}")


def compare(case, got, precision):
    """What is wrong with the outputs of a case."""
    for name, (_, reference) in case.outputs.items():
        wrong = ""
        for allowed in case.references(name, precision) if reference else ():
            wrong = first_difference(allowed, got[name])
            if not wrong:
                break
        if wrong:
            return wrong
    return ""


class Batch:
    """Some cases of a family as one model."""

    def __init__(self, family, cases, folder, machine):
        self.family, self.cases, self.folder, self.machine = family, cases, folder, machine

    def feeds(self):
        return {name: array for case in self.cases for name, array in case.feeds().items()}

    def build(self, precision, symbolic, *arguments):
        """The artifact; raises CompileError."""
        path = self.folder / f"{'symbolic' if symbolic else 'static'}.onnx"
        path.write_bytes(model(self.cases, symbolic).SerializeToString())
        artifact = self.folder / "model.optc"
        engines.compile_model(path, artifact, arguments=["--precision", precision, *self.machine.arguments, "--level",
                                                         *self.machine.levels[precision], "--jobs", "1", *arguments])
        return artifact

    def misses(self, precision, symbolic):
        """Yields a Miss, or None for what is right, per case and level."""
        sizes = "symbolic" if symbolic else "static"
        try:
            artifact = self.build(precision, symbolic)
        except engines.CompileError as error:
            yield from self.alone(precision, symbolic, f"{precision} {sizes}", str(error))
            return
        for level in self.machine.levels[precision]:
            how = f"{precision} {sizes} {level}"
            try:
                engine = self.machine.engine(artifact, level=level)
                got, shared = engine.run(self.feeds()), engine.another(THREADS).run(self.feeds())
            except engines.optc_runtime.OptcError as error:
                if error.code == LEVEL_MISSING:
                    continue
                yield from self.alone(precision, symbolic, how, str(error))
                return
            for case in self.cases:
                wrong = compare(case, got, precision)
                yield self.miss(case, how, wrong) if wrong else None
                wrong = compare(case, shared, precision)
                yield self.miss(case, f"{how}, {THREADS} threads", wrong) if wrong else None
            if precision == "f32" and not symbolic:
                yield from self.nonfinite_misses(engine, how)

    def alone(self, precision, symbolic, how, error):
        """Finds which cases of a batch cannot be compiled or run."""
        if len(self.cases) == 1:
            yield self.miss(self.cases[0], how, error)
            return
        for case in self.cases:
            yield from Batch(self.family, [case], self.folder, self.machine).misses(precision, symbolic)

    def nonfinite_misses(self, engine, how):
        """ONNX Runtime gets what has elements, for its GRU ends the process without, and floats among them."""
        judged = [case for case in self.cases if all(array.size for array in case.feeds().values())
                  and any(array.dtype.kind == "f" for array in case.feeds().values())]
        if not judged:
            return
        oracle = engines.OnnxRuntime(model(judged, False).SerializeToString())
        yield from self.judge_nonfinite(engine, oracle, judged, how, not self.family.spreads)
        if self.family.spreads == "unless exact":
            artifact = self.build("f32", False, "--exact")
            exact = self.machine.engine(artifact, level=engine.level)
            yield from self.judge_nonfinite(exact, oracle, judged, how + " --exact", True)

    def judge_nonfinite(self, engine, oracle, judged, how, exact):
        feeds = {}
        for case in judged:
            feeds |= nonfinite.poisoned(case)
        want, got = oracle.run(feeds), engine.run(self.feeds() | feeds)
        for case in judged:
            for name, (_, reference) in case.outputs.items():
                expected = case.expected(name, feeds) if case.own_nan else want[name]
                wrong = nonfinite.difference(expected, got[name], exact, "numpy" if case.own_nan else "ONNX Runtime")
                if not wrong and not reference:
                    wrong = nonfinite.far(want[name], got[name])
                if wrong:
                    yield self.miss(case, how + " non-finite", wrong)
                    break
            else:
                yield None

    def miss(self, case, how, what):
        return Miss(self.family.name, case.number, how, case.describe(), what)


def run_batch(task):
    """All forms of one batch: (passed, misses)."""
    name, seed, numbers, machine = task
    family = FAMILIES[name]
    with tempfile.TemporaryDirectory(prefix="optc-properties-") as folder:
        batch = Batch(family, [family.case(seed, number) for number in numbers], Path(folder), machines.MACHINES[machine])
        results = [miss for precision, symbolic in itertools.product(["f32", "bf16"] if family.narrow else ["f32"], [False, True])
                   for miss in batch.misses(precision, symbolic)]
    misses = [miss for miss in results if miss]
    return name, len(results) - len(misses), misses


def run_tasks(tasks, jobs):
    """The results of all tasks as they come. When code that was compiled ends the process it runs in,
    what was not done runs again, batch by batch, then case by case."""
    context, undone = multiprocessing.get_context("spawn"), dict.fromkeys(tasks)
    with ProcessPoolExecutor(jobs, context) as pool:
        futures = {pool.submit(run_batch, task): task for task in tasks}
        for future in as_completed(futures):
            if not future.exception():
                del undone[futures[future]]
            if not isinstance(future.exception(), BrokenProcessPool):
                yield future.result()
    for name, seed, numbers, machine in undone:
        if len(tasks) > 1:
            yield from run_tasks([(name, seed, numbers, machine)], 1)
        elif len(numbers) > 1:
            yield from itertools.chain(*(run_tasks([(name, seed, (number,), machine)], 1) for number in numbers))
        else:
            case = FAMILIES[name].case(seed, numbers[0])
            yield name, 0, [Miss(name, numbers[0], "in some form", case.describe(), "the process crashed")]


def tasks_of(args):
    """Batches of cases, the slowest families first."""
    made = []
    for name in args.families or FAMILIES:
        count = max(1, round(args.cases * FAMILIES[name].weight))
        numbers = [args.only] if args.only is not None else list(range(count))
        made += [(name, args.seed, tuple(numbers[i:i + BATCH]), args.machine) for i in range(0, len(numbers), BATCH)]
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", metavar="FAMILY", choices=[*FAMILIES, []])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=6, help="per family, about")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one case")
    parser.add_argument("--jobs", type=int, default=2)
    machines.add_option(parser)
    args = parser.parse_args()
    start, passed, failed = time.time(), {}, {}
    for name, good, misses in run_tasks(tasks_of(args), args.jobs):
        passed[name], failed[name] = passed.get(name, 0) + good, failed.get(name, 0) + len(misses)
        for miss in misses:
            print(f"MISS {miss.how}: {miss.case}\n     {miss.what}\n     kernel_properties.py {miss.family} "
                  f"--seed {args.seed} --only {miss.number} --machine {args.machine}", flush=True)
    for name in passed:
        print(f"  {'MISS' if failed[name] else 'ok  '} {name:24} {passed[name] + failed[name]:5} compared", flush=True)
    print(f"({time.time() - start:.0f} s)")
    print(f"properties: {sum(passed.values())} passed, {sum(failed.values())} failed")
    return 1 if sum(failed.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
