# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of one operator or a few, each compiled once, run with many inputs and compared with an
oracle; and models and inputs that have to be refused. For the scripts with a topic of their own."""
import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from harness import engines
from harness.compare import Mismatch, close


@dataclass
class OpCase:
    """`oracle(feeds)` gives the outputs in order; without one ONNX Runtime does. `refused` is a
    text that the message has to have: of the compiler, or with feeds, of every run."""
    name: str
    model: onnx.ModelProto
    feeds: list
    oracle: Optional[Callable[[dict], Any]] = None
    rtol: float = 1e-5
    atol: float = 1e-5
    refused: str = ""


def model(text, opset=21, ir=10):
    """A model of the text of its graph: 'name (inputs) => (outputs) {nodes}'."""
    return onnx.parser.parse_model(f'<ir_version: {ir}, opset_import: ["" : {opset}]>\n{text}')


def difference(case, feeds, engine, oracle):
    """What is wrong with one run, or None."""
    try:
        got = engine.run(feeds)
    except engines.optc_runtime.OptcError as error:
        if case.refused and case.refused in str(error):
            return None
        return str(error)
    if case.refused:
        return f"runs; it has to say: {case.refused}"
    feeds = {name: np.asarray(value) for name, value in feeds.items()}
    names = [output.name for output in case.model.graph.output]
    with np.errstate(all="ignore"):
        want = dict(zip(names, case.oracle(feeds))) if case.oracle else oracle.run(feeds)
    for name in names:
        try:
            close(want[name], got[name], case.rtol, case.atol, where=f"output '{name}'")
        except Mismatch as mismatch:
            return str(mismatch)
    return None


def run_case(case, folder):
    """What is wrong, one text per check; the number of checks."""
    path = folder / "model.onnx"
    path.write_bytes(case.model.SerializeToString())
    try:
        engines.compile_model(path, folder / "model.optc")
    except engines.CompileError as error:
        if case.refused and not case.feeds and case.refused in str(error):
            return [], 1
        return [f"does not compile: {error}"], max(1, len(case.feeds))
    if case.refused and not case.feeds:
        return [f"compiles; it has to say: {case.refused}"], 1
    engine = engines.OptcLibrary(folder / "model.optc")
    oracle = None if case.oracle or case.refused else engines.OnnxRuntime(case.model.SerializeToString())
    results = [difference(case, feeds, engine, oracle) for feeds in case.feeds]
    return [f"inputs {i}: {wrong}" for i, wrong in enumerate(results) if wrong], len(results)


def main(topic, cases, description):
    """Runs the cases whose name has one of the given texts, and further checks: functions named
    `check_...` that give what is wrong."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a case's name")
    args = parser.parse_args()
    passed = failed = 0
    for case in cases:
        if args.names and not any(part in case.name for part in args.names):
            continue
        with tempfile.TemporaryDirectory(prefix=f"optc-{topic}-") as scratch:
            wrong, total = run_case(case, Path(scratch))
        passed, failed = passed + total - len(wrong), failed + len(wrong)
        for line in wrong:
            print(f"MISS {case.name}: {line}", flush=True)
    print(f"{topic}: {passed} passed, {failed} failed")
    return 1 if failed else 0
