#!/usr/bin/env python3
"""Compiles the real models with optc and compares their results with ONNX Runtime's.

  compare_models.py [NAME...] [--command] [--error 1e-4]

Every model runs at all input sizes of test/models/inputs.py from one artifact. An output
passes when its largest error is within 1e-4 of the output's scale and its argmax is the
same. --command runs through `optc run` instead of the library. Exit 1 on a miss."""
import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import engines
from harness.compare import same_argmax, scaled_error

engines.use_models()
import catalog
import inputs

ARTIFACTS = engines.ROOT / "build" / "artifacts"


def compare_case(case, engine, oracle, limit):
    """Runs all steps on both; each engine gets its own state back. (error, complaint)"""
    ours, theirs, worst = {}, {}, 0.0
    for number, step in enumerate(case.steps):
        theirs = oracle.run(engines.resolve(step, theirs, inputs.Carry))
        ours = engine.run(engines.resolve(step, ours, inputs.Carry))
        for name, want in theirs.items():
            error = scaled_error(want, ours[name])
            worst = max(worst, error)
            where = f"step {number}, output '{name}' {want.dtype}{list(want.shape)}"
            if error > limit:
                return worst, f"{where}: got {ours[name].dtype}{list(ours[name].shape)}, error {error:.1e} of scale"
            if not same_argmax(want, ours[name], limit):
                return worst, f"{where}: another argmax"
    return worst, ""


def compare_model(model, args):
    """Prints one line per case; the number of misses."""
    artifact = ARTIFACTS / f"{model.name}.optc"
    try:
        built = engines.compile_model(model.path, artifact)
        engine = engines.OptcCommand(artifact) if args.command else engines.OptcLibrary(artifact)
    except (engines.CompileError, engines.optc_runtime.OptcError) as error:
        print(f"{model.name:25} does not compile: {error}", flush=True)
        return len(inputs.cases(model.name))
    size = artifact.stat().st_size / 1e6
    print(f"{model.name:25} compiled in {built.seconds:.1f} s, {built.peak_mb:.0f} MB peak, artifact {size:.1f} MB", flush=True)
    oracle, misses = engines.OnnxRuntime(model.path), 0
    for case in inputs.cases(model.name):
        try:
            error, complaint = compare_case(case, engine, oracle, args.error)
        except (RuntimeError, engines.optc_runtime.OptcError) as failure:
            error, complaint = float("inf"), str(failure)
        misses += bool(complaint)
        print(f"  {'MISS' if complaint else 'ok  '} {case.name:34} {error:8.1e}  {complaint}", flush=True)
    return misses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--command", action="store_true", help="run through the optc command")
    parser.add_argument("--error", type=float, default=1e-4, help="largest error, of the output's scale")
    args = parser.parse_args()
    selected = catalog.select(args.names)
    total = sum(len(inputs.cases(model.name)) for model in selected)
    misses = sum(compare_model(model, args) for model in selected)
    print(f"models: {total - misses} passed, {misses} failed ({len(selected)} models)")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
