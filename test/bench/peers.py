#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Speed of optc beside ONNX Runtime, OpenVINO and IREE: all take turns, each in a process of its
own, on the same model and inputs; outputs are checked against ONNX Runtime.

  peers.py [ROW...] [--models NAME,...] [--threads 1,2] [--seconds 3] [--engines optc,onnxruntime,...]
           [--cpu-time] [--collapse] [-o OUT.json] [--plot OUT.svg]

Rows are those of rows.py, by the beginning of their name or their model's. The engines are installed
into build/bench/venv (requirements.txt) by the first call. README.md says how to read the table."""
import argparse
import json
import math
import os
import random
import select
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx

import report
import rows

ROOT, FOLDER, HERE = rows.ROOT, rows.FOLDER, Path(__file__).resolve().parent
from harness import engines
from harness.compare import scaled_error

VENV = FOLDER / "venv"
ORACLE = "onnxruntime"
ENGINES = ["optc", "optc-bf16", "onnxruntime", "openvino", "openvino-default", "iree"]
DYNAMIC = "optc-dynamic"   # optc on the model without the row's shapes
COMPILED = {"optc": (), DYNAMIC: (), "optc-bf16": ("--precision", "bf16")}   # arguments of optc
# Largest difference by the scale of an output, of engines that compute in f32.
TOLERANCE = 1e-3
# Engines that compute in bf16 where they can: least cosine of an output.
COSINES = {"openvino-default": 0.99, "optc-bf16": 0.99}
LOAD_SECONDS = 400     # IREE compiles in it
BURST_SECONDS = 0.1
PAUSE_SECONDS = 0.01   # until threads of the engine before have stopped spinning
MIN_ROUNDS = 5
# With another process on one core: the median at two threads over the time at one thread.
COLLAPSE_LIMIT = 2.2


def install():
    """The engines in a virtual environment of their own."""
    stamp, wanted = VENV / "installed", (HERE / "requirements.txt").read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"peers: installing the engines into {VENV.relative_to(ROOT)}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    subprocess.run([VENV / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r",
                    HERE / "requirements.txt"], check=True)
    stamp.write_text(wanted)


class Worker:
    """An engine_worker.py process."""

    def __init__(self, engine, threads):
        engine = "optc" if engine in COMPILED else engine
        self.log = open(FOLDER / f"{engine}.log", "a")
        self.process = subprocess.Popen([VENV / "bin" / "python", HERE / "engine_worker.py", engine, str(threads)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        start_new_session=True)

    def ask(self, timeout, **request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        if not ready:
            return {"failure": f"no answer in {timeout} s", "late": True}
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"failure": f"ended with code {self.process.wait()}"}

    def burst(self, seconds):
        return self.ask(60 + 100 * seconds, do="burst", seconds=seconds)

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)   # with a compiler it may have started
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()


class Contender:
    """One engine on one row, with the export that suits it best."""

    def __init__(self, engine, threads, clock="wall"):
        self.engine, self.threads, self.clock = engine, threads, clock
        self.worker, self.result, self.times = None, {}, []

    def load(self, row, exports):
        """Tries all exports; keeps the fastest."""
        failures = []
        for export, files in exports.items():
            worker, answer = self.load_one(export, files)
            if "failure" in answer:
                failures.append(answer["failure"])
                worker.close()
                if "late" in answer:
                    break
                continue
            trial = worker.burst(BURST_SECONDS if len(exports) > 1 else 0)
            answer |= {"export": export, "trial": min(trial.get(self.clock, [math.inf]))}
            if self.worker is None or answer["trial"] < self.result["trial"]:
                if self.worker:
                    self.worker.close()
                self.worker, self.result = worker, answer
            else:
                worker.close()
        if self.worker is None:
            self.result = {"failure": failures[0]}

    def load_one(self, export, files):
        """With the row's shapes in the model if the engine takes that, else without."""
        for pinned, model in ((True, files.pinned), (False, files.dynamic)):
            if pinned and self.engine == DYNAMIC:
                continue
            worker, outputs = Worker(self.engine, self.threads), FOLDER / f"outputs-{self.engine}.npz"
            try:
                answer = {}
                if self.engine in COMPILED:
                    model, answer = self.compile(model)
                answer |= worker.ask(LOAD_SECONDS, do="load", model=str(model), feeds=str(files.feeds),
                                     outputs=str(outputs))
            except engines.CompileError as error:
                answer = {"failure": str(error)}
            if "failure" not in answer:
                with np.load(outputs) as stored:
                    values = {name: stored[name] for name in stored.files}
                answer |= {"pinned": pinned} | files.compare(values)
                return worker, answer
            if not pinned or "late" in answer:
                break
            worker.close()
        return worker, answer

    def compile(self, model):
        artifact = FOLDER / "artifacts" / f"{model.stem}-{self.engine}.optc"
        built = engines.compile_model(model, artifact, arguments=COMPILED[self.engine])
        return artifact, {"compile_s": built.seconds, "compile_peak_mb": built.peak_mb,
                          "artifact_mb": artifact.stat().st_size / 1e6}

    def measure(self, seconds):
        time.sleep(PAUSE_SECONDS)
        answer = self.worker.burst(seconds)
        if "failure" in answer:
            self.result = answer
            self.close()
        else:
            self.times += answer[self.clock]

    def finish(self):
        if self.times:
            self.result |= {"min_ms": min(self.times) * 1e3, "median_ms": statistics.median(self.times) * 1e3,
                            "runs": len(self.times)}
            if self.engine in COSINES:
                self.result["wrong"] = not self.result["cosine"] >= COSINES[self.engine]
            else:
                self.result["wrong"] = not self.result["error"] <= TOLERANCE
        self.close()
        return self.result

    def close(self):
        if self.worker:
            self.worker.close()
        self.worker = None


class Files:
    """What the engines read for one export of a row, and what ONNX Runtime makes of it."""

    def __init__(self, row, export, feeds):
        self.pinned, self.dynamic = rows.derive(row, export, feeds)
        graph = onnx.load(str(self.pinned), load_external_data=False).graph
        self.feeds = FOLDER / f"feeds-{export}.npz"
        taken = {value.name: feeds[value.name] for value in graph.input}
        np.savez(self.feeds, **taken)
        oracle = engines.OnnxRuntime(self.dynamic)
        self.want = oracle.run(taken)

    def compare(self, got):
        """The largest error and the least cosine of an output. IREE numbers outputs."""
        names = list(self.want)
        named = {names[int(name)] if name.isdigit() and name not in names else name: value
                 for name, value in got.items()}
        if not names or not set(names) <= named.keys():
            return {"error": math.inf, "cosine": 0.0}
        pairs = [(want, named[name]) for name, want in self.want.items()]
        return {"error": max(scaled_error(*pair) for pair in pairs), "cosine": min(cosine(*pair) for pair in pairs)}


def cosine(want, got):
    if want.shape != got.shape:
        return 0.0
    want, got = (value.astype(np.float64).ravel() for value in (want, got))
    norms = np.linalg.norm(want) * np.linalg.norm(got)
    return float(want @ got / norms) if norms else float(np.array_equal(want, got))


def run_row(row, threads, args):
    feeds = row.feeds()
    exports = {export: Files(row, export, feeds) for export in row.exports}
    contenders = {engine: Contender(engine, threads, args.clock) for engine in args.engines}
    try:
        for contender in contenders.values():
            contender.load(row, exports)
        end, rounds = time.time() + args.seconds * len(contenders), 0
        while time.time() < end or rounds < MIN_ROUNDS:
            turn = [c for c in contenders.values() if c.worker]
            random.Random(rounds).shuffle(turn)
            for contender in turn:
                contender.measure(BURST_SECONDS)
            rounds += 1
    finally:
        results = {engine: contender.finish() for engine, contender in contenders.items()}
    return {"row": row.name, "threads": threads, "target": row.target, "bf16_target": row.bf16_target,
            "engines": results}


def machine_limits(threads):
    limits = {}
    for count in threads:
        text = subprocess.run([engines.OPTC, "bench", "--machine", "--json", "--threads", str(count)],
                              capture_output=True, text=True, check=True).stdout
        limits[count] = json.loads(text)
    return limits


BUSY = "import os, time\nos.sched_setaffinity(0, {%d})\nend = time.time() + %f\nwhile time.time() < end: pass\n"


def collapse(row, args):
    """optc at one thread, at two, and at two while another process keeps one CPU busy."""
    feeds = row.feeds()
    files = Files(row, row.exports[0], feeds)
    found = {"row": row.name}
    for label, threads, load in (("one", 1, False), ("two", 2, False), ("loaded", 2, True)):
        contender = Contender("optc", threads)
        busy = None
        try:
            contender.load(row, {row.exports[0]: files})
            if load:
                cpu = max(os.sched_getaffinity(0))
                busy = subprocess.Popen([sys.executable, "-c", BUSY % (cpu, args.seconds + 30)])
                time.sleep(0.2)
            contender.measure(args.seconds)
        finally:
            if busy:
                busy.kill()
                busy.wait()
            found[label] = contender.finish()
    found["ratio"] = found["loaded"]["median_ms"] / found["one"]["min_ms"]
    found["passed"] = found["ratio"] <= COLLAPSE_LIMIT
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: [name for name in text.split(",") if name]
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--models", type=names, default=[], help="rows of these models only")
    parser.add_argument("--threads", type=lambda text: [int(n) for n in names(text)], default=[1])
    parser.add_argument("--seconds", type=float, default=3, help="of each engine on each row")
    parser.add_argument("--engines", type=names, default=ENGINES)
    parser.add_argument("--cpu-time", dest="clock", action="store_const", const="cpu", default="wall",
                        help="CPU time of the engine's process instead of time: for a machine that others use, one thread")
    parser.add_argument("--collapse", action="store_true", help="only the test with a busy CPU, of optc alone")
    parser.add_argument("-o", "--out", type=Path)
    parser.add_argument("--plot", type=Path, help="an SVG of the ratios")
    args = parser.parse_args()
    if set(args.engines) - {*ENGINES, DYNAMIC}:
        parser.error(f"engines are {', '.join([*ENGINES, DYNAMIC])}")
    if args.clock == "cpu" and (args.collapse or args.threads != [1]):
        parser.error("--cpu-time is for one thread: several are meant to use more of it")
    chosen = rows.select(args.rows + args.models)
    FOLDER.mkdir(parents=True, exist_ok=True)
    install()
    if args.collapse:
        found = [collapse(row, args) for row in chosen]
        report.print_collapse(found, COLLAPSE_LIMIT)
        return 0 if all(one["passed"] for one in found) else 1
    table = report.Table(args.engines, machine_limits(args.threads), args.clock)
    for threads in args.threads:
        table.head(threads)
        for row in chosen:
            table.add(run_row(row, threads, args))
        table.summary(threads)
    if args.out:
        args.out.write_text(json.dumps(table.as_json(), indent=1) + "\n")
    if args.plot:
        args.plot.write_text(report.plot(table.results))
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
