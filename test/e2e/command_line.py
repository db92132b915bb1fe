#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests of the command `optc` as a whole: reports, `check` in its formats, and usage.

  command_line.py [TEST...]      a name of unittest: Check.test_sarif"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
OPTC = ROOT / "build" / "bin" / "optc"
MODELS = ROOT / "build" / "models"
VERBS = ("build", "check", "run", "bench", "compare", "inspect", "explain")


def optc(*arguments, **environment):
    return subprocess.run([OPTC, *map(str, arguments)], capture_output=True, text=True, timeout=300,
                          env={**os.environ, **environment}, stdin=subprocess.DEVNULL)


def value(name, shape=(2, 3), dtype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def save(path, nodes, inputs, outputs, weights=()):
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("my", 1)]
    graph = helper.make_graph(nodes, "g", inputs, [value(name, None) for name in outputs], weights)
    Path(path).write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())


def chain(path):
    """Relu(MatMul) and one value with two users: something fused, something refused."""
    save(path, [helper.make_node("MatMul", ["x", "w"], ["a"], name="product"), helper.make_node("Relu", ["a"], ["b"], name="relu"),
                helper.make_node("MatMul", ["b", "w"], ["c"], name="second"), helper.make_node("Exp", ["c"], ["e"], name="exp"),
                helper.make_node("Sqrt", ["e"], ["y"], name="sqrt"),
                helper.make_node("Neg", ["c"], ["z"], name="neg")],
         [value("x", ("n", 16)), value("w", (16, 16))], ("y", "z"))


def mixed(path):
    """Unknown operators, an input of strings, and refusals inside of branches."""
    branch = lambda name, nodes, output: helper.make_graph(nodes, name, [], [value(output, None)])
    save(path, [helper.make_node("Frob", ["x"], ["a"], name="frob", domain="my"), helper.make_node("Relu", ["a"], ["b"], name="after frob"),
                helper.make_node("StringNormalizer", ["s"], ["t"], name="strings"), helper.make_node("Neg", ["x"], ["y"], name="fine"),
                helper.make_node("If", ["c"], ["z"], name="if",
                                 then_branch=branch("then", [helper.make_node("Frob", ["x"], ["u"], name="in then", domain="my")], "u"),
                                 else_branch=branch("else", [helper.make_node("Frob", ["x"], ["v"], name="in else", domain="my")], "v")),
                helper.make_node("Abs", ["z"], ["w"], name="after if")],
         [value("x"), value("s", (2,), TensorProto.STRING), value("c", (), TensorProto.BOOL)], ("y", "b", "w"))


def convolution(path):
    """One that is computed by Winograd's algorithm."""
    filters = np.random.default_rng(0).standard_normal((64, 64, 3, 3)).astype(np.float32)
    save(path, [helper.make_node("Conv", ["x", "w"], ["y"], name="conv", pads=[1, 1, 1, 1])], [value("x", (1, 64, 56, 56))], ("y",),
         [numpy_helper.from_array(filters, "w")])


def recurrent(path, op, gates):
    """A layer of 4 units over 3 steps of 2 batches of 5 numbers."""
    weights = [numpy_helper.from_array(np.ones((1, 4 * gates, size), np.float32), name) for name, size in (("w", 5), ("r", 4))]
    save(path, [helper.make_node(op, ["x", "w", "r"], ["y"], name="layer", hidden_size=4)], [value("x", (3, 2, 5))], ("y",), weights)


class InFolder(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="optc-command-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)


class Report(InFolder):
    def inspect(self, artifact):
        return json.loads(optc("inspect", artifact, "--json").stdout)["report"]

    def test_small_model(self):
        chain(self.folder / "m.onnx")
        built = optc("build", self.folder / "m.onnx", "--report", "--level", "x86-64-v3")
        self.assertEqual(built.returncode, 0, built.stderr)
        for line in ("made 1 x epilogue of kernel.matmul and linalg.generic", "product + relu",
                     "refused 1 x epilogue of kernel.matmul and linalg.generic: the result has several consumers"):
            self.assertIn(line, built.stdout)
        report = self.inspect(self.folder / "m.optc")
        self.assertEqual(report["report_version"], 1)
        self.assertEqual(report["options"], {"optimize": 2, "precision": "f32", "exact": False, "profile": False, "levels": ["x86-64-v3"]})
        self.assertEqual(report["model"]["onnx_nodes"], {"Exp": 1, "MatMul": 2, "Neg": 1, "Relu": 1, "Sqrt": 1})
        self.assertEqual(report["code"][0]["kernels"]["matmul"], 2)
        self.assertEqual([stage["name"] for stage in report["stages"]], ["simplify", "compress", "fuse", "select", "place", "generate x86-64-v3"])
        self.assertIn("fuse-epilogue", report["stages"][2]["passes"])
        refused = [d for d in report["decisions"] if d["pass"] == "fuse-epilogue" and d["result"] == "refused"]
        self.assertEqual(len(refused), 1)
        self.assertIn("second", refused[0]["nodes"][0])

    def test_bounds(self):
        model, artifact = self.folder / "m.onnx", self.folder / "m.optc"
        chain(model)
        built = optc("build", model, "--bound", "n=4000", "--report", "--level", "x86-64-v3")
        self.assertEqual(built.returncode, 0, built.stderr)
        arena = self.inspect(artifact)["arena"][0]
        self.assertEqual(arena["bounds"], [{"symbol": "n", "max": 4000}])
        # One value of [n, 16] floats between the two products, and its result for both users.
        self.assertEqual(arena["bytes"], 2 * 4000 * 16 * 4)
        self.assertIn("in one arena of 512.0 KB, at least 512.0 KB alive at once, with n = 4000", built.stdout)
        self.assertIn("bound   n: at most 4000", optc("inspect", artifact).stdout)
        self.assertEqual(optc("bench", artifact, "--shape", "n=4000", "--duration", "0.01").returncode, 0)
        beyond = optc("bench", artifact, "--shape", "n=4001", "--duration", "0.01")
        self.assertEqual(beyond.returncode, 2)
        self.assertIn("OPTC-E7006: 'n' is 4001 in input 'x'; the artifact was built for at most 4000", beyond.stderr)
        for bound, error in (("m=3", "which is no symbol of an input; there are n"), ("n", "SYMBOL=SIZE"), ("n=0", "SYMBOL=SIZE"),
                             ("n=-1", "SYMBOL=SIZE"), ("=3", "SYMBOL=SIZE"), ("n=99999999999999999999", "SYMBOL=SIZE")):
            refused = optc("build", model, "--bound", bound, "-o", self.folder / "none.optc")
            self.assertEqual(refused.returncode, 2)
            self.assertIn(error, refused.stderr)
            self.assertFalse((self.folder / "none.optc").exists())
        twice = optc("build", model, "--bound", "n=4", "--bound", "n=8", "-o", self.folder / "none.optc")
        self.assertEqual(twice.returncode, 2)
        self.assertIn("'n' a largest size twice", twice.stderr)

    def test_levels_of_optimization(self):
        chain(self.folder / "m.onnx")
        kernels, outputs = [], []
        for level in "012":
            artifact = self.folder / f"m{level}.optc"
            self.assertEqual(optc("build", self.folder / "m.onnx", f"-O{level}", "-o", artifact).returncode, 0)
            report = self.inspect(artifact)
            self.assertEqual(report["options"]["optimize"], int(level))
            kernels.append(report["code"][0]["kernels"])
        self.assertEqual([k.get("matmul", 0) for k in kernels], [0, 0, 2])
        self.assertLess(kernels[1]["linalg"], kernels[0]["linalg"])
        self.assertEqual(optc("build", self.folder / "m.onnx", "-O3").returncode, 2)

    def test_real_model(self):
        """The numbers agree with the artifact; equal inputs give equal bytes; the size is bounded."""
        artifacts = [self.folder / f"{jobs}.optc" for jobs in (1, 2)]
        for jobs, artifact in zip((1, 2), artifacts):
            self.assertEqual(optc("build", MODELS / "ocr_cls.onnx", "-j", jobs, "-o", artifact).returncode, 0)
        self.assertEqual(artifacts[0].read_bytes(), artifacts[1].read_bytes())
        shown = json.loads(optc("inspect", artifacts[0], "--json").stdout)
        report, sections = shown["report"], {s["name"]: s["size"] for s in shown["sections"]}
        self.assertEqual(report["model"]["onnx_nodes"]["Conv"], 53)
        kernels = report["code"][0]["kernels"]
        self.assertEqual((kernels["conv"], kernels["depthwise"]), (42, 11))
        for code in report["code"]:
            self.assertEqual(sections[f"code/{code['triple']}/{code['level']}.so"], code["bytes"])
        weights = report["weights"]
        stored = weights["packed_bytes"] + weights["plain_bytes"]
        self.assertLessEqual(stored, sections["weights/main.bin"])
        self.assertLess(sections["weights/main.bin"] - stored, 64 * 1000)  # alignment
        self.assertLess(sections["report.json"], 64 << 10)
        self.assertTrue(all(len(d["nodes"]) <= 8 and d["count"] >= len(d["nodes"]) for d in report["decisions"]))
        self.assertNotIn(str(self.folder), json.dumps(report))
        text = optc("inspect", artifacts[0]).stdout
        self.assertIn("42 conv, 11 depthwise", text)

    def test_summary(self):
        """The size of the artifact, and why it is larger than the model."""
        model, artifact = self.folder / "m.onnx", self.folder / "m.optc"
        convolution(model)
        built = optc("build", model, "--level", "x86-64-v3", "-o", artifact).stdout
        weights = self.inspect(artifact)["weights"]
        self.assertEqual(weights["winograd_bytes"], weights["packed_bytes"])
        # 36 numbers for the 9 of a window, or 16.
        ratio = weights["winograd_bytes"] / weights["model_bytes"]
        self.assertIn(round(ratio, 2), (4.0, 1.78))
        self.assertEqual(built.split(",")[0], f"{artifact}: {self.megabytes(artifact.stat().st_size)} (weights take {ratio:.1f} x those of the "
                         f"model: {self.megabytes(weights['winograd_bytes'])} are transformed for Winograd convolutions; --optimize-for size does without)")
        exact = optc("build", model, "--level", "x86-64-v3", "--exact", "-o", artifact).stdout
        self.assertRegex(exact, r"^\S+: [0-9.]+ KB, [0-9.]+ s\n$")
        self.assertEqual(self.inspect(artifact)["weights"]["winograd_bytes"], 0)
        small = optc("build", model, "--level", "x86-64-v3", "--optimize-for", "size", "-o", artifact).stdout
        self.assertRegex(small, r"^\S+: [0-9.]+ KB, [0-9.]+ s\n$")
        self.assertEqual(self.inspect(artifact)["options"]["optimize_for"], "size")
        self.assertEqual(self.inspect(artifact)["weights"]["winograd_bytes"], 0)
        self.assertEqual(optc("build", model, "--level", "x86-64-v3", "--quiet", "-o", artifact).stdout, "")

    def megabytes(self, size):
        return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} KB"

    def test_arena_of_static_shapes(self):
        nodes, x = [], "x"
        for i in range(4):  # each reads what the one before wrote, and a sum over rows keeps them apart
            nodes += [helper.make_node("MatMul", [x, "w"], [f"m{i}"], name=f"m{i}")]
            x = f"m{i}"
        save(self.folder / "m.onnx", nodes, [value("x", (64, 64)), value("w", (64, 64))], (x,))
        optc("build", self.folder / "m.onnx")
        arena = self.inspect(self.folder / "m.optc")["arena"][0]
        self.assertEqual(arena["buffers"], 3)  # all but the output
        self.assertEqual(arena["lower_bound_bytes"], 2 * 64 * 64 * 4)
        self.assertEqual(arena["bytes"], arena["lower_bound_bytes"])


class Check(InFolder):
    FOUND = {"s", "frob", "strings", "in then", "in else"}

    def check(self, *arguments):
        mixed(self.folder / "m.onnx")
        result = optc("check", self.folder / "m.onnx", *arguments)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("OPTC-E2001", result.stderr)
        return result.stdout

    def test_text(self):
        text = self.check()
        for name in self.FOUND:
            self.assertIn(f": {name}", text)
        self.assertIn("2 nodes depend on these", text)
        self.assertIn("what to do about OPTC-E2003", text)

    def test_json(self):
        result = json.loads(self.check("--format", "json"))
        self.assertEqual({f["node"] for f in result["findings"]}, self.FOUND)
        self.assertEqual((result["supported"], result["not_judged"]), (False, 2))
        frob = next(f for f in result["findings"] if f["node"] == "frob")
        self.assertEqual((frob["op"], frob["id"]), ("my:Frob", "OPTC-E2001"))
        self.assertEqual(frob["reason"], "optc has no implementation of this operator")

    def test_sarif(self):
        """What SARIF 2.1.0 asks for; the findings are those of the other formats."""
        log = json.loads(self.check("--format", "sarif"))
        self.assertEqual(log["version"], "2.1.0")
        run, = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual(run["tool"]["driver"]["name"], "optc")
        self.assertEqual({r["id"] for r in rules}, {"OPTC-E2001", "OPTC-E2003"})
        for rule in rules:
            self.assertTrue(rule["shortDescription"]["text"] and rule["help"]["text"])
        for result in run["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            self.assertIn(result["level"], ("error", "warning", "note"))
            self.assertTrue(result["message"]["text"])
            location, = result["locations"]
            self.assertEqual(location["physicalLocation"]["artifactLocation"]["uri"], run["artifacts"][0]["location"]["uri"])
        names = {r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for r in run["results"]}
        self.assertEqual(names, self.FOUND)

    def test_supported(self):
        chain(self.folder / "m.onnx")
        self.assertIn("supported", optc("check", self.folder / "m.onnx", "--target", "cpu").stdout)
        sarif = json.loads(optc("check", self.folder / "m.onnx", "--format", "sarif").stdout)
        self.assertEqual(sarif["runs"][0]["results"], [])
        self.assertTrue(json.loads(optc("check", self.folder / "m.onnx", "--format", "json").stdout)["supported"])

    def test_recurrent_layers(self):
        """No target has kernels for them; they are expanded on the way."""
        for op, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
            recurrent(self.folder / "m.onnx", op, gates)
            result = optc("check", self.folder / "m.onnx")
            self.assertEqual((result.returncode, optc("build", self.folder / "m.onnx").returncode), (0, 0), result.stdout)

    def test_no_model(self):
        (self.folder / "a b%.onnx").write_bytes(b"no model")
        result = optc("check", self.folder / "a b%.onnx", "--format", "sarif")
        self.assertEqual(result.returncode, 3)
        run, = json.loads(result.stdout)["runs"]
        self.assertEqual(run["results"][0]["ruleId"], "OPTC-E1001")
        self.assertTrue(run["artifacts"][0]["location"]["uri"].endswith("/a%20b%25.onnx"))
        missing = optc("check", self.folder / "none.onnx", "--format", "json")
        self.assertEqual((missing.returncode, missing.stdout), (2, ""))

    def test_target(self):
        chain(self.folder / "m.onnx")
        result = optc("check", self.folder / "m.onnx", "--target", "abacus")
        self.assertEqual(result.returncode, 2)
        self.assertIn("the targets are: cpu", result.stderr)


class Usage(InFolder):
    def test_help(self):
        for verb in VERBS:
            text = optc(verb, "--help").stdout
            self.assertIn(f"optc {verb}", text, verb)
            self.assertIn(verb, optc("--help").stdout)
            if verb != "bench":
                self.assertRegex(text, r"Examples?:\n  optc ", verb)

    def test_version(self):
        self.assertRegex(optc("--version").stdout, r"^\d+\.\d+\.\d+")

    def test_slips(self):
        chain(self.folder / "m.onnx")
        for arguments, expected in ((("chek", "m.onnx"), "did you mean 'check'?"), (("frobnicate",), "no verb and no file 'frobnicate'"),
                                    (("build", self.folder / "m.onnx", "--reprot"), "did you mean '--report'?"),
                                    (("none.onnx",), "cannot open 'none.onnx'"), (("run", "none.optc"), "OPTC-E0101"),
                                    (("build",), "model is required"), (("explain", "OPTC-E4242"), "`optc explain` lists all"), ((), "--help")):
            result = optc(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(expected, result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    def test_explain_lists_all(self):
        ids = [line.split()[0] for line in optc("explain").stdout.splitlines() if line.startswith("OPTC-")]
        self.assertEqual(ids, sorted(set(ids)))
        self.assertIn("OPTC-E5001", ids)

    def test_environment_and_configuration(self):
        chain(self.folder / "m.onnx")
        artifact = self.folder / "m.optc"
        built = lambda *arguments, **environment: optc(*arguments, self.folder / "m.onnx", "-o", artifact, **environment)
        level = lambda: json.loads(optc("inspect", artifact, "--json").stdout)["report"]["options"]
        (self.folder / "c.toml").write_text("[build]\noptimize = 1\nlevel = [\"x86-64-v3\"]\n")
        (self.folder / "c.json").write_text('{"build": {"optimize": 1, "level": ["x86-64-v3"]}}')
        ways = (({"OPTC_OPTIMIZE": "1", "OPTC_LEVEL": "x86-64-v3"}, ("build",)), ({}, ("--config", self.folder / "c.toml", "build")),
                ({}, ("--config", self.folder / "c.json")), ({"OPTC_CONFIG": str(self.folder / "c.json")}, ("build",)))
        for environment, arguments in ways:
            artifact.unlink(missing_ok=True)
            self.assertEqual(built(*arguments, **environment).returncode, 0)
            self.assertEqual((level()["optimize"], level()["levels"]), (1, ["x86-64-v3"]), arguments)
        # What is on the command line wins; flags and verbs of other sections are not touched.
        self.assertEqual(built("--config", self.folder / "c.json", "build", "-O0").returncode, 0)
        self.assertEqual(level()["optimize"], 0)
        quiet = built("build", OPTC_QUIET="1")
        self.assertEqual((quiet.returncode, quiet.stdout, quiet.stderr), (0, "", ""))

    def test_other_machines(self):
        chain(self.folder / "m.onnx")
        artifact = self.folder / "m.optc"
        built = lambda *arguments: optc("build", self.folder / "m.onnx", "-q", "-o", artifact, *arguments)
        for triple in ("aarch64-linux-gnu", "aarch64-unknown-linux-gnu"):
            self.assertEqual(built("--triple", triple).returncode, 0)
            report = json.loads(optc("inspect", artifact, "--json").stdout)["report"]
            self.assertEqual((report["options"]["triple"], report["options"]["levels"]), ("aarch64-unknown-linux-gnu", ["aarch64"]))
            self.assertEqual([(code["triple"], code["level"]) for code in report["code"]], [("aarch64-unknown-linux-gnu", "aarch64")])
        self.assertEqual(built("--triple", "aarch64-linux-gnu", "--precision", "bf16").returncode, 0)
        report = json.loads(optc("inspect", artifact, "--json").stdout)["report"]
        self.assertEqual(report["options"]["levels"], ["aarch64", "aarch64-bf16"])
        # The same bytes twice, whatever machine makes them.
        first = artifact.read_bytes()
        built("--triple", "aarch64-linux-gnu", "--precision", "bf16")
        self.assertEqual(artifact.read_bytes(), first)
        self.assertEqual(optc("build", self.folder / "m.onnx", "-q", "-o", artifact, OPTC_TRIPLE="aarch64-linux-gnu").returncode, 0)
        self.assertEqual(json.loads(optc("inspect", artifact, "--json").stdout)["report"]["options"]["levels"], ["aarch64"])
        # Compiled again as the artifact was.
        here = self.folder / "here.optc"
        self.assertEqual(optc("build", self.folder / "m.onnx", "-q", "-o", here, "--triple", "x86_64-linux-gnu", "--level", "x86-64-v3").returncode, 0)
        compared = optc("compare", self.folder / "m.onnx", here)
        self.assertEqual(compared.returncode, 0, compared.stderr)
        built("--triple", "aarch64-linux-gnu", "--precision", "bf16")
        # No code for this machine: one line that names both sides, of every verb that runs it.
        for verb in (("run", artifact), ("bench", artifact), ("compare", self.folder / "m.onnx", artifact)):
            failed = optc(*verb)
            self.assertEqual(failed.returncode, 2, failed.stderr)
            self.assertRegex(failed.stderr, r"^error: OPTC-E7001: the artifact has code for aarch64-bf16, aarch64; this processor is x86-64")

    def test_triples_and_levels_that_do_not_fit(self):
        chain(self.folder / "m.onnx")
        known = "x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu"
        arm = "aarch64, aarch64-bf16"
        for arguments, said in (
                (("--triple", "riscv64-linux-gnu"), f"unknown triple 'riscv64-linux-gnu'; the triples are: {known}"),
                (("--triple", "aarch64-apple-darwin"), f"unknown triple 'aarch64-apple-darwin'; the triples are: {known}"),
                (("--triple", "aarch64-linux-gnu", "--level", "x86-64-v3"),
                 f"code level 'x86-64-v3' is one of x86_64-unknown-linux-gnu; those of aarch64-unknown-linux-gnu are: {arm}"),
                (("--triple", "aarch64-linux-gnu", "--level", "armv9"), f"unknown code level 'armv9'; the levels are: {arm}"),
                (("--level", "x86-64-v2"), "unknown code level 'x86-64-v2'; the levels are: x86-64-v3, x86-64-v4, x86-64-v4-bf16, " + arm)):
            refused = optc("build", self.folder / "m.onnx", *arguments)
            self.assertEqual((refused.returncode, refused.stderr), (2, f"error: OPTC-E0102: {said}\n"))
            self.assertFalse((self.folder / "m.optc").exists())
        help = optc("build", "--help").stdout
        for name in ("x86-64-v4-bf16", "aarch64-bf16", "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"):
            self.assertIn(name, help.replace("\n", " "))

    def test_progress_on_terminals_only(self):
        chain(self.folder / "m.onnx")
        self.assertEqual(optc(self.folder / "m.onnx").stderr, "")
        shown, terminal = os.openpty()
        child = subprocess.Popen([OPTC, self.folder / "m.onnx"], stdout=subprocess.DEVNULL, stderr=terminal)
        os.close(terminal)
        text = b""
        try:
            while part := os.read(shown, 4096):
                text += part
        except OSError:  # the other end is closed
            pass
        os.close(shown)
        self.assertEqual(child.wait(), 0)
        self.assertRegex(text.decode(), r"\[\d/\d\] +\d+ % +[\d.]+ s  fuse")


if __name__ == "__main__":
    outcome = unittest.main(exit=False, verbosity=1).result
    bad = len(outcome.failures) + len(outcome.errors)
    print(f"command line: {outcome.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)
