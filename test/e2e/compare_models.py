#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the real models with optc and compares their results with ONNX Runtime's.

  compare_models.py [NAME...] [--command] [--error 1e-4] [--precision bf16] [--machine aarch64] [--case REGEX]

Every model runs at all input sizes of test/models/inputs.py from one artifact. An output
passes when its largest error is within 1e-4 of the output's scale and its argmax is the
same. With --precision bf16 it passes when the cosine between both is at least 0.999 and what
is largest here is within 15 % of the scale of what is largest there.
--command runs through `optc run` instead of the library. Exit 1 on a miss."""
import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import engines, machines
from harness.compare import cosine, same_argmax, scaled_error

engines.use_models()
import catalog
import inputs

ARTIFACTS = engines.ROOT / "build" / "artifacts"
# Of bf16, whose numbers have 8 bits. PP-OCR's probabilities react most: there OpenVINO's bf16 gives
# cosines down to 0.9964, and other letters where the best two are 0.14 apart.
LEAST_COSINE = {"ocr_rec": 0.998}
LEAST_COSINE_ELSE = 0.999
NEAR_BEST = 0.15


def complaint(want, got, model, args):
    """What is wrong with an output, or nothing."""
    if args.precision == "bf16":
        alike = cosine(want, got)
        if not alike >= LEAST_COSINE.get(model.name, LEAST_COSINE_ELSE):
            return f"cosine {alike:.5f}"
        return "" if same_argmax(want, got, NEAR_BEST) else "another argmax"
    error = scaled_error(want, got)
    if error > args.error:
        return f"got {got.dtype}{list(got.shape)}, error {error:.1e} of scale"
    return "" if same_argmax(want, got, args.error) else "another argmax"


def compare_case(case, engine, oracle, model, args):
    """Runs all steps on both; each engine gets its own state back. (error, complaint)"""
    ours, theirs, worst = {}, {}, 0.0
    for number, step in enumerate(case.steps):
        theirs = oracle.run(engines.resolve(step, theirs, inputs.Carry))
        ours = engine.run(engines.resolve(step, ours, inputs.Carry))
        for name, want in theirs.items():
            worst = max(worst, scaled_error(want, ours[name]))
            wrong = complaint(want, ours[name], model, args)
            if wrong:
                return worst, f"step {number}, output '{name}' {want.dtype}{list(want.shape)}: {wrong}"
    return worst, ""


def cases_of(model, args):
    return [case for case in inputs.cases(model.name) if re.search(args.case, case.name)]


def compare_model(model, args):
    """Prints one line per case; the number of misses."""
    machine = machines.MACHINES[args.machine]
    suffix = ("" if args.precision == "f32" else "." + args.precision) + ("" if args.machine == "here" else "." + args.machine)
    artifact = ARTIFACTS / f"{model.name}{suffix}.optc"
    try:
        built = engines.compile_model(model.path, artifact, arguments=["--precision", args.precision, *machine.arguments])
        engine = engines.OptcCommand(artifact) if args.command else machine.engine(artifact, level=args.level)
    except (engines.CompileError, engines.optc_runtime.OptcError) as error:
        print(f"{model.name:25} does not compile: {error}", flush=True)
        return len(cases_of(model, args))
    size = artifact.stat().st_size / 1e6
    print(f"{model.name:25} compiled in {built.seconds:.1f} s, {built.peak_mb:.0f} MB peak, artifact {size:.1f} MB", flush=True)
    oracle, misses = engines.OnnxRuntime(model.path), 0
    for case in cases_of(model, args):
        try:
            error, wrong = compare_case(case, engine, oracle, model, args)
        except (RuntimeError, engines.optc_runtime.OptcError) as failure:
            error, wrong = float("inf"), str(failure)
        misses += bool(wrong)
        print(f"  {'MISS' if wrong else 'ok  '} {case.name:34} {error:8.1e}  {wrong}", flush=True)
    return misses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--command", action="store_true", help="run through the optc command")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--level", help="the code to run; default: the best that the machine runs")
    parser.add_argument("--case", default="", metavar="REGEX", help="only input sizes of such names")
    machines.add_option(parser)
    parser.add_argument("--error", type=float, default=1e-4, help="largest error, of the output's scale")
    args = parser.parse_args()
    selected = catalog.select(args.names)
    total = sum(len(cases_of(model, args)) for model in selected)
    misses = sum(compare_model(model, args) for model in selected)
    print(f"models: {total - misses} passed, {misses} failed ({len(selected)} models)")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
