#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds `optc compare` against ONNX Runtime, layer by layer.

  compare_verb.py [MODEL...]      default: open_nsfw, ocr_cls, ocr_rec, minilm

ONNX Runtime gives out every value of a model; optc's layers must agree with these (--expected),
and so must the reference that optc compiles by itself. Figures are checked against numpy. In a
model with one changed weight, the layer that reads it must be the first bad one."""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import engines

engines.use_models()
import catalog
import inputs
import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

OPTC = engines.OPTC
NAMES = ["open_nsfw", "ocr_cls", "ocr_rec", "minilm"]
# Rounding of f32 in other orders leaves more than this, dB. A wrong layer leaves below 40.
LIMIT = 75


def values_of(path, feeds, folder):
    """Every float value that nodes of the model compute, by ONNX Runtime without optimizations."""
    model = onnx.load(path)
    outputs = {o.name for o in model.graph.output}
    for node in model.graph.node:
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in node.output if name and name not in outputs)
    tapped = folder / "tapped.onnx"
    onnx.save(model, tapped)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(tapped), options, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return {name: value for name, value in zip(names, session.run(None, feeds)) if value.dtype.kind == "f"}


def compare(model, artifact, *arguments):
    """Exit code, and what `optc compare --json` printed."""
    result = subprocess.run([OPTC, "compare", model, artifact, "--json", *map(str, arguments)], capture_output=True, text=True, timeout=900)
    if not result.stdout:
        raise AssertionError(f"exit {result.returncode}: {result.stderr}")
    return result.returncode, json.loads(result.stdout)


def change_weight(path, op, number, target):
    """Saves a copy in which the weight of the so-manieth node of this type is 10 % larger; the node."""
    model = onnx.load(path)
    node = [n for n in model.graph.node if n.op_type == op][number]
    stored = {i.name: i for i in model.graph.initializer}
    stored.update({n.output[0]: n.attribute[0].t for n in model.graph.node if n.op_type == "Constant"})
    weight = next(stored[name] for name in node.input if name in stored and len(stored[name].dims) > 1)
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) * np.float32(1.1), weight.name))
    onnx.save(model, target)
    return node


class Layers(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="optc-compare-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def build(self, model, *arguments):
        artifact = self.folder / f"{Path(model).stem}.optc"
        engines.compile_model(model, artifact, arguments=arguments)
        return artifact

    def feeds(self, name):
        feeds = inputs.cases(name)[0].steps[0]
        np.savez(self.folder / "x.npz", **feeds)
        return feeds, ("--inputs", self.folder / "x.npz")

    def test_models(self):
        for name in NAMES:
            with self.subTest(name):
                model, (feeds, given) = catalog.BY_NAME[name].path, self.feeds(name)
                artifact, wanted = self.build(model), values_of(model, feeds, self.folder)
                np.savez(self.folder / "wanted.npz", **wanted)
                code, theirs = compare(model, artifact, *given, "--expected", self.folder / "wanted.npz", "--min-snr", LIMIT)
                worst = min(theirs["layers"] + theirs["outputs"], key=lambda row: row.get("snr_db") or np.inf)
                self.assertEqual(code, 0, f"{name}: {worst}")
                code, ours = compare(model, artifact, *given, "--min-snr", LIMIT)
                self.assertEqual((code, ours["first_bad"]), (0, None), name)
                self.assertEqual(ours["notes"], [], name)
                tapped = {row["value"] for row in ours["layers"]}
                self.assertEqual(len(tapped), len(ours["layers"]))
                # Nearly all layers are values of the file; those of expanded functions are not.
                self.assertGreater(len(theirs["layers"]), 0.6 * len(tapped))
                worst = min((row["snr_db"] or np.inf) for row in ours["layers"])
                print(f"{name}: {len(ours['layers'])} layers, {ours['not_compared']} values inside; worst {worst:.0f} dB", flush=True)

    def test_changed_weight(self):
        """The artifact of a changed model against the model as it was."""
        for name, op, number in (("ocr_cls", "Conv", 7), ("open_nsfw", "Conv", 20), ("minilm", "MatMul", 10)):
            if name not in NAMES:
                continue
            with self.subTest(name):
                model, (_, given) = catalog.BY_NAME[name].path, self.feeds(name)
                changed = self.folder / "changed.onnx"
                node = change_weight(model, op, number, changed)
                code, result = compare(model, self.build(changed), *given, "--min-snr", LIMIT)
                self.assertEqual(code, 4)
                reached, graph = set(node.output), onnx.load(model, load_external_data=False).graph
                for later in graph.node:
                    if reached.intersection(later.input):
                        reached.update(later.output)
                rows = sorted(result["layers"], key=lambda row: row["order"])
                first = next(row for row in rows if row["value"] in reached)
                self.assertEqual((result["first_bad"], first["broken_gate"]), (first["value"], "SNR"), f"{name}: {node.name}")

    def test_figures(self):
        """Figures against known differences, with numpy."""
        model, (feeds, given) = catalog.BY_NAME["ocr_cls"].path, self.feeds("ocr_cls")
        artifact, wanted = self.build(model), values_of(model, feeds, self.folder)
        rng = np.random.default_rng(1)
        moved = {name: value + (0.01 * np.abs(value).mean() * rng.standard_normal(value.shape)).astype(np.float32) for name, value in wanted.items()}
        np.savez(self.folder / "moved.npz", **moved)
        _, result = compare(model, artifact, *given, "--expected", self.folder / "moved.npz")
        for row in result["layers"] + result["outputs"]:
            was, now = moved[row["value"]].astype(np.float64), wanted[row["value"]].astype(np.float64)
            error = was - now
            self.assertAlmostEqual(row["max_abs"] / np.abs(error).max(), 1, 2, row)
            self.assertAlmostEqual(row["cosine"], (was * now).sum() / np.linalg.norm(was) / np.linalg.norm(now), 5, row)
            self.assertAlmostEqual(row["snr_db"], 10 * np.log10((was ** 2).sum() / (error ** 2).sum()), 1, row)

    def test_parts_and_nodes(self):
        """Little memory takes several runs and gives the same; --all-nodes compares every value."""
        model, (feeds, given) = catalog.BY_NAME["ocr_cls"].path, self.feeds("ocr_cls")
        artifact = self.build(model, "--level", "x86-64-v3")
        _, whole = compare(model, artifact, *given)
        _, parts = compare(model, artifact, *given, "--memory", 1)
        self.assertEqual(whole["layers"], parts["layers"])
        code, every = compare(model, artifact, *given, "--all-nodes", "--min-snr", LIMIT)
        self.assertEqual((code, every["not_compared"]), (0, 0))
        self.assertGreater(len(every["layers"]), 2 * len(whole["layers"]))

    def test_compiles_as_the_artifact_was(self):
        """With each of the options that shape the code: what is compared are the artifact's own weights."""
        weights = numpy_helper.from_array(np.random.default_rng(1).standard_normal((8, 3, 3, 3)).astype(np.float32), "w")
        x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", channels, "h", "v"]) for name, channels in (("x", 3), ("y", 8)))
        nodes = [onnx.helper.make_node("Conv", ["x", "w"], ["c"], pads=[1] * 4), onnx.helper.make_node("Relu", ["c"], ["r"]),
                 onnx.helper.make_node("Softmax", ["r"], ["y"], axis=1)]
        path, data = self.folder / "model.onnx", self.folder / "x.npy"
        onnx.save(onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [x], [y], [weights]),
                                         opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)
        np.save(data, np.ones((2, 3, 9, 9), np.float32))
        for options in (["--bound", "n=16"], ["--bound", "n=4", "--bound", "h=32", "--exact", "--profile"],
                        ["-O", "1", "--precision", "bf16", "--bound", "v=40"]):
            with self.subTest(options=options):
                _, result = compare(path, self.build(path, "--level", "x86-64-v3", *options), "--input", f"x={data}")
                self.assertEqual(result["notes"], [])

    def test_refuses(self):
        model, (_, given) = catalog.BY_NAME["ocr_cls"].path, self.feeds("ocr_cls")
        artifact = self.build(model)
        x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", 3]) for name in ("other_x", "other_y"))
        graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["other_x"], ["other_y"])], "other", [x], [y])
        onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), self.folder / "other.onnx")
        other = subprocess.run([OPTC, "compare", self.folder / "other.onnx", artifact, *given], capture_output=True, text=True)
        self.assertEqual(other.returncode, 2)
        self.assertIn("OPTC-E0103", other.stderr)
        text = subprocess.run([OPTC, "compare", model, artifact, *given, "--max-abs", "0", "--top", "3"], capture_output=True, text=True)
        self.assertEqual(text.returncode, 4)
        self.assertIn("OPTC-E5001", text.stderr)
        self.assertIn("layers, worst first: 3 of", text.stdout)


if __name__ == "__main__":
    NAMES = sys.argv[1:] or NAMES
    outcome = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result
    bad = len(outcome.failures) + len(outcome.errors)
    print(f"compare: {outcome.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)
