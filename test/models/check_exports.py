#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the exported models: MiniLM against a numpy reference, and the two SmolLM2 exports for
the same greedy tokens, a sensible text, and a cache that gives the logits of one prefill."""
import sys

import gguf
import numpy as np
import onnxruntime

import catalog
import export_minilm
import fetch
from bpe import Tokenizer
from safetensors_file import load

PROMPT, EXPECTED, COUNT = "The capital of France is", "Paris", 12
LIMIT = 1e-3   # of logits in the tens


def open_session(name):
    return onnxruntime.InferenceSession(str(catalog.BY_NAME[name].path), providers=["CPUExecutionProvider"])


def feeds_for(session, ids, past):
    """One step: `ids` after the cached `past` (None: an empty cache)."""
    batch, sequence = ids.shape
    names = [i for i in session.get_inputs() if i.name.startswith("past_key_values")]
    if past is None:
        past = [np.zeros((batch, i.shape[1], 0, i.shape[3]), np.float32) for i in names]
    length = past[0].shape[2]
    feeds = {i.name: p for i, p in zip(names, past)}
    feeds["input_ids"] = ids
    feeds["attention_mask"] = np.ones((batch, length + sequence), np.int64)
    feeds["position_ids"] = np.broadcast_to(np.arange(length, length + sequence), ids.shape).copy()
    return feeds


def greedy(session, ids, count):
    """The next `count` tokens, and the largest logit difference between decoding step by step
    and one prefill of the whole text."""
    past, step, made, logits = None, np.array([ids], np.int64), [], []
    for _ in range(count):
        out, *past = session.run(None, feeds_for(session, step, past))
        logits.append(out[0])
        made.append(int(out[0, -1].argmax()))
        step = np.array([[made[-1]]], np.int64)
    whole = session.run(["logits"], feeds_for(session, np.array([ids + made[:-1]], np.int64), None))[0][0]
    return made, float(np.abs(np.concatenate(logits) - whole).max())


def check_smollm2():
    tokenizer = Tokenizer(gguf.GGUFReader(fetch.source_of(catalog.BY_NAME["smollm2_op17"])))
    ids, texts, right = tokenizer.encode(PROMPT), [], True
    for name in ("smollm2_op17", "smollm2_op23"):
        made, error = greedy(open_session(name), ids, COUNT)
        texts.append(tokenizer.decode(made))
        right &= error < LIMIT and EXPECTED in texts[-1]
        print(f"{name}: {PROMPT!r} -> {texts[-1]!r}, decode against prefill {error:.1e}")
    return right and texts[0] == texts[1]


def check_minilm():
    tensors = load(fetch.source_of(catalog.BY_NAME["minilm"]))
    return export_minilm.check(str(catalog.BY_NAME["minilm"].path), tensors)


def main():
    results = [check_minilm(), check_smollm2()]
    print(f"exports: {sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
