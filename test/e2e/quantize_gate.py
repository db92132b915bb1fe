#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `optc build --quantize` says of labels, perplexity, scripts and sizes, beside the same from the artifact and ONNX Runtime."""
import itertools
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import numpy as np
import onnx
import quantize
from onnx import TensorProto, helper, numpy_helper
from quantize import build, engines, report_of, run_all

Z = 1.6448536269514722   # of 95 %, one side


def save(path, nodes, inputs, outputs, **arrays):
    graph = helper.make_graph(nodes, "model", inputs, outputs, [numpy_helper.from_array(a, name) for name, a in arrays.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)


def classifier(path, twice=False):
    """Rows of 64 to scores of 10 classes; or the features behind them, too."""
    rng = np.random.default_rng(4)
    first, second = (rng.normal(0, 0.125, shape).astype(np.float32) for shape in ((64, 64), (64, 10)))
    nodes = [helper.make_node("MatMul", ["x", "first"], ["a"], name="/first"), helper.make_node("Relu", ["a"], ["r"]),
             helper.make_node("MatMul", ["r", "second"], ["y"], name="/second")]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size]) for name, size in (("y", 10), ("r", 64))]
    save(path, nodes, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])], outputs[:2 if twice else 1], first=first, second=second)


def masked(path):
    """Two inputs that could be the tokens; scores of 64 words."""
    table = np.random.default_rng(2).normal(0, 0.3, (64, 128)).astype(np.float32)
    nodes = [helper.make_node("Gather", ["table", "words"], ["e"], name="/embed"), helper.make_node("Cast", ["mask"], ["m"], to=1),
             helper.make_node("Unsqueeze", ["m", "axis"], ["u"]), helper.make_node("Mul", ["e", "u"], ["h"]),
             helper.make_node("MatMul", ["h", "head"], ["y"], name="/head")]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "s"]) for name in ("words", "mask")]
    save(path, nodes, inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", "s", 64])], table=table,
         head=np.ascontiguousarray(table.T), axis=np.array([2], np.int64))


def most_drop(lost, won, count):
    """The largest difference that the paired score allows, its share of won rows by search over the likelihood."""
    def score(d):
        q = np.linspace(max(0, -d), (1 - d) / 2, 100001)[1:-1]
        likelihood = lost * np.log(q + d) + won * np.log(q) + (count - lost - won) * np.log(1 - 2 * q - d)
        q = q[likelihood.argmax()] if won or lost else max(0, -d)
        return (count * d - lost + won) / np.sqrt(count * (2 * q + d - d * d))
    low, high = (lost - won) / count, 1
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle) < Z else (low, middle)
    return high


def next_losses(scores, words):
    """The sum of -log p(next) of a sample, and of how many places."""
    rows = scores[:, :-1].astype(np.float64)
    most = rows.max(-1, keepdims=True)
    logs = rows - most - np.log(np.exp(rows - most).sum(-1, keepdims=True))
    return -np.take_along_axis(logs, words[:, 1:, None], -1).sum(), words[:, 1:].size


class Gate(unittest.TestCase):
    setUp_, tearDown = quantize.Quantize.setUp, quantize.Quantize.tearDown

    def setUp(self):
        self.setUp_()
        self.words, self.classes = self.folder / "words.onnx", self.folder / "classes.onnx"
        quantize.language_model(self.words, scale=0.3)
        classifier(self.classes)
        rng = np.random.default_rng(8)
        self.rows = rng.normal(0, 1, (400, 64)).astype(np.float32)
        np.save(self.folder / "rows.npy", self.rows)
        self.scores = engines.OnnxRuntime(self.classes).run({"x": self.rows})["y"]
        order = self.scores.argsort(1)
        self.labels = np.where(rng.random(400) < 0.2, order[:, -2], order[:, -1])
        np.save(self.folder / "labels.npy", self.labels)

    def run_build(self, model, *arguments, scheme="int4-weights"):
        return build(model, self.output, "--quantize", scheme, *arguments)

    def accepted(self, *arguments, **options):
        result = self.run_build(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def refused(self, message, *arguments, code=2, **options):
        """Nothing is written, and nothing is left."""
        self.output.unlink(missing_ok=True)
        before = sorted(self.folder.iterdir())
        result = self.run_build(*arguments, **options)
        self.assertEqual(result.returncode, code, result.stderr + result.stdout)
        self.assertRegex(result.stderr, message)
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def told(self):
        return report_of(self.output)["evaluation"]

    def check_labels(self, want, got, labels):
        right, ours = want.argmax(-1) == labels, got.argmax(-1) == labels
        lost, won = int((right & ~ours).sum()), int((ours & ~right).sum())
        told = self.told()
        self.assertEqual(told["metric"], "top1")
        self.assertAlmostEqual(told["accuracy"]["model"], right.mean(), places=9)
        self.assertAlmostEqual(told["accuracy"]["quantized"], ours.mean(), places=9)
        self.assertAlmostEqual(told["drop"], (lost - won) / labels.size, places=9)
        self.assertAlmostEqual(told["drop_at_most"], most_drop(lost, won, labels.size), places=4)
        return lost, won

    def test_labels_of_samples(self):
        text = self.accepted(self.classes, "--calib", self.folder / "rows.npy", "--labels", self.folder / "labels.npy", "--page",
                             self.folder / "page.html")
        got = engines.OptcLibrary(self.output).run({"x": self.rows})["y"]
        lost, won = self.check_labels(self.scores, got, self.labels)
        self.assertTrue(lost > 0 and won > 0, (lost, won))
        accuracy = self.told()["accuracy"]
        line = f"accuracy {100 * accuracy['quantized']:.3g} %, of the model {100 * accuracy['model']:.3g} %"
        self.assertIn(line, text)
        self.assertIn(line, (self.folder / "page.html").read_text())
        told = self.told()
        np.savez(self.folder / "labels.npz", anything=self.labels.astype(np.uint8))
        (self.folder / "labels.pb").write_bytes(numpy_helper.from_array(self.labels.astype(np.int32).reshape(20, 20)).SerializeToString())
        for name in ("labels.npz", "labels.pb"):
            self.accepted(self.classes, "--calib", self.folder / "rows.npy", "--labels", self.folder / name)
            self.assertEqual(self.told(), told)

    def test_labels_of_rows(self):
        words = np.random.default_rng(3).integers(0, 512, (40, 9))
        np.savez(self.folder / "words.npz", words=words)
        want = np.concatenate(run_all(engines.OnnxRuntime(self.words), {"words": words}))
        labels = np.where(np.random.default_rng(4).random((40, 9)) < 0.3, 7, want.argmax(-1))
        np.save(self.folder / "labels.npy", labels)
        self.accepted(self.words, "--eval", self.folder / "words.npz", "--labels", self.folder / "labels.npy")
        self.check_labels(want, np.concatenate(run_all(engines.OptcLibrary(self.output), {"words": words})), labels)
        self.refused("'.*labels.npy': it has 400 labels for 40 samples with 360 rows", self.words, "--eval", self.folder / "words.npz",
                     "--labels", self.saved("labels.npy", self.labels))

    def test_gate_by_labels(self):
        arguments = (self.classes, "--calib", self.folder / "rows.npy", "--labels", self.folder / "labels.npy", "--max-drop")
        self.accepted(*arguments, "3%")   # of which so many samples as are run before it is hopeless show too few
        self.assertLessEqual(self.told()["drop_at_most"], 0.03)
        self.assertIn("for the accuracy", {s.get("reason") for s in report_of(self.output)["sites"]})
        self.refused(r"OPTC-E8001: the drop is .* samples, at most .* confidence, and not 0.1 %", *arguments, "0.1%", code=4)

    def saved(self, name, array):
        np.save(self.folder / name, array)
        return self.folder / name

    def test_bad_labels(self):
        for name, labels, message in (
                ("few", self.labels[:-1], "it has 399 labels for 400 samples"), ("none", self.labels[:0], "it has 0 labels"),
                ("floats", self.labels.astype(np.float32), r"labels are integers, and not float\[400\]"),
                ("large", np.where(self.labels == 3, 10, self.labels), r"label \d+ is 10, the classes are 0 to 9"),
                ("small", self.labels - 1, r"label \d+ is -1, the classes")):
            with self.subTest(name):
                self.refused("OPTC-E8002: --labels '.*': " + message, self.classes, "--calib", self.folder / "rows.npy", "--labels",
                             self.saved(f"{name}.npy", labels))
        np.savez(self.folder / "two.npz", a=self.labels, b=self.labels)
        rows, good = ("--calib", self.folder / "rows.npy"), ("--labels", self.folder / "labels.npy")
        twice = self.folder / "twice.onnx"
        classifier(twice, twice=True)
        for message, arguments in (("it holds 2 arrays", (self.classes, *rows, "--labels", self.folder / "two.npz")),
                                   ("OPTC-E0101: .*nope.npy", (self.classes, *rows, "--labels", self.folder / "nope.npy")),
                                   ("--labels needs inputs", (self.classes, *good)),
                                   ("--labels are of use with --metric top1 only", (self.classes, *rows, *good, "--metric", "kl")),
                                   ("the model has 2 outputs of floats", (twice, *rows, *good))):
            with self.subTest(message):
                self.refused(message, *arguments)

    def check_perplexity(self, want, got, words):
        losses, places = zip(*(next_losses(*pair) for pair in zip(want, words)))
        ours = [next_losses(*pair)[0] for pair in zip(got, words)]
        total, differences, places = sum(places), np.subtract(ours, losses), np.array(places)
        mean = differences.sum() / total
        error = np.sqrt(len(words) / (len(words) - 1) * ((differences - mean * places) ** 2).sum()) / total
        told = self.told()
        for value, expected in ((told["perplexity"]["model"], np.exp(sum(losses) / total)),
                                (told["perplexity"]["quantized"], np.exp(sum(ours) / total)), (1 + told["drop"], np.exp(mean)),
                                (1 + told["drop_at_most"], np.exp(mean + Z * error))):
            self.assertLess(abs(value / expected - 1), 1e-5, (value, expected))

    def test_perplexity(self):
        """Of texts of unlike lengths."""
        rng, folder = np.random.default_rng(5), self.folder / "texts"
        folder.mkdir()
        words = [rng.integers(0, 512, (1, length)) for length in (9, 3, 17, 1, 6, 12)]
        for i, text in enumerate(words):
            np.savez(folder / f"{i}.npz", words=text)
        text = self.accepted(self.words, "--eval", folder, "--metric", "perplexity")
        engine, ours = engines.OnnxRuntime(self.words), engines.OptcLibrary(self.output)
        self.check_perplexity(*([e.run({"words": text})["y"] for text in words] for e in (engine, ours)), words)
        told = self.told()
        self.assertIn(f"perplexity {told['perplexity']['quantized']:.6g}, of the model {told['perplexity']['model']:.6g}", text)
        self.assertRegex(text, "perplexity rise .* % of 6 samples, at most")

    def test_gate_by_perplexity(self):
        words = np.random.default_rng(5).integers(0, 512, (30, 12))
        np.savez(self.folder / "words.npz", words=words)
        arguments = (self.words, "--calib", self.folder / "words.npz", "--metric", "perplexity", "--max-drop")
        self.accepted(*arguments, "50%")
        drop = self.told()["drop_at_most"]
        self.accepted(*arguments, str(abs(drop) / 4))
        self.assertLess(self.told()["drop_at_most"], abs(drop) / 4)
        self.check_perplexity(*(run_all(e, {"words": words}) for e in (engines.OnnxRuntime(self.words), engines.OptcLibrary(self.output))),
                              words[:, None])
        np.savez(self.folder / "one.npz", words=words[:1])
        self.assertIn("too few for a bound", self.accepted(self.words, "--eval", self.folder / "one.npz", "--metric", "perplexity"))
        self.assertNotIn("drop_at_most", self.told())

    def test_bad_tokens(self):
        model, metric = self.folder / "masked.onnx", ("--metric", "perplexity")
        masked(model)
        words = np.random.default_rng(5).integers(0, 64, (10, 7))
        np.savez(self.folder / "two.npz", words=words, mask=np.full_like(words, 2))
        np.savez(self.folder / "large.npz", words=words, mask=np.full_like(words, 64))
        np.savez(self.folder / "short.npz", words=words[:, :1], mask=words[:, :1])
        two = ("--calib", self.folder / "two.npz", *metric)
        self.accepted(model, *two, "--tokens", "words")
        for message, arguments in (
                ("several are: 'words' with output 'y', 'mask' with output 'y'; --tokens NAME", (model, *two)),
                ("'text' of --tokens is not; there are 'words', 'mask'", (model, *two, "--tokens", "text")),
                ("token 64 of sample 0 is not one of the 64", (model, "--calib", self.folder / "large.npz", *metric, "--tokens", "mask")),
                ("no sample has two tokens", (model, "--calib", self.folder / "short.npz", *metric, "--tokens", "words")),
                ("none is of the inputs 'x'", (self.classes, "--calib", self.folder / "rows.npy", *metric)),
                ("--metric needs inputs", (model, *metric)),
                ("--tokens is of use with --metric perplexity only", (model, *two[:2], "--tokens", "words"))):
            with self.subTest(message):
                self.refused(message, *arguments)

    def script(self, text):
        """A command; `path` is the artifact."""
        (self.folder / "judge.py").write_text(f"import sys\nimport numpy as np\nsys.path.insert(0, {str(engines.ROOT / 'test')!r})\n"
                                              f"path = sys.argv[-1]\n{text}\n")
        return f"{sys.executable} {self.folder / 'judge.py'} --of"

    def test_script(self):
        np.save(self.folder / "want.npy", self.scores)
        command = self.script(f"""
from harness import engines
folder = {str(self.folder)!r}
got = engines.OptcLibrary(path).run({{"x": np.load(folder + "/rows.npy")}})["y"]
print(path, file=open(folder + "/log", "a"))
print("judged", path)
print(10 - np.abs(got - np.load(folder + "/want.npy")).mean())
print()""")
        text = self.accepted(self.classes, "--script", command)
        told = self.told()
        score = 10 - np.abs(engines.OptcLibrary(self.output).run({"x": self.rows})["y"] - self.scores).mean()
        self.assertAlmostEqual(told["score"]["quantized"], score, places=5)
        self.assertAlmostEqual(told["score"]["model"], 10, places=5)
        self.assertAlmostEqual(told["drop"], 1 - told["score"]["quantized"] / told["score"]["model"], places=9)
        self.assertEqual({"metric", "samples", "drop", "score", "calibration_samples"}, set(told))
        self.assertRegex(text, "script drop .* %, without a bound: a script's number has no samples")
        paths = (self.folder / "log").read_text().split()
        self.assertEqual(len(paths), 2)   # the model, and what ships
        self.assertTrue(all(p.startswith(str(self.output)) and not Path(p).exists() for p in paths), paths)
        self.accepted(self.classes, "--script", command, "--max-drop", str(told["drop"] / 2), "--calib", self.folder / "rows.npy")
        self.assertLessEqual(self.told()["drop"], told["drop"] / 2)
        self.assertGreater(self.told()["cosine"], 0.99)
        self.refused("OPTC-E8001: the drop is .* %, without a bound: .*, and not 0 %", self.classes, "--script", command, "--max-drop", "0",
                     code=4)

    def test_bad_scripts(self):
        for message, text in (("it ended with exit code 3", "print(1)\nsys.exit(3)"), ("it printed nothing", "pass"),
                              ("is to be a number, and not 'good'", "print(1)\nprint('good')"), ("and not 'nan'", "print('nan')"),
                              ("it ended by signal 9", "import os\nos.kill(os.getpid(), 9)"), ("it gives the model 0", "print(0)")):
            with self.subTest(message):
                self.refused(f"OPTC-E8006: --script '.*': .*{message}", self.classes, "--script", self.script(text))
        self.refused("cannot run 'no-such-judge'", self.classes, "--script", "no-such-judge --fast")
        for other in (("--metric", "cosine"), ("--labels", self.folder / "labels.npy"), ("--confidence", "0.9")):
            self.refused(f"--script excludes {other[0]}|{other[0]} excludes --script", self.classes, "--script", "true", "--calib", self.folder / "rows.npy", *other)

    def bytes_of(self, bits):
        """f16 scales per block of 32. The last layer has the vocabulary the other way round, which is another weight."""
        return sum(n * 4 if b == 32 else n * b // 8 + n // 32 * 2 for b, n in zip(bits, (512 * 128, 128 * 128, 128 * 128, 512 * 128)))

    def test_size(self):
        """The errors of what is chosen are hardly larger than those of the best that fits, of all that there are."""
        words = np.random.default_rng(3).integers(0, 512, (24, 9))
        np.savez(self.folder / "words.npz", words=words)
        samples, errors = ("--calib", self.folder / "words.npz"), {32: [0] * 4}
        for scheme in ("int4-weights", "int8-dynamic"):
            self.accepted(self.words, *samples, "--rounding", "nearest", scheme=scheme)
            errors[int(scheme[3])] = [10 ** (-s["sqnr_db"] / 10) for s in report_of(self.output)["sites"]]
        def error(bits):
            return sum(errors[b][site] for site, b in enumerate(bits))
        want, last = run_all(engines.OnnxRuntime(self.words), {"words": words}), 0
        for target in (95000, 110000, 180000, 260000, 420000):
            with self.subTest(target):
                text = self.accepted(self.words, *samples, "--rounding", "nearest", "--target-size", target)
                report = report_of(self.output)
                bits = [s["bits"] for s in report["sites"]]
                size = self.bytes_of(bits)
                self.assertEqual((report["bytes"], report["target_bytes"]), (size, target))
                self.assertLessEqual(size, target)
                self.assertIn(f"{size} bytes, of at most {target}", text)
                best = min(error(b) for b in itertools.product((4, 8, 32), repeat=4) if self.bytes_of(b) <= target)
                self.assertLess(error(bits), 1.1 * best, bits)
                cosine = quantize.cosine(want, run_all(engines.OptcLibrary(self.output), {"words": words}))
                self.assertAlmostEqual(report["evaluation"]["cosine"], cosine, places=5)
                self.assertGreaterEqual(cosine, last - 1e-6)
                last = cosine

    def test_size_without_samples(self):
        all_bytes = self.bytes_of((32,) * 4)
        artifacts = []
        for arguments in (("--target-bits", "6.4"), ("--target-size", "20%"), ("--target-size", "131072"), ("--target-size", "128kb")):
            self.assertIn("accuracy was not measured", self.accepted(self.words, *arguments))
            artifacts.append(self.output.read_bytes())
        self.assertEqual(len(set(artifacts)), 1)
        report = report_of(self.output)
        self.assertEqual(report["target_bytes"], all_bytes // 5)
        self.assertEqual({s["bits"] for s in report["sites"]}, {4, 8})
        self.accepted(self.words, "--target-size", "40%", scheme="int8-weights")
        self.assertEqual({s["bits"] for s in report_of(self.output)["sites"]}, {8, 32})
        self.assertIn("weights of 16 bits: 2, as they are: 2;", self.accepted(self.words, "--target-size", "70%", scheme="f16"))
        self.accepted(self.words, "--keep", "/up", "--target-size", "30%")
        report = report_of(self.output)
        bits = [s["bits"] for s in report["sites"]]
        self.assertEqual((bits[1], 8 in bits, 4 in bits), (32, True, True))
        self.assertEqual(report["bytes"], self.bytes_of(bits))

    def test_size_of_integers(self):
        self.accepted(self.model, "--calib", self.folder / "x.npy", "--target-size", "60%", scheme="int8")
        report = report_of(self.output)
        sizes = [s["bytes"] for s in report["sites"]]
        self.assertEqual(sum(sizes), report["bytes"])
        self.assertLessEqual(report["bytes"], report["target_bytes"])
        self.assertEqual({s["bits"] for s in report["sites"]}, {8, 32})
        self.assertTrue(all(s["reason"] == "as the size allows" for s in report["sites"] if s["bits"] == 32))

    def test_size_refused(self):
        least = self.bytes_of((4,) * 4)
        self.refused(f"OPTC-E8005: the weights of products take at least {least} bytes, and not {least - 1}, of 655360 as they are",
                     self.words, "--target-size", least - 1, code=5)
        self.assertIn("weights of 4 bits: 4;", self.accepted(self.words, "--target-size", least))
        np.savez(self.folder / "words.npz", words=np.random.default_rng(3).integers(0, 512, (40, 9)))
        gate = ("--calib", self.folder / "words.npz", "--metric", "cosine", "--max-drop", "0.1%", "--target-size")
        self.refused(rf"OPTC-E8001: with weights in {least} bytes, of at most {least}, the drop is .* % of \d+ samples, .* and not 0.1 %",
                     self.words, *gate, least, code=4)
        self.accepted(self.words, *gate, "40%")
        self.assertLessEqual(self.told()["drop_at_most"], 0.001)
        for option, value in itertools.chain((("--target-size", v) for v in ("much", "0", "0%", "100%", "-3", "5q", "")),
                                             (("--target-bits", v) for v in ("0.5", "33", "few"))):
            self.refused(option, self.words, option, value)
        self.refused("--target-(bits|size) excludes --target-", self.words, "--target-bits", "5", "--target-size", "20%")
        for option in (("--target-size", "20%"), ("--target-bits", "5"), ("--labels", "x"), ("--script", "true"), ("--metric", "kl")):
            self.assertIn("of use with --quantize only", build(self.words, self.folder / "no.optc", *option).stderr)


if __name__ == "__main__":
    program = unittest.main(exit=False)
    result = program.result
    failed = len(result.failures) + len(result.errors)
    print(f"quantize-gate: {result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
