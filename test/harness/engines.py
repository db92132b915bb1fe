# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What runs a model: optc through its library, optc through its command, ONNX Runtime.
Each has run(feeds) -> outputs by name."""
import sys
import tempfile
from pathlib import Path

import onnxruntime

from . import manifest, optc_runtime, process, verdict
from .builds import OPTC, ROOT


class CompileError(Exception):
    pass


def compile_model(model, artifact, timeout=300, arguments=()):
    """Compiles with `optc`, and lets `optc check` judge the model, too; returns how the compile
    went (time, peak memory)."""
    artifact.parent.mkdir(parents=True, exist_ok=True)
    result = process.run([OPTC, model, "-o", artifact, *arguments], timeout, memory=64 << 30)
    wrong = verdict.disagreement(model, result.outcome)
    if result.outcome != "ok":
        raise CompileError(f"{result.outcome}, exit {result.code}: {result.tail()} {wrong}")
    if wrong:
        raise CompileError(wrong)
    return result


class OnnxRuntime:
    """Runs a file, or the bytes of a model."""

    def __init__(self, model, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.session = onnxruntime.InferenceSession(model if isinstance(model, bytes) else str(model), options, providers=["CPUExecutionProvider"])
        self.outputs = [o.name for o in self.session.get_outputs()]

    def run(self, feeds):
        return dict(zip(self.outputs, self.session.run(None, feeds)))


OptcLibrary = optc_runtime.Model


class OptcCommand:
    """One process per run, values through folders."""

    def __init__(self, artifact):
        self.artifact = artifact

    def run(self, feeds):
        with tempfile.TemporaryDirectory(prefix="optc-run-") as scratch:
            source, target = Path(scratch, "in"), Path(scratch, "out")
            source.mkdir()
            manifest.write(source, list(feeds.items()))
            result = process.run([OPTC, "run", self.artifact, "--inputs", source, "--output-dir", target], 300,
                                 memory=64 << 30)
            if result.outcome != "ok":
                raise RuntimeError(f"{result.outcome}, exit {result.code}: {result.tail()}")
            return manifest.read(target)


def use_models():
    """Lets a script import the modules of test/models, and the text reader of docs/examples."""
    sys.path[:0] = [str(ROOT / "test" / "models"), str(ROOT / "docs" / "examples" / "ocr")]


def resolve(step, outputs, carry):
    """The inputs of a step, with what it takes from the outputs of the step before."""
    return {name: outputs[v.output] if isinstance(v, carry) else v for name, v in step.items()}
