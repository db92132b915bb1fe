#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Code for aarch64, made here and run by qemu-user with the cross-built runtime (preset aarch64-runtime).

  cross_compile.py [--cases N]

The runtime's own tests; which code a processor gets, and what it is told when there is none; kernels of every
family against numpy (kernel_properties.py); three models against ONNX Runtime, in bf16 by both levels.
Exit 1 on a miss."""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from onnx import TensorProto, helper, numpy_helper
from harness import emulated, engines, optc_runtime
from harness.builds import ROOT

HERE = Path(__file__).resolve().parent
MODELS = ("ocr_cls", "silero_vad_16k_op15", "minilm")
BF16_MODELS = ("ocr_cls", "minilm")
CASES = r"^(1x16$|1x3x|16 kHz batch 1)"   # of the models: all take a quarter of an hour under qemu
SLOW = "Artifact.EveryStructureByteFlipped"   # half of all the time, for what no processor does differently
WITHOUT_BF16 = "cortex-a57"   # a processor of 2012, in the words of qemu


def product(path, size=64):
    """A matrix product by a constant."""
    weights = numpy_helper.from_array(np.random.default_rng(0).standard_normal((size, size)).astype(np.float32), "w")
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [3, size])
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [value("x")], [value("y")], [weights])
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString())


class Choice(unittest.TestCase):
    """Which code of an artifact is run where."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="optc-cross-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        product(self.folder / "m.onnx")

    def build(self, *arguments):
        artifact = self.folder / "m.optc"
        engines.compile_model(self.folder / "m.onnx", artifact, arguments=arguments)
        return artifact

    def refusal(self, opened, *arguments, **more):
        with self.assertRaises(optc_runtime.OptcError) as caught:
            opened(*arguments, **more)
        return caught.exception.code, str(caught.exception)

    def test_the_best_a_processor_runs(self):
        artifact = self.build("--triple", "aarch64-linux-gnu", "--precision", "bf16")
        self.assertEqual(emulated.Model(artifact).level, "aarch64-bf16")
        self.assertEqual(emulated.Model(artifact, cpu=WITHOUT_BF16).level, "aarch64")
        code, text = self.refusal(emulated.Model, artifact, cpu=WITHOUT_BF16, level="aarch64-bf16")
        self.assertEqual(code, 7001)
        self.assertRegex(text, "the artifact has code for aarch64-bf16, aarch64; 'aarch64-bf16' was asked for; "
                               "this processor is aarch64$")

    def test_code_for_other_machines(self):
        code, text = self.refusal(emulated.Model, self.build("--level", "x86-64-v3"))
        self.assertEqual(code, 7001)
        self.assertIn("the artifact has code for x86-64-v3; this processor is aarch64-bf16", text)
        code, text = self.refusal(optc_runtime.Model, self.build("--triple", "aarch64-linux-gnu"))
        self.assertEqual(code, 7001)
        self.assertIn("the artifact has code for aarch64; this processor is x86-64", text)

    def test_one_artifact_for_two_kinds_of_machines(self):
        artifact = self.build("--level", "x86-64-v3", "--level", "aarch64")
        feeds = {"x": np.random.default_rng(1).standard_normal((3, 64)).astype(np.float32)}
        here, there = optc_runtime.Model(artifact), emulated.Model(artifact)
        self.assertEqual((here.level, there.level), ("x86-64-v3", "aarch64"))
        np.testing.assert_allclose(here.run(feeds)["y"], there.run(feeds)["y"], rtol=1e-5, atol=1e-5)


def counted(name, command):
    """Runs it, shows it, and reads (passed, failed) from its closing line."""
    print(f"-- {name}: {' '.join(map(str, command))}", flush=True)
    run = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
    print(run.stdout, flush=True)
    passed, failed = (re.findall(rf"(\d+) {word}", run.stdout) for word in ("passed", "failed"))
    good, bad = int(passed[-1]) if passed else 0, int(failed[-1]) if failed else 0
    return good, bad or int(run.returncode != 0)


def runtime_tests():
    """Builds the runtime, and runs its tests."""
    for command in (["cmake", "--preset", "aarch64-runtime"], ["ninja", "-C", emulated.BUILD, "--quiet"]):
        run = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
        if run.returncode:
            print(run.stdout)
            return 0, 1
    run = subprocess.run(["ctest", "--test-dir", str(emulated.BUILD), "--output-on-failure"], stdout=subprocess.PIPE, text=True,
                         env={**os.environ, "GTEST_FILTER": f"-{SLOW}"})
    print(run.stdout, flush=True)
    failed, total = map(int, re.search(r"(\d+) tests failed out of (\d+)", run.stdout).groups())
    return total - failed, failed


def choices():
    outcome = unittest.TextTestRunner(verbosity=1).run(unittest.defaultTestLoader.loadTestsFromTestCase(Choice))
    bad = len(outcome.failures) + len(outcome.errors)
    return outcome.testsRun - bad, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1, help="of kernel_properties.py, per family, about")
    args = parser.parse_args()
    total = [runtime_tests()]
    if total[0][1] == 0:
        models = [sys.executable, HERE / "compare_models.py", "--machine", "aarch64", "--case", CASES]
        total += [choices(),
                  counted("kernels", [sys.executable, HERE / "kernel_properties.py", "--machine", "aarch64", "--cases", args.cases]),
                  counted("models", [*models, *MODELS])]
        total += [counted(f"bf16 by {level}", [*models, "--precision", "bf16", "--level", level, *BF16_MODELS])
                  for level in ("aarch64", "aarch64-bf16")]
    passed, failed = map(sum, zip(*total))
    print(f"aarch64: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
