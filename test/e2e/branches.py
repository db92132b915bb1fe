#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""If against ONNX Runtime: branches of different ranks, conditions that sizes decide, branches that are
not valid.

  branches.py [NAME...] [--cases N] [--seed S]

First the models of branch_models.py, then N models that are drawn: two branches of any rank, and
what is computed of their result. A miss of these prints the line that repeats it. Exit 1 on a miss."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from branch_models import MODELS, Model
from harness import engines
from harness.compare import Mismatch, close

HEADER = '<ir_version: 8, opset_import: ["" : 18]>\n'

# What a branch makes of x [a, b, c], b being 1 in some feeds.
BRANCHES = ["Identity(x)", "Neg(x)", "Reshape(x, all)", "Flatten <axis = 1> (x)", "Unsqueeze(x, zero)", "Transpose <perm = [2, 0, 1]> (x)",
            "ReduceSum <keepdims = 0> (x, one)", "ReduceMax <keepdims = 0> (x)", "Slice(x, zero, one)", "Squeeze(x, one)"]
CONDITIONS = ["c = Identity(flag)", "s = Shape(x) d = Gather(s, at) c = Equal(d, at)", "s = Shape(x) d = Size(s) c = Less(d, at)",
              "s = Shape(x) d = Gather(s, first) c = Greater(d, at)", "k = ReduceMax <keepdims = 0> (x) c = Greater(k, half)"]
# What is computed of a value {0}.
TAILS = ["Relu({0})", "Neg({0})", "Mul({0}, half)", "Softmax <axis = -1> ({0})", "ReduceMax({0})", "ReduceSum <keepdims = 0> ({0})",
         "Concat <axis = -1> ({0}, {0})", "Unsqueeze({0}, zero)", "Flatten <axis = 0> ({0})", "Transpose <perm = [1, 0]> ({0})",
         "Transpose <perm = [0, 2, 1]> ({0})", "Reshape({0}, all)", "Add({0}, {0})", "Slice({0}, zero, one)", "Exp(half)", "MatMul({0}, w)"]


def drawn(seed):
    """A model with one or two Ifs, their results and what is made of them as outputs."""
    rng = np.random.default_rng(seed)
    pick = lambda items: items[rng.integers(len(items))]
    lines, values = [pick(CONDITIONS), "low = ReduceMin <keepdims = 0> (x) inner = Less(low, half)"], []

    def branch(name):
        """Mostly one node, sometimes an If of its own."""
        if rng.random() < 0.8:
            return pick(BRANCHES)
        return (f"If(inner) <then_branch = a{name} () => (float[] p{name}) {{ p{name} = {pick(BRANCHES)} }}, "
                f"else_branch = b{name} () => (float[] q{name}) {{ q{name} = {pick(BRANCHES)} }}>")

    for i in range(1 if rng.random() < 0.7 else 2):
        then, other = branch(f"t{i}"), branch(f"o{i}")
        lines.append(f'["/if{i}"] r{i} = If(c) <then_branch = yes{i} () => (float[] t{i}) {{ t{i} = {then} }}, '
                     f'else_branch = no{i} () => (float[] o{i}) {{ o{i} = {other} }}>')
        values.append(f"r{i}")
    for i in range(rng.integers(0, 5)):
        lines.append(f"v{i} = {pick(TAILS).format(pick(values))}")
        values.append(f"v{i}")
    outputs = sorted(set([values[-1], pick(values)]))
    dims = pick(["a, b, c", "a, 1, c", "2, 1, 3", "2, b, 3"])
    text = (f"drawn (bool flag, float[{dims}] x) => ({', '.join('float[] ' + o for o in outputs)}) <int64[1] one = {{1}}, int64[1] zero = {{0}}, "
            f"int64[1] all = {{-1}}, int64 at = {{1}}, int64 first = {{0}}, float half = {{0.5}}, float[3, 2] w = {{1, 2, 3, 4, 5, 6}}> {{\n"
            + "\n".join(lines) + "\n}")
    feeds = []
    for flag in (True, False):
        for sizes in ((2, 1, 3), (2, 4, 3), (1, 1, 3), (3, 2, 3)):
            if all(d.strip() in ("a", "b", "c", str(s)) for d, s in zip(dims.split(","), sizes)):
                feeds.append({"flag": np.array(flag), "x": rng.standard_normal(sizes).astype(np.float32)})
    return Model(f"--seed {seed} --cases 1", text, feeds)


def run(engine, feeds):
    """The outputs, or the message of the failure."""
    try:
        return engine.run(feeds)
    except Exception as error:   # ONNX Runtime has many kinds of its own
        return str(error)


def difference(want, got, error):
    """What is wrong with an outcome, or None. `error`: a part of the message that is expected."""
    if error is not None:
        if not isinstance(got, str):
            return "runs, but the condition takes a branch that can not go on"
        return None if error in got else f"the error does not name {error}: {got}"
    if isinstance(want, str):
        return None if isinstance(got, str) else f"runs; ONNX Runtime says: {want[:300]}"
    if isinstance(got, str):
        return got
    try:
        for name, value in want.items():
            close(value, got[name], 1e-5, 1e-6, where=f"output '{name}'")
    except Mismatch as mismatch:
        return str(mismatch)
    return None


def run_model(model, folder):
    """What is wrong, as lines; None if there is nothing to compare."""
    path = folder / "model.onnx"
    proto = onnx.parser.parse_model(HEADER + model.text)
    onnx.save(proto, path)
    try:
        oracle = engines.OnnxRuntime(path)
    except Exception:   # not a model
        return None if model.name.startswith("--") else ["ONNX Runtime does not load it"]
    try:
        engines.compile_model(path, folder / "model.optc")
    except engines.CompileError as error:
        # A model that fails whatever the branch need not be compiled.
        fails = all(isinstance(run(oracle, feeds), str) for feeds in model.feeds)
        return None if fails else [f"does not compile: {error}"]
    engine, wrong = engines.OptcLibrary(folder / "model.optc"), []
    for feeds, error in zip(model.feeds, model.errors):
        want = run(oracle, feeds)
        if isinstance(want, str) and model.name.startswith("--"):
            continue   # it may fail in what no output needs
        line = difference(want, run(engine, feeds), error)
        if line:
            wrong.append(f"{ {k: v.shape or v.item() for k, v in feeds.items()} }: {line}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a model's name")
    parser.add_argument("--cases", type=int, default=20, help="models to draw")
    parser.add_argument("--seed", type=int, default=None, help="of the first; only drawn models then")
    args = parser.parse_args()
    models = [m for m in MODELS if not args.names or any(part in m.name for part in args.names)]
    if args.seed is not None:
        models = []
    if not args.names:
        models += [drawn(seed) for seed in range(args.seed or 0, (args.seed or 0) + args.cases)]
    passed = failed = 0
    for model in models:
        with tempfile.TemporaryDirectory(prefix="optc-branches-") as scratch:
            wrong = run_model(model, Path(scratch))
        passed, failed = passed + (wrong == []), failed + bool(wrong)
        if wrong:
            print(f"MISS: branches.py {model.name}", flush=True)
        for line in wrong or ():
            print(f"     {line}")
    print(f"branches: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
