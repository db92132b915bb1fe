#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles mutants of the models of the ONNX backend suite (mutations.py) and runs some of those that
compile: no crash, no internal error, no hang, no memory that grows with a damaged number.

  mutants.py [--cases N] [--seed N] [--only REGEX] [--jobs N] [--seconds N] [--keep DIR]
  mutants.py --seed N --case N            one again, with what it prints

The seed is the day of the year, so that every day tests others. A finding is kept as a model in DIR
(build/mutants), with the line that repeats it."""
import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "backend"))
import generate
import mutations
import numpy as np
import onnx
from bad_models import good
from harness import builds, process

SERVER = builds.BUILD / "bin" / "CommandServer"
CPU_SECONDS = 60 if builds.is_sanitized() else 10
ADDRESSES = (1 << 24) if builds.is_sanitized() else 4096   # MB
MEMORY = "512M"
MOST_ELEMENTS = 1 << 16    # of the inputs of a run
RUN_SHARE = 0.35
# Exit codes. A run may fail for its inputs' values, or for sizes that a machine does not have.
COMPILES, REFUSED = 0, 3
RUNS = (0, 2, 7)
CPU_KILLED = (-24, -9, -14)
SKIPPED_RUN = re.compile(r"OPTC-E0106|OPTC-E7001")   # a string; code of another machine
TYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16,
         11: np.float64, 12: np.uint32, 13: np.uint64}


@dataclass
class Answer:
    code: int
    seconds: float
    megabytes: int
    text: str


class Server:
    """The command optc from a process that has started (test/unit/Driver/CommandServer.cpp)."""

    def __init__(self, folder):
        self.folder = folder
        warm = folder / "good.onnx"
        warm.write_bytes(good().SerializeToString())
        arguments = ["build", warm, "-o", folder / "good.optc", "-q", "--level", "x86-64-v3", "-j", "1"]
        self.process = subprocess.Popen([SERVER, str(CPU_SECONDS), str(ADDRESSES), *map(str, arguments)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, cwd=folder)

    def run(self, *arguments):
        self.process.stdin.write("\t".join(map(str, arguments)).encode() + b"\n")
        self.process.stdin.flush()
        head = self.process.stdout.readline().split()
        if len(head) != 4:
            raise RuntimeError(f"the command server ended: {self.process.poll()}")
        text = self.process.stdout.read(int(head[3])).decode(errors="replace")
        return Answer(int(head[0]), float(head[1]), int(head[2]), text.strip())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def models(only):
    generate.ensure(generate.DEFAULT)
    found = sorted(p for kind in ("node", "simple") for p in (generate.DEFAULT / kind).glob("*/model.onnx"))
    return [p for p in found if p.stat().st_size < 1 << 16 and re.search(only, p.parent.name)]


def make(paths, seed, case):
    """(path of the model, what was done, bytes, random numbers for what follows)."""
    rng = random.Random(f"{seed}/{case}")
    path = rng.choice(paths)
    what, data = mutations.mutate(rng, onnx.load(path))
    return path, what, data, rng


def build_options(rng):
    options = ["--level", "x86-64-v3", "-j", "1", "-q", "--max-memory", MEMORY]
    chosen = rng.random()
    if chosen < 0.15:
        options += ["-O", "0"]
    elif chosen < 0.25:
        options += ["-O", "1"]
    elif chosen < 0.4:
        options += ["--precision", "bf16"]
    return options


def random_inputs(model, rng):
    """Small random tensors for the inputs, or None."""
    sizes, total, arrays = {}, 0, {}
    constants = {t.name for t in model.graph.initializer}
    for value in model.graph.input:
        if value.name in constants:
            continue
        kind = value.type.tensor_type
        shape = [sizes.setdefault(d.dim_param, rng.choice((0, 1, 2, 3, 5, 8))) if d.dim_param else d.dim_value if d.HasField("dim_value") and d.dim_value >= 0
                 else rng.choice((0, 1, 2, 3)) for d in kind.shape.dim]
        count = float(np.prod(shape, dtype=float))
        total += count
        if kind.elem_type not in TYPES or total > MOST_ELEMENTS:
            return None
        numbers = np.random.default_rng(rng.randrange(1 << 32))
        if kind.elem_type in (1, 10, 11):
            array = numbers.standard_normal(shape)
        else:
            array = numbers.integers(*rng.choice(((0, 2), (0, 5), (-3, 4), (0, 100))), shape)
        arrays[value.name] = np.asarray(array).astype(TYPES[kind.elem_type])
    return arrays


def judge(answer, codes, what):
    """What is wrong with how a command ended, or None."""
    if answer.code in CPU_KILLED:
        return f"{what} takes more than {CPU_SECONDS} s"
    if answer.code < 0:
        return f"{what} ends by signal {-answer.code}"
    if answer.code not in codes:
        return f"{what} ends with code {answer.code}"
    if answer.code and not re.search(r"OPTC-E\d{4}\b", answer.text):
        return f"{what} fails without an id"
    return None


def try_mutant(server, data, rng):
    """(how it ended, problem or None, text)."""
    path, artifact = server.folder / "m.onnx", server.folder / "m.optc"
    path.write_bytes(data)
    if rng.random() < 0.08:
        answer = server.run("check", path, "--max-memory", MEMORY)
        return "checked", judge(answer, (COMPILES, REFUSED), "check"), answer.text
    answer = server.run("build", path, "-o", artifact, *build_options(rng))
    problem = judge(answer, (COMPILES, REFUSED), "build")
    if problem or answer.code:
        return "refused", problem, answer.text
    if rng.random() > RUN_SHARE:
        return "compiled", None, ""
    arrays = random_inputs(onnx.load_from_string(data), rng)
    if arrays is None:
        return "compiled", None, ""
    arguments = []
    for i, (name, array) in enumerate(arrays.items()):
        if "\t" in name or "\n" in name or not name:
            return "compiled", None, ""
        np.save(server.folder / f"{i}.npy", array)
        arguments += ["--input", f"{name}={server.folder / f'{i}.npy'}"]
    answer = server.run("run", artifact, "--threads", "1", *arguments)
    if answer.code in CPU_KILLED or SKIPPED_RUN.search(answer.text):
        return "ran", None, ""   # a loop may be long
    return "ran", judge(answer, RUNS, "run"), answer.text


class Hunt:
    def __init__(self, args):
        self.args, self.paths = args, models(args.only)
        self.counts, self.findings, self.lock = {}, [], threading.Lock()
        self.ends = time.time() + args.seconds if args.seconds else None

    def work(self, cases):
        with tempfile.TemporaryDirectory(prefix="optc-mutants-") as scratch:
            server = Server(Path(scratch))
            for case in cases:
                if self.ends and time.time() > self.ends:
                    break
                self.one(server, case)
            server.close()

    def one(self, server, case):
        path, what, data, rng = make(self.paths, self.args.seed, case)
        ended, problem, text = try_mutant(server, data, rng)
        with self.lock:
            self.counts[ended] = self.counts.get(ended, 0) + 1
            done = sum(self.counts.values())
            if done % 1000 == 0:
                print(f"{done} done, {len(self.findings)} findings", flush=True)
            if self.args.case is not None:
                print(f"{path.parent.name}: {what}\n{text}\n{ended}")
            if problem:
                self.report(path, what, data, case, problem, text)

    def report(self, path, what, data, case, problem, text):
        self.args.keep.mkdir(parents=True, exist_ok=True)
        kept = self.args.keep / f"{self.args.seed}-{case}.onnx"
        kept.write_bytes(data)
        self.findings.append(case)
        only = f" --only '{self.args.only}'" if self.args.only else ""
        print(f"FAIL {path.parent.name}: {problem}\n     {what}\n     {text[-300:]}\n     kept as {kept}\n"
              f"     again: test/e2e/mutants.py --seed {self.args.seed} --case {case}{only}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seed", type=int, default=time.localtime().tm_yday)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--case", type=int, help="only this one")
    parser.add_argument("--only", default="", help="regex on names of models")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, help="start no more after this time")
    parser.add_argument("--keep", type=Path, default=builds.BUILD / "mutants", help="folder for findings")
    args = parser.parse_args()
    hunt = Hunt(args)
    cases = [args.case] if args.case is not None else range(args.first, args.first + args.cases)
    parts = [cases[i::args.jobs] for i in range(args.jobs)] if args.case is None else [cases]
    with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(hunt.work, parts))
    done = sum(hunt.counts.values())
    counts = ", ".join(f"{count} {name}" for name, count in sorted(hunt.counts.items()))
    print(f"seed {args.seed}, cases from {args.first}: {counts}")
    print(f"mutants: {done - len(hunt.findings)} passed, {len(hunt.findings)} failed")
    return 1 if hunt.findings else 0


if __name__ == "__main__":
    sys.exit(main())
