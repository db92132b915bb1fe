#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantizes models with `optc build --quantize int8`, and holds the artifacts to what was said of them.

What the build tells of accuracy must be what the artifact does: both are computed once more here, from the artifact and the
model. ONNX Runtime with the float model is the teacher."""
import json
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import engines

engines.use_models()
import catalog
import ml_dtypes
import numpy as np
import onnx
import samples
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

OPTC = engines.OPTC
LEVEL = ("--level", "x86-64-v3")


def build(model, output, *arguments):
    return subprocess.run([OPTC, "build", str(model), "-o", str(output), *map(str, arguments)], capture_output=True, text=True,
                          timeout=600)


def report_of(artifact):
    with zipfile.ZipFile(artifact) as archive:
        return json.loads(archive.read("report.json"))["quantization"]


def run_all(engine, arrays):
    """The first output of each sample."""
    rows = len(next(iter(arrays.values())))
    return [next(iter(engine.run({name: array[i:i + 1] for name, array in arrays.items()}).values())) for i in range(rows)]


def top1_drop(want, got):
    pairs = [(w.reshape(-1, w.shape[-1]).argmax(1), g.reshape(-1, g.shape[-1]).argmax(1)) for w, g in zip(want, got)]
    return float(np.mean(np.concatenate([w != g for w, g in pairs])))


def cosine(want, got):
    pairs = [(w.astype(np.float64).ravel(), g.astype(np.float64).ravel()) for w, g in zip(want, got)]
    return float(np.mean([w @ g / np.sqrt((w @ w) * (g @ g)) for w, g in pairs]))


def small_model(path, quantized=False, weights=True):
    """Convolutions with a residual between them, a pool, a classifier of 10; one channel that is always 0."""
    rng = np.random.default_rng(5)
    first, second, third = (rng.normal(0, (c * 9) ** -0.5, (o, c, 3, 3)).astype(np.float32) for o, c in ((16, 3), (16, 16), (24, 16)))
    second[3] = 0
    fc, bias = rng.normal(0, 0.2, (24, 10)).astype(np.float32), rng.normal(0, 0.1, 10).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w1"], ["a"], name="/conv1", pads=[1] * 4), helper.make_node("Relu", ["a"], ["b"]),
             helper.make_node("Conv", ["b", "w2"], ["c"], name="/conv2", pads=[1] * 4), helper.make_node("Add", ["b", "c"], ["d"]),
             helper.make_node("Relu", ["d"], ["e"]), helper.make_node("Conv", ["e", "w3"], ["f"], name="/conv3", strides=[2, 2]),
             helper.make_node("GlobalAveragePool", ["f"], ["g"]), helper.make_node("Flatten", ["g"], ["h"]),
             helper.make_node("Gemm", ["h", "fc", "bias"], ["y"], name="/fc")]
    if quantized:
        nodes[0].input[0] = "xq"
        nodes = [helper.make_node("QuantizeLinear", ["x", "s"], ["q"]), helper.make_node("DequantizeLinear", ["q", "s"], ["xq"])] + nodes
    if not weights:
        nodes = [helper.make_node("Relu", ["x"], ["y"])]
    arrays = dict(w1=first, w2=second, w3=third, fc=fc, bias=bias, s=np.float32(0.1))
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(nodes, "small", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 16, 16])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
                              [numpy_helper.from_array(a, name) for name, a in arrays.items() if name in used])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)


def language_model(path, width=128, scale=1):
    """Words to scores of words: a vocabulary that is the last layer, too, and two layers with a residual."""
    rng = np.random.default_rng(11)
    table = rng.normal(0, scale, (512, width)).astype(np.float32)
    up, down = (rng.normal(0, a ** -0.5, (a, b)).astype(np.float32) for a, b in ((width, 128), (128, width)))
    nodes = [helper.make_node("Gather", ["table", "words"], ["e"], name="/embed"), helper.make_node("MatMul", ["e", "up"], ["u"], name="/up"),
             helper.make_node("Relu", ["u"], ["r"]), helper.make_node("MatMul", ["r", "down"], ["d"], name="/down"),
             helper.make_node("Add", ["e", "d"], ["h"]), helper.make_node("Transpose", ["table"], ["t"], perm=[1, 0]),
             helper.make_node("MatMul", ["h", "t"], ["y"], name="/head")]
    graph = helper.make_graph(nodes, "words", [helper.make_tensor_value_info("words", TensorProto.INT64, ["n", "s"])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", "s", 512])],
                              [numpy_helper.from_array(a, name) for name, a in dict(table=table, up=up, down=down).items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)


class Quantize(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="optc-quantize-")
        self.folder = Path(self.scratch.name)
        self.model, self.output = self.folder / "small.onnx", self.folder / "small.optc"
        small_model(self.model)
        rng = np.random.default_rng(6)
        self.x = rng.normal(0, 1, (64, 3, 16, 16)).astype(np.float32)
        np.save(self.folder / "x.npy", self.x)

    def tearDown(self):
        self.scratch.cleanup()

    def quantize(self, *arguments, model=None, calib="x.npy"):
        return build(model or self.model, self.output, "--quantize", "int8", "--calib", self.folder / calib, *LEVEL, *arguments)

    def test_what_is_said_is_what_ships(self):
        result = self.quantize("--metric", "cosine")
        self.assertEqual(result.returncode, 0, result.stderr)
        report = report_of(self.output)
        self.assertEqual([(s["node"], s["bits"]) for s in report["sites"]], [("/conv1", 8), ("/conv2", 8), ("/conv3", 8), ("/fc", 8)])
        self.assertTrue(all(s["sqnr_db"] > 25 for s in report["sites"]), report["sites"])
        # Of this machine's best level, as it was evaluated.
        best = self.folder / "best.optc"
        self.assertEqual(build(self.model, best, "--quantize", "int8", "--calib", self.folder / "x.npy", "-q").returncode, 0)
        want = run_all(engines.OptcLibrary(self.compiled()), {"x": self.x})
        got = run_all(engines.OptcLibrary(best), {"x": self.x})
        self.assertAlmostEqual(report["evaluation"]["cosine"], cosine(want, got), places=6)
        self.assertGreater(cosine(run_all(engines.OnnxRuntime(self.model), {"x": self.x}), got), 0.999)

    def compiled(self):
        plain = self.folder / "plain.optc"
        self.assertEqual(build(self.model, plain, "-q").returncode, 0)
        return plain

    def blocks(self, scheme, *arguments, model=None):
        return build(model or self.folder / "words.onnx", self.output, "--quantize", scheme, *LEVEL, *arguments)

    def test_weights_in_blocks(self):
        """A vocabulary that is the last layer, too, is stored once; without inputs nothing is claimed of accuracy."""
        language_model(self.folder / "words.onnx")
        words = np.random.default_rng(3).integers(0, 512, (24, 9))
        np.savez(self.folder / "words.npz", words=words)
        want = run_all(engines.OnnxRuntime(self.folder / "words.onnx"), {"words": words})
        for scheme, arguments, least, most in (("int4-weights", (), 0.985, 0.36), ("int4-weights", ("--zeros", "--block", 16), 0.985, 0.45),
                                               ("int4-weights", ("--data", "float"), 0.985, 0.36), ("int8-weights", (), 0.9999, 0.6),
                                               ("int8-dynamic", ("--block", 64), 0.9995, 0.6)):
            result = self.blocks(scheme, *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("accuracy was not measured", result.stdout)
            report = report_of(self.output)
            self.assertEqual([(s["node"], s["bits"]) for s in report["sites"]],
                             [(name, int(scheme[3])) for name in ("/embed", "/up", "/down", "/head")])
            self.assertNotIn("evaluation", report)
            self.assertLess(self.output.stat().st_size, most * (self.folder / "words.onnx").stat().st_size)
            self.assertGreater(cosine(want, run_all(engines.OptcLibrary(self.output), {"words": words})), least, (scheme, arguments))

    def test_codebooks(self):
        """Each block of the weight is one scale times numbers of the codebook, and what is learned is better than what is fixed."""
        language_model(self.folder / "words.onnx")
        table = next(numpy_helper.to_array(t) for t in onnx.load(self.folder / "words.onnx").graph.initializer if t.name == "table")
        words, errors = np.arange(512)[None], []
        normal = np.array([-127, -88, -67, -50, -36, -23, -12, 0, 10, 20, 31, 43, 56, 71, 92, 127])
        graph = onnx.load(self.folder / "words.onnx").graph   # only the rows of the vocabulary
        del graph.node[1:]
        graph.output[0].name = "e"
        graph.output[0].type.tensor_type.shape.dim[2].dim_value = 128
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), self.folder / "rows.onnx")
        for codebook in ("none", "nf4", "learned"):
            result = self.blocks("int4-weights", "--codebook", codebook, model=self.folder / "rows.onnx")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(report_of(self.output)["blocks"]["codebook"], codebook)
            rows = next(iter(engines.OptcLibrary(self.output).run({"words": words}).values()))[0]
            errors.append(float(np.linalg.norm(rows - table) / np.linalg.norm(table)))
            for block in rows.reshape(-1, 32)[:256]:
                self.assertLessEqual(len(np.unique(block)), 16)
                if codebook == "nf4":
                    largest = np.abs(block).max()   # of the code of 127, or of 92 or -88, where none has it
                    self.assertTrue(any(np.allclose(np.round(block / s), block / s, atol=1e-3) and np.isin(np.round(block / s), normal).all()
                                        for at in normal[normal != 0] for s in (largest / at, -largest / at)), block)
        self.assertTrue(errors[2] < errors[1] < errors[0], errors)
        np.savez(self.folder / "words.npz", words=np.random.default_rng(1).integers(0, 512, (24, 9)))
        result = self.blocks("int4-weights", "--codebook", "learned", "--calib", self.folder / "words.npz", "--metric", "cosine")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("codes of 4 bits, codebook learned in blocks of 32", result.stdout)

    def test_floats_of_16_bits(self):
        """Weights of products, convolutions and vocabularies, and nothing else, are rounded; those that f16 does not hold stay."""
        language_model(self.folder / "words.onnx")
        words = {"words": np.random.default_rng(3).integers(0, 512, (4, 9))}
        for path, feeds, nodes in ((self.folder / "words.onnx", words, ["/embed", "/up", "/down", "/head"]),
                                   (self.model, {"x": self.x[:4]}, ["/conv1", "/conv2", "/conv3", "/fc"])):
            for scheme in ("f16", "bf16"):
                result = build(path, self.output, "--quantize", scheme, *LEVEL)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertRegex(result.stdout, rf"4 of 4 weights as floats of 16 bits \({scheme}\)")
                self.assertEqual([(s["node"], s["bits"]) for s in report_of(self.output)["sites"]], [(node, 16) for node in nodes])
                rounded = onnx.load(path)
                for tensor in rounded.graph.initializer:
                    array = numpy_helper.to_array(tensor)
                    if array.ndim > 1:
                        narrow = array.astype(np.float16 if scheme == "f16" else ml_dtypes.bfloat16).astype(np.float32)
                        tensor.CopyFrom(numpy_helper.from_array(narrow, tensor.name))
                onnx.save(rounded, self.folder / "rounded.onnx")
                want = engines.OnnxRuntime(self.folder / "rounded.onnx").run(feeds)["y"]
                got = engines.OptcLibrary(self.output).run(feeds)["y"]
                np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5 * np.abs(want).max())
        model = onnx.load(self.model)
        fc = next(t for t in model.graph.initializer if t.name == "fc")
        array = numpy_helper.to_array(fc).copy()
        array[3, 4] = 1e5
        fc.CopyFrom(numpy_helper.from_array(array, "fc"))
        onnx.save(model, self.model)
        np.save(self.folder / "x.npy", self.x)
        result = build(self.model, self.output, "--quantize", "f16", "--eval", self.folder / "x.npy", "--metric", "cosine", *LEVEL)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, "/fc stays as it is: its weight has numbers that f16 does not hold")
        self.assertLess(report_of(self.output)["evaluation"]["drop"], 1e-5)

    def test_weights_that_come_in_f16(self):
        """A product reads them as they are: the artifact is as small as the model."""
        rng = np.random.default_rng(8)
        weight, x = rng.normal(0, 0.05, (512, 768)).astype(np.float16), rng.normal(0, 1, (3, 512)).astype(np.float32)
        nodes = [helper.make_node("Cast", ["w"], ["f"], to=TensorProto.FLOAT), helper.make_node("MatMul", ["x", "f"], ["y"])]
        graph = helper.make_graph(nodes, "half", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 512])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 768])], [numpy_helper.from_array(weight, "w")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), self.folder / "half.onnx")
        result = build(self.folder / "half.onnx", self.output, *LEVEL)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertLess(self.output.stat().st_size, 1.1 * weight.nbytes)
        want = engines.OnnxRuntime(self.folder / "half.onnx").run({"x": x})["y"]
        np.testing.assert_allclose(engines.OptcLibrary(self.output).run({"x": x})["y"], want, rtol=1e-5, atol=1e-5 * np.abs(want).max())

    def test_small_floats(self):
        """Weights of 8 and 4 bits that are floats: with a scale per column, per block, and scales that are floats of 8 bits themselves."""
        rng = np.random.default_rng(4)
        x, shape = rng.normal(0, 1, (5, 64)).astype(np.float32), (64, 48)
        for kind, scales in ((TensorProto.FLOAT8E4M3FN, "column"), (TensorProto.FLOAT8E5M2, "column"),
                             (TensorProto.FLOAT4E2M1, "block"), (TensorProto.FLOAT4E2M1, "two levels"), (TensorProto.FLOAT4E2M1, "column")):
            count = 48 if scales == "column" else 4 * 48
            weights = [helper.make_tensor("w", kind, shape, np.clip(rng.normal(0, 2, shape), -6, 6).ravel())]
            nodes, attributes = [], dict(axis=1) if scales == "column" else dict(axis=0, block_size=16)
            numbers = rng.uniform(0.1, 0.5, count).astype(np.float32).reshape((48,) if scales == "column" else (4, 48))
            if scales == "two levels":
                weights += [helper.make_tensor("s8", TensorProto.FLOAT8E4M3FN, (4, 48), numbers.ravel()), numpy_helper.from_array(np.float32(0.3), "g")]
                nodes = [helper.make_node("DequantizeLinear", ["s8", "g"], ["s"])]
            else:
                weights.append(numpy_helper.from_array(numbers, "s"))
            nodes += [helper.make_node("DequantizeLinear", ["w", "s"], ["f"], **attributes), helper.make_node("MatMul", ["x", "f"], ["y"])]
            graph = helper.make_graph(nodes, "floats", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])],
                                      [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 48])], weights)
            model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=11)
            onnx.save(model, self.folder / "floats.onnx")
            result = build(self.folder / "floats.onnx", self.output, *LEVEL)
            self.assertEqual(result.returncode, 0, result.stderr)
            want = ReferenceEvaluator(model).run(None, {"x": x})[0]   # ONNX Runtime has none of 4 bits
            got = engines.OptcLibrary(self.output).run({"x": x})["y"]
            np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5 * np.abs(want).max())

    def test_codes_make_up_for_errors(self):
        """Each way to round is better than the one before on inputs that it has not seen; what is said of it is what ships."""
        language_model(self.folder / "words.onnx")
        for name, seed, count in (("calib", 1, 400), ("eval", 2, 48)):
            words = {"words": np.random.default_rng(seed).zipf(1.3, (count, 9)) % 512}
            np.savez(self.folder / f"{name}.npz", **words)
        want, found = run_all(engines.OnnxRuntime(self.folder / "words.onnx"), words), []
        for arguments in (("--rounding", "nearest"), ("--rounding", "gptq"), ()):
            result = self.blocks("int4-weights", "--calib", self.folder / "calib.npz", "--eval", self.folder / "eval.npz", "--metric",
                                 "cosine", *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stdout, "4 of 4 weights as codes of 4 bits in blocks of 32, data as bytes")
            found.append(report_of(self.output)["evaluation"]["cosine"])
            self.assertAlmostEqual(found[-1], cosine(want, run_all(engines.OptcLibrary(self.output), words)), places=5)
            self.assertTrue(all(s["sqnr_db"] > 10 for s in report_of(self.output)["sites"] if s["op"] == "matmul"))
        self.assertEqual(found, sorted(found))

    def test_layers_one_by_one(self):
        """A branch with values from outside, an input that a product reads, a weight of two products, a float that nobody rounds."""
        rng = np.random.default_rng(5)
        floats = dict(a=rng.normal(0, 0.1, (64, 96)), b=rng.normal(0, 0.1, (96, 96)), c=rng.normal(0, 0.1, (96, 100)), shift=rng.normal(0, 1, 96),
                      scale=rng.normal(1, 0.1, 96), table=rng.normal(0, 1, (80, 128)), d=rng.normal(0, 0.1, (128, 96)))
        branch = [helper.make_graph([helper.make_node(op, ["h", "shift"], ["z"], name=f"/{op}")], op,
                                    [], [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)]) for op in ("Mul", "Add")]
        node = helper.make_node
        nodes = [node("MatMul", ["x", "a"], ["h"], name="/first"), node("ReduceSum", ["x"], ["sum"], keepdims=0),
                 node("Greater", ["sum", "zero"], ["flag"]), node("If", ["flag"], ["i"], then_branch=branch[0], else_branch=branch[1]),
                 node("MatMul", ["i", "b"], ["j"], name="/second"), node("Relu", ["j"], ["k"]), node("MatMul", ["k", "b"], ["l"], name="/third"),
                 node("LayerNormalization", ["l", "scale", "shift"], ["m"]), node("Gather", ["table", "words"], ["rows"], name="/rows"),
                 node("MatMul", ["rows", "d"], ["e"], name="/fourth"), node("Add", ["m", "e"], ["n"]), node("MatMul", ["n", "c"], ["y"], name="/last")]
        inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64]), helper.make_tensor_value_info("words", TensorProto.INT64, ["n"])]
        initializers = [numpy_helper.from_array(a.astype(np.float32), name) for name, a in floats.items()]
        graph = helper.make_graph(nodes, "parts", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 100])],
                                  initializers + [numpy_helper.from_array(np.float32(0), "zero")])
        model = self.folder / "parts.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), model)
        for name, seed in (("calib", 1), ("eval", 2)):
            rng = np.random.default_rng(seed)
            feeds = {"x": rng.normal(0, 1, (320, 64)).astype(np.float32), "words": rng.integers(0, 80, 320)}
            np.savez(self.folder / f"{name}.npz", **feeds)
        want = run_all(engines.OnnxRuntime(model), feeds)
        for arguments in ((), ("--data", "float"), ("--keep", "/second"), ("--zeros",)):
            result = build(model, self.output, "--quantize", "int4-weights", "--calib", self.folder / "calib.npz", "--eval",
                           self.folder / "eval.npz", "--metric", "cosine", *LEVEL, *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            report = report_of(self.output)
            bits = {s["node"]: s["bits"] for s in report["sites"]}
            kept = 32 if "--keep" in arguments else 4
            self.assertEqual(bits, {"/first": 4, "/second": kept, "/third": 4, "/rows": 4, "/fourth": 4, "/last": 4})
            self.assertGreater(report["evaluation"]["cosine"], 0.98)
            self.assertAlmostEqual(report["evaluation"]["cosine"], cosine(want, run_all(engines.OptcLibrary(self.output), feeds)), places=4)

    def test_inputs_left_out(self):
        """An input with a default that samples do not give has it in calibration, too."""
        rng = np.random.default_rng(3)
        nodes = [helper.make_node("Mul", ["x", "s"], ["a"]), helper.make_node("MatMul", ["a", "w"], ["y"], name="/m")]
        inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64]), helper.make_tensor_value_info("s", TensorProto.FLOAT, [1])]
        graph = helper.make_graph(nodes, "preset", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 32])],
                                  [numpy_helper.from_array(np.ones(1, np.float32), "s"),
                                   numpy_helper.from_array(rng.normal(0, 1, (64, 32)).astype(np.float32), "w")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), self.folder / "preset.onnx")
        np.savez(self.folder / "preset.npz", x=rng.normal(0, 1, (40, 64)).astype(np.float32))
        result = build(self.folder / "preset.onnx", self.output, "--overridable", "s", "--quantize", "int4-weights", "--calib",
                       self.folder / "preset.npz", "--metric", "cosine", *LEVEL)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(report_of(self.output)["evaluation"]["cosine"], 0.99)

    def test_finer_codes_for_the_gate(self):
        language_model(self.folder / "words.onnx")
        np.savez(self.folder / "words.npz", words=np.random.default_rng(3).integers(0, 512, (40, 9)))
        result = self.blocks("int4-weights", "--calib", self.folder / "words.npz", "--metric", "cosine", "--max-drop", "0.1%")
        self.assertEqual(result.returncode, 0, result.stderr)
        report = report_of(self.output)
        bits = [s["bits"] for s in report["sites"]]
        self.assertTrue(8 in bits and 32 not in bits, bits)
        self.assertLessEqual(report["evaluation"]["drop_at_most"], 0.001)
        self.assertIn("has codes of 8 bits: for the accuracy", result.stdout)

    def test_blocks_refused(self):
        language_model(self.folder / "words.onnx", width=100)
        result = self.blocks("int4-weights")   # sums of 100 are no whole blocks, those of 128 are
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, "/up stays as it is: sums of 100 are no whole blocks of 32")
        for arguments, text in ((("--quantize", "int8", "--calib", "x.npy", "--block", "32"), "--block"),
                                (("--quantize", "int4-weights", "--block", "20"), "--block"),
                                (("--quantize", "int4-weights", "--max-drop", "1%"), "--eval"),
                                (("--quantize", "int4-weights", "--data", "int4"), "--data"),
                                (("--quantize", "int4-weights", "--codebook", "nf4", "--zeros"), "--codebook"),
                                (("--quantize", "int8-weights", "--codebook", "nf4"), "--codebook"),
                                (("--quantize", "f16", "--block", "32"), "--block"),
                                (("--zeros",), "--zeros")):
            result = build(self.model, self.folder / "no.optc", *arguments)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(text, result.stderr)
            self.assertFalse((self.folder / "no.optc").exists())
        small_model(self.folder / "plain.onnx", weights=False)
        result = self.blocks("int4-weights", model=self.folder / "plain.onnx")
        self.assertIn("OPTC-E8004", result.stderr)
        result = self.blocks("int8-dynamic", model=self.model)   # convolutions stay, the last layer's 24 are no block of 32
        self.assertRegex(result.stdout, "/fc stays as it is")

    def test_classifier(self):
        model, count = catalog.BY_NAME["ocr_cls"].path, 64
        for name, seed in (("calib", 1), ("eval", 2)):
            np.savez(self.folder / f"{name}.npz", **samples.samples("ocr_cls", count, seed))
        result = self.quantize("--eval", self.folder / "eval.npz", model=model, calib="calib.npz")
        self.assertEqual(result.returncode, 0, result.stderr)
        told = report_of(self.output)["evaluation"]
        self.assertLess(told["drop"], 0.05)
        arrays = samples.samples("ocr_cls", count, 2)
        want = run_all(engines.OnnxRuntime(model), arrays)
        got = run_all(engines.OptcLibrary(self.output), arrays)
        # One sample may be so undecided that rounding in f32 decides; levels differ by no more.
        self.assertAlmostEqual(told["drop"], top1_drop(want, got), delta=1.01 / count)
        self.assertGreater(cosine(want, got), 0.99)

    def test_same_bytes(self):
        self.assertEqual(self.quantize().returncode, 0)
        first = self.output.read_bytes()
        self.assertEqual(self.quantize().returncode, 0)
        self.assertEqual(first, self.output.read_bytes())

    def test_gate(self):
        self.output.write_text("from before")
        result = self.quantize("--max-drop", "0.01%")
        self.assertEqual(result.returncode, 4)
        self.assertRegex(result.stderr, r"OPTC-E8001: the drop is .* of 64 samples, at most .* with 95 % confidence, and not 0.01 %; "
                                        r"\d+ more samples like these would show it")
        self.assertEqual(self.output.read_text(), "from before")

    def test_gate_reverts_the_worst(self):
        self.assertEqual(self.quantize("--metric", "cosine").returncode, 0)
        drop = report_of(self.output)["evaluation"]["drop_at_most"]
        result = self.quantize("--max-drop", str(drop * 0.9), "--metric", "cosine")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertLessEqual(report_of(self.output)["evaluation"]["drop_at_most"], drop * 0.9)
        sites = report_of(self.output)["sites"]
        kept = [s for s in sites if s["bits"] == 32]
        self.assertTrue(0 < len(kept) <= len(sites) and all(s["reason"] == "for the accuracy" for s in kept), sites)

    def test_ranges_and_options(self):
        for arguments in (["--range", "minmax"], ["--range", "percentile"], ["--range", "entropy"], ["--no-bias-correction"], ["--no-balance"]):
            with self.subTest(arguments):
                result = self.quantize(*arguments, "--metric", "cosine")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertGreater(report_of(self.output)["evaluation"]["cosine"], 0.99)
        page = self.folder / "page.html"
        result = self.quantize("--keep", "/conv2", "--page", page)
        text = page.read_text()
        for part in ("Quantization of ", "3 of 4 as int8", "/conv2</td>", "stays float: --keep", "</html>"):
            self.assertIn(part, text)
        self.assertEqual({s["node"] for s in report_of(self.output)["sites"] if s["bits"] == 32}, {"/conv2"})
        self.assertIn("/conv2 stays as it is: --keep", result.stdout)

    def test_channels_of_unlike_sizes(self):
        """Some channels are a hundred times as large as others: factors share the steps among them."""
        rng = np.random.default_rng(7)
        sizes = np.where(np.arange(64) % 16 == 0, 30.0, 0.3)
        x = (rng.normal(0, 1, (128, 64)) * sizes).astype(np.float32)
        w = (rng.normal(0, 1, (64, 24)) / sizes[:, None] / 8).astype(np.float32)
        graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"], name="/fc")], "unlike",
                                  [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 24])], [numpy_helper.from_array(w, "w")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), self.model)
        np.save(self.folder / "x.npy", x)
        noise = {}
        for name, arguments in (("balanced", []), ("plain", ["--no-balance"])):
            self.assertEqual(self.quantize(*arguments).returncode, 0)
            got = engines.OptcLibrary(self.output).run({"x": x})["y"]
            noise[name] = np.linalg.norm(got - x @ w) / np.linalg.norm(x @ w)
            self.assertEqual(report_of(self.output)["sites"][0].get("balanced", False), name == "balanced")
        self.assertLess(noise["balanced"], 0.02)
        self.assertGreater(noise["plain"], 5 * noise["balanced"])

    def test_forms_of_calibration(self):
        folder = self.folder / "set"
        folder.mkdir()
        for i in range(4):
            np.savez(folder / f"{i}.npz", x=self.x[i])           # without the dim of batches: as a row
        self.assertEqual(self.quantize(calib="set").returncode, 0)
        self.assertEqual(report_of(self.output)["evaluation"]["calibration_samples"], 4)
        for i in range(2):
            one = folder / f"test_data_set_{i}"
            one.mkdir()
            (one / "input_0.pb").write_bytes(numpy_helper.from_array(self.x[:2], "anything").SerializeToString())
        for path in folder.glob("*.npz"):
            path.unlink()
        self.assertEqual(self.quantize(calib="set").returncode, 0)
        self.assertEqual(report_of(self.output)["evaluation"]["calibration_samples"], 4)

    def test_compare_takes_the_artifact(self):
        self.assertEqual(self.quantize().returncode, 0)
        result = subprocess.run([OPTC, "compare", self.model, self.output, "--input", f"x={self.folder / 'x.npy'}", "--json"],
                                capture_output=True, text=True, timeout=300)
        self.assertEqual(result.returncode, 0, result.stderr)
        outputs = json.loads(result.stdout)["outputs"]
        self.assertTrue(len(outputs) == 1 and outputs[0]["cosine"] > 0.999, outputs)

    def test_bad_input(self):
        nan = self.x.copy()
        nan[1, 2, 3, 4] = np.nan
        for name, arrays in (("name", {"y": self.x}), ("nan", {"x": nan}), ("shape", {"x": self.x[:, :2]}), ("type", {"x": self.x.astype(np.int32)}),
                             ("none", {"x": self.x[:0]})):
            np.savez(self.folder / f"{name}.npz", **arrays)
        (self.folder / "empty").mkdir()
        quantized, nothing = self.folder / "q.onnx", self.folder / "n.onnx"
        small_model(quantized, quantized=True)
        small_model(nothing, weights=False)
        for calib, model, code, message in (
                ("name.npz", None, 2, "OPTC-E8002: --calib '.*name.npz': it has 'y', the inputs of the model are 'x'"),
                ("nan.npz", None, 2, "OPTC-E8002: .*element 1332 of 'x' is no finite number"),
                ("shape.npz", None, 2, r"OPTC-E8002: .*input 'x' has shape \[1,2,16,16\]"),
                ("type.npz", None, 2, "OPTC-E8002: .*input 'x' has element type int32"),
                ("empty", None, 2, "OPTC-E8002: .*there is no .npz, .npy or .pb file in it"),
                ("nothing", None, 2, "OPTC-E8002: .*there is no such file or folder"),
                ("x.npy", quantized, 3, "OPTC-E8003: the model has quantized values already"),
                ("x.npy", nothing, 3, "OPTC-E8004: no matrix product or convolution")):
            with self.subTest(calib=calib, model=model):
                result = self.quantize(model=model, calib=calib)
                self.assertEqual(result.returncode, code, result.stderr)
                self.assertRegex(result.stderr, message)
                self.assertFalse(self.output.exists())
        for arguments, message in ((["--keep", "/nope"], "--keep '/nope'"), (["--max-drop", "much"], "--max-drop takes a share")):
            result = self.quantize(*arguments)
            self.assertEqual(result.returncode, 2)
            self.assertIn(message, result.stderr)
        self.assertIn("--quantize int8 needs --calib", build(self.model, self.output, "--quantize", "int8").stderr)
        self.assertIn("of use with --quantize only", build(self.model, self.output, "--max-drop", "1%").stderr)

    def test_unusual_data(self):
        """Zeros alone, one sample, outliers of a million: a result, and a warning where it says little."""
        for name, x in (("zeros", 0 * self.x), ("one", self.x[:1]), ("outlier", np.where(self.x > 3.9, 1e6, self.x).astype(np.float32))):
            np.save(self.folder / f"{name}.npy", x)
            with self.subTest(name):
                result = self.quantize(calib=f"{name}.npy")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual("warning: one sample" in result.stderr, name == "one")
                self.assertTrue(np.isfinite(run_all(engines.OptcLibrary(self.output), {"x": self.x[:4]})).all())


if __name__ == "__main__":
    program = unittest.main(exit=False)
    result = program.result
    failed = len(result.failures) + len(result.errors)
    print(f"quantize: {result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
