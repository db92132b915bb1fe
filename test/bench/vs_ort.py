#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Speed against ONNX Runtime: both engines take turns in one process, on the same inputs.

  vs_ort.py [NAME...] [--threads 1,2] [--seconds 3] [-o OUT.json]

A round is a burst of runs of one engine, then of the other; the first run after a change is
not counted, as it finds the caches and the cores full of the other engine. Inputs are bound
beforehand on both sides, outputs stay where the engine puts them. Given are the least and the
median time; the ratio is optc's least over ONNX Runtime's (below 1: optc is faster)."""
import argparse
import json
import math
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import onnxruntime
from harness import engines
from harness.compare import scaled_error

engines.use_models()
import catalog
import inputs

ARTIFACTS = engines.ROOT / "build" / "artifacts"
BURST_SECONDS = 0.1
# Long enough for the waiting threads of the other engine to stop spinning.
PAUSE_SECONDS = 0.005
MIN_ROUNDS = 5


class OrtTimed(engines.OnnxRuntime):
    def bind(self, feeds):
        self.binding = self.session.io_binding()
        for name, value in feeds.items():
            self.binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(value))
        for name in self.outputs:
            self.binding.bind_output(name)
        return lambda: self.session.run_with_iobinding(self.binding)


class OptcTimed(engines.OptcLibrary):
    def bind(self, feeds):
        self.set_inputs(feeds)
        return self.execute


def burst(run, count):
    """Times `count` runs after one that is not counted."""
    time.sleep(PAUSE_SECONDS)
    run()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def measure(runs, seconds):
    """Times of each run function, taking turns for `seconds` and MIN_ROUNDS at least."""
    counts = []
    for run in runs:
        run()
        counts.append(max(1, min(200, int(BURST_SECONDS / max(min(burst(run, 2)), 1e-6)))))
    times = [[] for _ in runs]
    end, rounds = time.time() + seconds, 0
    while time.time() < end or rounds < MIN_ROUNDS:
        for run, count, taken in zip(runs, counts, times):
            taken += burst(run, count)
        rounds += 1
    return times


def last_step(case, oracle):
    """The inputs of the case's last step, with the state ONNX Runtime makes before it."""
    outputs = {}
    for step in case.steps[:-1]:
        outputs = oracle.run(engines.resolve(step, outputs, inputs.Carry))
    return engines.resolve(case.steps[-1], outputs, inputs.Carry)


def bench_case(model, artifact, case, threads, seconds):
    oracle = OrtTimed(model.path, threads)
    ours = OptcTimed(artifact, threads)
    feeds = last_step(case, oracle)
    want, got = oracle.run(feeds), ours.run(feeds)
    error = max(scaled_error(value, got[name]) for name, value in want.items())
    theirs, mine = measure([oracle.bind(feeds), ours.bind(feeds)], seconds)
    row = {"case": case.name, "threads": threads, "error": error, "level": ours.level}
    for name, times in (("optc", mine), ("ort", theirs)):
        row[name] = {"min_ms": min(times) * 1e3, "median_ms": statistics.median(times) * 1e3, "runs": len(times)}
    row["ratio"] = row["optc"]["min_ms"] / row["ort"]["min_ms"]
    row["ratio_median"] = row["optc"]["median_ms"] / row["ort"]["median_ms"]
    return row


def bench_model(model, args):
    artifact = ARTIFACTS / f"{model.name}.optc"
    built = engines.compile_model(model.path, artifact)
    report = {"model": model.name, "compile_s": built.seconds, "compile_peak_mb": built.peak_mb,
              "model_mb": model.path.stat().st_size / 1e6, "artifact_mb": artifact.stat().st_size / 1e6, "cases": []}
    print(f"{model.name}: compiled in {built.seconds:.1f} s, {built.peak_mb:.0f} MB peak, "
          f"artifact {report['artifact_mb']:.1f} MB", flush=True)
    for case in (c for c in inputs.cases(model.name) if c.timed):
        for threads in args.threads:
            row = bench_case(model, artifact, case, threads, args.seconds)
            report["cases"].append(row)
            print(f"  {case.name:34}{threads:2} thread{'s' if threads > 1 else ' '}  "
                  f"optc {row['optc']['min_ms']:9.3f} ms (median {row['optc']['median_ms']:9.3f})  "
                  f"ORT {row['ort']['min_ms']:9.3f} ({row['ort']['median_ms']:9.3f})  "
                  f"ratio {row['ratio']:5.2f} ({row['ratio_median']:5.2f})  error {row['error']:.0e}", flush=True)
    return report


def summary(reports, threads):
    ratios = [row["ratio"] for r in reports for row in r["cases"] if row["threads"] == threads]
    if not ratios:
        return
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    print(f"{threads} thread{'s' if threads > 1 else ''}: geometric mean of the ratios {mean:.2f}, "
          f"worst {max(ratios):.2f}, {sum(r <= 1 for r in ratios)} of {len(ratios)} at least as fast as ONNX Runtime")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--threads", type=lambda t: [int(n) for n in t.split(",")], default=[1, 2])
    parser.add_argument("--seconds", type=float, default=3, help="for each case and number of threads")
    parser.add_argument("-o", "--out", type=Path)
    args = parser.parse_args()
    reports, failed = [], 0
    for model in catalog.select(args.names):
        try:
            reports.append(bench_model(model, args))
        except (engines.CompileError, engines.optc_runtime.OptcError) as error:
            print(f"{model.name}: {error}", flush=True)
            failed += 1
    for threads in args.threads:
        summary(reports, threads)
    if args.out:
        machine = {"cpus": os.cpu_count(), "onnxruntime": onnxruntime.__version__, "time": time.strftime("%Y-%m-%d")}
        args.out.write_text(json.dumps({"machine": machine, "models": reports}, indent=1))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
