#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs of a model that have a default (an initializer of the same name): constants, unless built with
--overridable. The reference is ONNX Runtime, which lets runs override them.

  input_defaults.py [TEST...]      a name of unittest"""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnxruntime
from harness.builds import OPTC
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


def make(path, ir_version=8, shape=("n", 3)):
    """y = x * w > k, where w is a row and k a number with defaults; s is a default of whole numbers."""
    values = {"k": np.float32(0.5), "w": np.arange(1, 4, dtype=np.float32), "s": np.array([3, -1], np.int64)}
    kinds = {"k": FLOAT, "w": FLOAT, "s": TensorProto.INT64}
    inputs = [helper.make_tensor_value_info("x", FLOAT, shape)]
    inputs += [helper.make_tensor_value_info(name, kinds[name], values[name].shape) for name in values]
    nodes = [helper.make_node("Mul", ["x", "w"], ["m"]), helper.make_node("Sub", ["m", "k"], ["d"]),
             helper.make_node("Reshape", ["d", "s"], ["y"])]
    graph = helper.make_graph(nodes, "g", inputs, [helper.make_tensor_value_info("y", FLOAT, (3, None))],
                              [numpy_helper.from_array(value, name) for name, value in values.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=ir_version)
    Path(path).write_bytes(model.SerializeToString())


class Defaults(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="optc-defaults-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.model = self.folder / "m.onnx"
        make(self.model)
        self.x = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)

    def optc(self, *arguments):
        return subprocess.run([OPTC, *map(str, arguments)], capture_output=True, text=True, timeout=300, cwd=self.folder,
                              stdin=subprocess.DEVNULL)

    def build(self, *names, options=()):
        result = self.optc("build", self.model, "-q", *[part for name in names for part in ("--overridable", name)], *options)
        self.assertEqual(result.returncode, 0, result.stderr)

    def run_with(self, **inputs):
        arguments = []
        for name, value in {"x": self.x, **inputs}.items():
            np.save(self.folder / f"{name}.npy", value)
            arguments += ["--input", f"{name}={name}.npy"]
        return self.optc("run", "m.optc", *arguments, "--output-dir", "out")

    def check(self, **inputs):
        """Runs, and compares with ONNX Runtime."""
        result = self.run_with(**inputs)
        self.assertEqual(result.returncode, 0, result.stderr)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3   # it warns that it cannot fold them
        session = onnxruntime.InferenceSession(self.model.read_bytes(), options, providers=["CPUExecutionProvider"])
        wanted = session.run(None, {"x": self.x, **{name: np.asarray(value) for name, value in inputs.items()}})[0]
        np.testing.assert_allclose(np.load(self.folder / "out" / "y.npy"), wanted, rtol=1e-6, atol=1e-6)

    def test_constant(self):
        self.build()
        self.check()
        refused = self.run_with(k=np.float32(2))
        self.assertEqual(refused.returncode, 2)
        self.assertIn("OPTC-E0103: 'k' is a constant of this artifact (the model gives it a default); build with --overridable k "
                      "to make it an input", refused.stderr)
        other = self.run_with(nowhere=np.float32(2))
        self.assertIn("the model has no input 'nowhere'", other.stderr)

    def test_overridden(self):
        for level in ("0", "2"):
            self.build("k", "w", "s", options=("-O", level))
            self.check()
            self.check(k=np.float32(2))
            self.check(k=np.float32(-1), w=np.array([0.5, 0, 7], np.float32))
            self.check(s=np.array([3, 4], np.int64))

    def test_one_of_them(self):
        self.build("w")
        self.check(w=np.array([0.5, 0, 7], np.float32))
        self.assertIn("'k' is a constant", self.run_with(k=np.float32(2)).stderr)

    def test_wrong_values(self):
        self.build("w")
        self.assertIn("OPTC-E7006", self.run_with(w=np.ones(4, np.float32)).stderr)
        self.assertIn("OPTC-E7005", self.run_with(w=np.ones(3, np.int64)).stderr)

    def test_wrong_names(self):
        for name in ("x", "nowhere"):
            result = self.optc("build", self.model, "--overridable", name)
            self.assertEqual(result.returncode, 2)
            self.assertIn(f"--overridable names '{name}', which is no input with a default; there are 'k', 'w', 's'", result.stderr)

    def test_old_format(self):
        """Before version 4 of the format all initializers are inputs."""
        make(self.model, ir_version=3)
        self.build("k")
        result = self.run_with(k=np.float32(2))
        self.assertEqual(result.returncode, 0, result.stderr)
        np.testing.assert_allclose(np.load(self.folder / "out" / "y.npy"), (self.x * [1, 2, 3] - 2).reshape(3, -1), rtol=1e-6, atol=1e-6)

    def test_other_verbs(self):
        self.build("k")
        shown = self.optc("inspect", "m.optc").stdout
        self.assertIn("k: float[] (has a default)", shown)
        manifest = json.loads(self.optc("inspect", "m.optc", "--json").stdout)["manifest"]
        self.assertEqual(manifest["entries"][0]["constants"], ["w", "s"])
        for arguments in (("bench", "m.optc", "--shape", "n=4", "--duration", "0.01"),
                          ("compare", self.model, "m.optc", "--shape", "n=4", "--min-snr", "80")):
            result = self.optc(*arguments)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    result = unittest.main(exit=False, argv=[sys.argv[0], *sys.argv[1:]]).result
    failed = len(result.failures) + len(result.errors)
    print(f"input defaults: {result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
