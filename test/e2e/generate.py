#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""optc build --kv and optc generate against ONNX Runtime, which is given past and present call by call."""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from harness import decoders, engines
from harness.builds import OPTC
from harness.optc_runtime import OptcError, aligned
from tokenizers import Tokenizer, decoders as token_decoders, models, pre_tokenizers

WORDS = ["<end>", "<user>"] + [f"w{i}" for i in range(decoders.VOCABULARY - 2)]


def run(*arguments):
    return subprocess.run([str(OPTC), *map(str, arguments)], capture_output=True, text=True)


class Generate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="optc-generate-")
        cls.folder = Path(cls.scratch.name)
        cls.built = {}

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def build(self, form, *arguments):
        """The artifact of a form, each built once."""
        key = (form, *arguments)
        if key not in self.built:
            model = self.folder / f"{form}.onnx"
            if not model.exists():
                decoders.FORMS[form](model)
            output = self.folder / f"{form}-{len(self.built)}.optc"
            result = run("build", model, "--kv", "contiguous", "-o", output, "-q", *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.built[key] = output
        return self.built[key]

    def generate(self, artifact, *arguments):
        result = run("generate", artifact, *arguments, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def test_greedy_tokens(self):
        """All forms, with prompts of one token and of more than are computed together."""
        for form in decoders.FORMS:
            artifact = self.build(form)
            for length, context in ((1, 64), (17, 64)):
                prompt = np.random.default_rng(length).integers(0, decoders.VOCABULARY, length).tolist()
                want, _ = decoders.greedy(self.folder / f"{form}.onnx", prompt, 40)
                got = self.generate(artifact, "--ids", ",".join(map(str, prompt)), "--max-tokens", 40, "--context", context)
                self.assertEqual((got["tokens"], got["finish_reason"], got["prompt_tokens"]), (want, "length", length), form)

    def test_long_prompts_in_parts(self):
        artifact = self.build("llama-17")
        prompt = np.random.default_rng(5).integers(0, decoders.VOCABULARY, 600).tolist()
        want, _ = decoders.greedy(self.folder / "llama-17.onnx", prompt, 8)
        self.assertEqual(self.generate(artifact, "--ids", ",".join(map(str, prompt)), "--max-tokens", 8)["tokens"], want)

    def test_memory_that_nobody_wrote(self):
        """What lies behind the tokens is not read, and scores are those of the model."""
        for form in decoders.FORMS:
            engine = engines.OptcLibrary(self.build(form))
            onnx_inputs = onnx.load(self.folder / f"{form}.onnx").graph.input
            shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in onnx_inputs}
            caches = {name: aligned(np.full((1, shapes[name][1], 50, shapes[name][3]), np.nan, np.float32))
                      for name in engine.inputs if name not in ("input_ids", "optc.length")}
            prompt = [3, 1, 4, 1, 5]
            made, want = decoders.greedy(self.folder / f"{form}.onnx", prompt, 30)
            new, length = prompt, 0
            for token in made:
                got = engine.run({"input_ids": np.array([new]), "optc.length": np.array([length]), **caches})["logits"]
                self.assertEqual(got.shape, (1, 1, decoders.VOCABULARY))
                length, new = length + len(new), [token]
            np.testing.assert_allclose(got[0, 0], want, rtol=1e-4, atol=1e-4 * np.abs(want).max())
            self.assertTrue(all(np.isnan(cache[:, :, length:]).all() and np.isfinite(cache[:, :, :length]).all() for cache in caches.values()))

    def test_batches(self):
        engine = engines.OptcLibrary(self.build("llama-23"))
        rows = np.random.default_rng(8).integers(0, decoders.VOCABULARY, (3, 6))
        caches = {name: aligned(np.zeros((3, 2, 16, 16), np.float32)) for name in engine.inputs if name.startswith("past")}
        got = engine.run({"input_ids": rows, "optc.length": np.array([0]), **caches})["logits"]
        for row, scores in zip(rows, got):
            _, want = decoders.greedy(self.folder / "llama-23.onnx", row, 1)
            np.testing.assert_allclose(scores[0], want, rtol=1e-4, atol=1e-4 * np.abs(want).max())

    def test_quantized(self):
        """With codes of 8 bits the first tokens are those of the model; calibration sees the model as it is."""
        calibration = self.folder / "calib.npz"
        rng = np.random.default_rng(4)
        feeds = {"input_ids": rng.integers(0, decoders.VOCABULARY, (24, 32)), "attention_mask": np.ones((24, 32), np.int64),
                 "position_ids": np.tile(np.arange(32), (24, 1))}
        for i in range(decoders.LAYERS):
            feeds |= {f"past_key_values.{i}.{kind}": np.zeros((24, 2, 0, 16), np.float32) for kind in ("key", "value")}
        np.savez(calibration, **feeds)
        for scheme in (("int8-weights",), ("int4-weights", "--calib", str(calibration), "--block", "16")):
            artifact = self.build("llama-17", "--quantize", *scheme)
            want, _ = decoders.greedy(self.folder / "llama-17.onnx", [7, 8, 9], 4)
            got = self.generate(artifact, "--ids", "7,8,9", "--max-tokens", 4)["tokens"]
            if scheme[0] == "int8-weights":
                self.assertEqual(got, want)
            self.assertEqual(len(got), 4)

    def test_own_text(self):
        """Calibration with text that the model draws itself: the same each time, as long as positions reach, nothing left behind."""
        self.build("gpt2")
        for name in ("one", "two"):
            result = run("build", self.folder / "gpt2.onnx", "--quantize", "int4-weights", "--calib", "auto", "--metric", "cosine",
                         "-o", self.folder / f"{name}.optc")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stdout, "of 16 samples")
        self.assertEqual((self.folder / "one.optc").read_bytes(), (self.folder / "two.optc").read_bytes())
        self.assertEqual(list(self.folder.glob("*.text-*")), [])
        # Better than without data on text of its own, by what ships.
        rng = np.random.default_rng(9)
        rows = [[int(token)] + decoders.greedy(self.folder / "gpt2.onnx", [int(token)], 30)[0] for token in rng.integers(0, decoders.VOCABULARY, 6)]
        plain = run("build", self.folder / "gpt2.onnx", "--quantize", "int4-weights", "-o", self.folder / "plain4.optc")
        self.assertEqual(plain.returncode, 0, plain.stderr)
        oracle, errors = engines.OnnxRuntime(self.folder / "gpt2.onnx"), []
        for name in ("one", "plain4"):
            engine, error = engines.OptcLibrary(self.folder / f"{name}.optc"), 0
            for row in rows:
                feeds = {"input_ids": np.array([row]), "attention_mask": np.ones((1, len(row)), np.int64), "position_ids": np.arange(len(row))[None]}
                feeds |= {n: np.zeros((1, 4, 0, 16), np.float32) for n in engine.inputs if n.startswith("past")}
                error += np.square(engine.run(feeds)["logits"] - oracle.run(feeds)["logits"]).sum()
            errors.append(error)
        self.assertLess(errors[0], 0.7 * errors[1])

    def test_texts(self):
        """The tokenizer, the end of a text and the template come from the folder of the model."""
        folder = self.folder / "texts"
        folder.mkdir()
        tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<end>"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.decoder = token_decoders.WordPiece(prefix="##")
        tokenizer.add_special_tokens(["<end>", "<user>"])
        tokenizer.save(str(folder / "tokenizer.json"))
        decoders.FORMS["gpt2"](folder / "m.onnx")
        for start in range(2, 100):   # until a token comes for the first time behind some others
            made, _ = decoders.greedy(folder / "m.onnx", [start, 6], 12)
            end = max(made.index(token) for token in made)
            if end > 3:
                break
        (folder / "config.json").write_text(json.dumps({"eos_token_id": made[end], "n_positions": 100}))
        (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{% for m in messages %}{{ '<user> ' + m['content'] }}{% endfor %}"}))
        self.assertEqual(run("build", folder / "m.onnx", "--kv", "contiguous", "-q").returncode, 0)
        artifact, prompt = folder / "m.optc", f"{WORDS[start]} {WORDS[6]}"
        got = self.generate(artifact, "--prompt", prompt)
        self.assertEqual((got["tokens"], got["finish_reason"], got["context"]), (made[:end + 1], "end", 100))
        self.assertEqual(got["text"], " ".join(WORDS[i] for i in made[:end]))
        plain = run("generate", artifact, "--prompt", prompt)
        self.assertEqual(plain.stdout, got["text"] + "\n")
        more = self.generate(artifact, "--prompt", prompt, "--ignore-end", "--max-tokens", 12)
        self.assertEqual((more["tokens"], more["finish_reason"]), (made, "length"))
        stop = WORDS[made[end - 1]]
        stopped = self.generate(artifact, "--prompt", prompt, "--stop", stop)
        self.assertEqual(stopped["finish_reason"], "stop")
        self.assertEqual(stopped["text"], got["text"].split(stop)[0])
        chat = self.generate(artifact, "--chat", "--prompt", prompt, "--max-tokens", 1)
        self.assertEqual((chat["prompt_tokens"], chat["tokens"]), (3, decoders.greedy(folder / "m.onnx", [1, start, 6], 1)[0]))

    def test_sampling(self):
        artifact = self.build("gpt2")
        sample = lambda *arguments: self.generate(artifact, "--ids", "1,2", "--max-tokens", 30, *arguments)["tokens"]
        self.assertEqual(sample("--temperature", 1, "--seed", 1), sample("--temperature", 1, "--seed", 1))
        self.assertNotEqual(sample("--temperature", 1, "--seed", 1), sample("--temperature", 1, "--seed", 2))
        greedy = sample()
        for only in (("--top-k", 1), ("--top-p", 0), ("--min-p", 1), ("--temperature", 0.0001)):
            self.assertEqual(sample("--temperature", 1, *only) if only[0] != "--temperature" else sample(*only), greedy, only)
        self.assertGreaterEqual(len(set(sample("--repetition-penalty", 50))), len(set(greedy)))

    def test_bad_input(self):
        artifact = self.build("gpt2")
        plain = self.folder / "plain.optc"
        self.assertEqual(run("build", self.folder / "gpt2.onnx", "-o", plain, "-q").returncode, 0)
        ids = ",".join(["1"] * 20)
        for arguments, code, text in (((artifact,), 2, "nothing to continue"), ((artifact, "--prompt", "hello"), 2, "no tokenizer.json"),
                                      ((plain, "--ids", "1"), 2, "--kv contiguous"), ((self.folder / "gpt2.onnx", "--ids", "1"), 2, "build it first"), ((artifact, "--ids", ids, "--context", "19"), 2, "larger --context"),
                                      ((artifact, "--ids", "1", "--top-p", "2"), 2, "top-p"),
                                      ((artifact, "--ids", "1", "--chat"), 2, "--prompt|prompt")):
            result = run("generate", *arguments)
            self.assertNotEqual(result.returncode, 0, arguments)
            self.assertRegex(result.stderr + result.stdout, text)
        got = self.generate(artifact, "--ids", ids, "--context", 24)
        self.assertEqual((got["finish_reason"], len(got["tokens"])), ("context", 5))

    def test_models_refused(self):
        from onnx import TensorProto, helper
        x = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "xy"]
        onnx.save(helper.make_model(helper.make_graph([helper.make_node("Relu", ["x"], ["y"], name="/r")], "g", x[:1], x[1:])), self.folder / "no.onnx")
        result = run("build", self.folder / "no.onnx", "--kv", "contiguous", "-o", self.folder / "no.optc")
        self.assertEqual(result.returncode, 3)
        self.assertIn("the model is no decoder", result.stderr)
        self.assertFalse((self.folder / "no.optc").exists())
        result = run("build", self.folder / "no.onnx", "--quantize", "int4-weights", "--calib", "auto", "-o", self.folder / "no.optc")
        self.assertEqual(result.returncode, 3)
        self.assertIn("--calib auto needs a decoder", result.stderr)
        (self.folder / "bad").mkdir()
        decoders.FORMS["gpt2"](self.folder / "bad" / "m.onnx")
        (self.folder / "bad" / "tokenizer.json").write_text("{")
        result = run("build", self.folder / "bad" / "m.onnx", "--kv", "contiguous")
        self.assertEqual(result.returncode, 3)
        self.assertIn("tokenizer.json", result.stderr)

    def test_caches_of_other_memory(self):
        """Memory that the runtime would have to copy is refused: what is added would be lost."""
        engine = engines.OptcLibrary(self.build("gpt2"))
        with self.assertRaisesRegex(OptcError, "is a cache, whose memory has to begin at a multiple of 64"):
            import ctypes
            from harness.optc_runtime import Tensor, number_of
            room = np.zeros(4 * 16 * 16 * 4 + 128, np.uint8)
            start = -room.ctypes.data % 64 + 4
            dims = (ctypes.c_int64 * 4)(1, 4, 16, 16)
            index = engine.inputs["past.0.k"]
            engine._check(engine.library.optc_context_set_input(engine.context, index, ctypes.byref(
                Tensor(number_of(np.dtype(np.float32)), 4, dims, room.ctypes.data + start))))


if __name__ == "__main__":
    program = unittest.main(argv=[sys.argv[0], *sys.argv[1:]], exit=False)
    result = program.result
    failed = len(result.failures) + len(result.errors)
    print(f"generate: {result.testsRun - failed} passed, {failed} failed")
    sys.exit(bool(failed))
