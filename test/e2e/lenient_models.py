#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models that ONNX's own tools refuse although they mean one thing, against ONNX Runtime.

  lenient_models.py [NAME...] [-v]

Each model of lenient_cases.py is compiled, run with its inputs and compared; `optc check` has to
call it supported, and to give the note that the case asks for, or none."""
import argparse
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import engines, process
from harness.builds import OPTC
from harness.compare import Mismatch, close
from lenient_cases import all_cases

RTOL, ATOL, SECONDS = 1e-5, 1e-5, 60


def wrong_notes(case, path):
    """What is wrong with the answer of `optc check`, or None."""
    result = process.run([OPTC, "check", path], SECONDS)
    if result.code or "supported" not in result.text:
        return f"check ends with {result.code}: {result.tail()}"
    notes = set(re.findall(r"^note: (OPTC-E\d{4}): ", result.text, re.M))
    wanted = {case.note} if case.note else set()
    return None if notes == wanted else f"check gives the notes {sorted(notes)}, wanted {sorted(wanted)}"


def run_case(case, folder):
    """What is wrong, or None."""
    path = folder / "model.onnx"
    path.write_bytes(case.model.SerializeToString())
    for name, content in (case.files or {}).items():
        (folder / name).write_bytes(content)
    try:
        want = engines.OnnxRuntime(case.oracle.SerializeToString() if case.oracle else path).run(case.feeds)
    except Exception as error:   # it has many kinds of its own
        return f"ONNX Runtime refuses it: {error}"
    try:
        engines.compile_model(path, folder / "model.optc")
        got = engines.OptcLibrary(folder / "model.optc").run(case.feeds)
        for name, array in want.items():
            close(array, got[name], RTOL, ATOL, where=f"output '{name}'")
    except (engines.CompileError, Mismatch) as error:
        return str(error)
    return wrong_notes(case, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a case's name")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what passes, too")
    args = parser.parse_args()
    passed = failed = 0
    for case in all_cases():
        if args.names and not any(part in case.name for part in args.names):
            continue
        with tempfile.TemporaryDirectory(prefix="optc-lenient-") as scratch:
            wrong = run_case(case, Path(scratch))
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        if wrong or args.verbose:
            print(f"MISS {case.name}: {wrong}" if wrong else f"ok   {case.name}", flush=True)
    print(f"lenient models: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
