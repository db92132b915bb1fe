#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Artifacts of released versions: the current runtime opens each and gives the results recorded
with it. Runtimes of released versions: each runs what this compiler makes, or refuses it by name.

  frozen.py          checks every optc-<version>.optc and runtime-<version>.so.xz of this folder
  frozen.py --make   writes the one of the version being released, with ONNX Runtime's results

An artifact is made once, when its version is released, and never again; it is never deleted.
Beside it lies optc-<version>.npz: inputs "in.NAME" and results "out.NAME". A runtime is the library of
preset release for x86-64, stripped, with -Os; of the one of version 0.1 the functions that a newer artifact
may call are fewer."""
import lzma
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from harness import optc_runtime
from harness.builds import OPTC

HERE = Path(__file__).resolve().parent
# Small on purpose, but of each part of an artifact something: weights, a size that stays open, memory
# that the data decides, checked indices, sorting, a loop on the threads, functions of libm.
MODEL = """<ir_version: 10, opset_import: ["": 23]>
frozen (float[N, 4] x, double[N] d, int64[K] rows)
    => (float[N, 3] y, float[N, 2] top, int64[2, M] where, float[K, 3] picked, double[N] e)
<float[4, 3] w = {0.5, -1.0, 2.0, 1.5, 0.25, -0.5, -2.0, 1.0, 0.75, 0.125, -0.25, 3.0}, float[3] b = {0.1, 0.2, -0.3},
 int64[1] two = {2}> {
  ["/fc/MatMul"] m = MatMul(x, w)
  ["/fc/Add"] a = Add(m, b)
  ["/fc/Relu"] y = Relu(a)
  ["/top"] top, order = TopK(a, two)
  ["/where"] where = NonZero(y)
  ["/pick"] picked = Gather(a, rows)
  ["/exp"] e = Exp(d)
}
"""
# What every runtime has the functions for.
PLAIN = """<ir_version: 10, opset_import: ["": 23]>
plain (float[N, 4] x) => (float[N, 3] y) <float[4, 3] w = {0.5, -1.0, 2.0, 1.5, 0.25, -0.5, -2.0, 1.0, 0.75, 0.125, -0.25, 3.0}> {
  m = MatMul(x, w)
  y = Softmax(m)
}
"""
# The sums of a few products in f32, in another order.
TOLERANCE = 1e-6


def inputs():
    rng = np.random.default_rng(0)
    return {"x": rng.standard_normal((5, 4)).astype(np.float32), "d": rng.standard_normal(5),
            "rows": np.array([4, 0, -2], np.int64)}


def compile_model(proto, target):
    with tempfile.TemporaryDirectory(prefix="optc-frozen-") as scratch:
        (Path(scratch) / "model.onnx").write_bytes(proto)
        subprocess.run([OPTC, "model.onnx", "--level", "x86-64-v3", "-o", target, "-q"], cwd=scratch, check=True)


def make():
    import onnx.parser
    import onnxruntime
    cmake = (HERE.parents[1] / "CMakeLists.txt").read_text()
    version = re.search(r"project\(optc VERSION (\d+\.\d+)", cmake).group(1)
    target = HERE / f"optc-{version}.optc"
    if target.exists():
        sys.exit(f"{target.name} exists and is not to be made again")
    proto = onnx.parser.parse_model(MODEL).SerializeToString()
    feeds = inputs()
    session = onnxruntime.InferenceSession(proto, providers=["CPUExecutionProvider"])
    results = dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds)))
    compile_model(proto, target)
    np.savez(target.with_suffix(".npz"), **{"in." + k: v for k, v in feeds.items()},
             **{"out." + k: v for k, v in results.items()})


def check(artifact):
    """What is wrong with an artifact, or None."""
    with np.load(artifact.with_suffix(".npz")) as recorded:
        feeds = {k[3:]: v for k, v in recorded.items() if k.startswith("in.")}
        expected = {k[4:]: v for k, v in recorded.items() if k.startswith("out.")}
    for threads in (1, 2):
        results = optc_runtime.Model(artifact, threads).run(feeds)
        if results.keys() != expected.keys():
            return f"outputs {sorted(results)}, recorded {sorted(expected)}"
        for name, value in expected.items():
            if results[name].dtype != value.dtype or results[name].shape != value.shape:
                return f"{name} is {results[name].dtype}{results[name].shape}, recorded {value.dtype}{value.shape}"
            if not np.allclose(results[name], value, TOLERANCE, TOLERANCE):
                return f"{name} is {results[name]}, recorded {value}"
    return None


def take(library, model, feeds, scratch):
    """(result, error) of a new artifact of the model in an older runtime: one of both is None."""
    import onnx.parser
    artifact = Path(scratch) / "new.optc"
    compile_model(onnx.parser.parse_model(model).SerializeToString(), artifact)
    try:
        results = optc_runtime.Model(artifact, library=library).run(feeds)
    except optc_runtime.OptcError as error:
        return None, error
    expected = optc_runtime.Model(artifact).run(feeds)
    return next((f"{name} differs" for name in expected if not np.array_equal(results[name], expected[name])), "runs"), None


def check_runtime(packed):
    """What is wrong with how an older runtime takes new artifacts, or None. Says what it does."""
    with tempfile.TemporaryDirectory(prefix="optc-frozen-") as scratch:
        file = Path(scratch) / "runtime.so"
        file.write_bytes(lzma.decompress(packed.read_bytes()))
        library = optc_runtime.load(file)
        plain, error = take(library, PLAIN, {"x": inputs()["x"]}, scratch)
        if error or plain != "runs":
            return f"a plain model: {error or plain}"
        wide, error = take(library, MODEL, inputs(), scratch)
    print(f"{packed.name}: a plain model {plain}; one of many functions: {error or wide}")
    newer = re.search(r"\d+ functions, this runtime has \d+|version \d+, this runtime knows", str(error))
    return None if wide == "runs" or (error and error.code == 7003 and newer) else f"of many functions: {error or wide}"


def main():
    if sys.argv[1:] == ["--make"]:
        return make()
    artifacts = sorted(HERE.glob("optc-*.optc"))
    runtimes = sorted(HERE.glob("runtime-*.so.xz"))
    checks = [(check, path) for path in artifacts] + [(check_runtime, path) for path in runtimes]
    problems = [f"{path.name}: {problem}" for run, path in checks if (problem := run(path))]
    print("\n".join(problems), end="\n" if problems else "")
    print(f"frozen: {len(checks) - len(problems)} passed, {len(problems)} failed")
    return 1 if problems or not artifacts or not runtimes else 0


if __name__ == "__main__":
    sys.exit(main())
