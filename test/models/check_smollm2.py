#!/usr/bin/env python3
"""Checks the two SmolLM2 exports in ONNX Runtime: the same greedy tokens, a sensible text,
and decoding with the cache gives the logits of one whole prefill.

  check_smollm2.py model.gguf MODEL_DIR"""
import sys
from pathlib import Path

import gguf
import numpy as np
import onnxruntime

from bpe import Tokenizer

PROMPT, EXPECTED, COUNT = "The capital of France is", "Paris", 12


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
    """The next `count` tokens, and the largest logit difference between decoding step
    by step and one prefill of the whole text."""
    past, step, made, logits = None, np.array([ids], np.int64), [], []
    for _ in range(count):
        out, *past = session.run(None, feeds_for(session, step, past))
        logits.append(out[0])
        made.append(int(out[0, -1].argmax()))
        step = np.array([[made[-1]]], np.int64)
    whole = session.run(["logits"], feeds_for(session, np.array([ids + made[:-1]], np.int64), None))[0][0]
    return made, float(np.abs(np.concatenate(logits) - whole).max())


def main():
    source, folder = sys.argv[1:]
    tokenizer = Tokenizer(gguf.GGUFReader(source))
    ids = tokenizer.encode(PROMPT)
    results = []
    for name in ("smollm2_op17.onnx", "smollm2_op23.onnx"):
        session = onnxruntime.InferenceSession(str(Path(folder) / name), providers=["CPUExecutionProvider"])
        made, error = greedy(session, ids, COUNT)
        results.append(made)
        print(f"{name}: '{PROMPT}' ->'{tokenizer.decode(made)}' (decode against prefill: {error:.1e})")
        if error > 1e-3:
            print("error: decoding with the cache differs from one prefill")
            return 1
    if results[0] != results[1] or EXPECTED not in tokenizer.decode(results[0]):
        print("error: the exports disagree, or the text makes no sense")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
