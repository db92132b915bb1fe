#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Contexts of one loaded artifact on several threads at the same time.

  threads.py [NAME...] [--threads 4] [--rounds 3]

Each thread has a context of its own and goes through the input sizes of
test/models/inputs.py, each in another order; every output must be what one context alone
gives, to the bit. Models: silero_vad (states, branches), ocr_rec (dynamic sizes) by default."""
import argparse
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from harness import engines

engines.use_models()
import catalog
import inputs

ARTIFACTS = engines.ROOT / "build" / "artifacts"


def run_case(case, engine):
    """Outputs of all steps."""
    outputs, all_outputs = {}, []
    for step in case.steps:
        outputs = engine.run(engines.resolve(step, outputs, inputs.Carry))
        all_outputs.append(outputs)
    return all_outputs


def differs(want, got):
    return any(not np.array_equal(value, other[name], equal_nan=True)
               for step, other in zip(want, got) for name, value in step.items())


def work(number, engine, cases, expected, rounds, complaints):
    try:
        for round_ in range(rounds):
            for i in range(len(cases)):
                at = (i * (number % 2 * 2 - 1) + number + round_) % len(cases)
                if differs(expected[at], run_case(cases[at], engine)):
                    complaints.append(f"thread {number}, round {round_}: {cases[at].name} gives other values")
    except Exception as error:
        complaints.append(f"thread {number}: {error}")


def check_model(model, args):
    artifact = ARTIFACTS / f"{model.name}.optc"
    engines.compile_model(model.path, artifact)
    first = engines.OptcLibrary(artifact)
    cases = inputs.cases(model.name)
    expected = [run_case(case, first) for case in cases]
    complaints = []
    contexts = [first.another(threads=1 + i % 2) for i in range(args.threads)]
    threads = [threading.Thread(target=work, args=(i, context, cases, expected, args.rounds, complaints))
               for i, context in enumerate(contexts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    failed = 0
    models = catalog.select(args.names or ["silero_vad_16k_op15", "silero_vad_16k_sequence", "ocr_rec"])
    for model in models:
        complaints = check_model(model, args)
        failed += bool(complaints)
        for complaint in complaints:
            print(f"MISS {model.name}: {complaint}")
        print(f"{model.name}: {args.threads} threads, {args.rounds} rounds, {len(complaints)} misses", flush=True)
    print(f"threads: {len(models) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
