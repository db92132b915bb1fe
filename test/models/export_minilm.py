#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes all-MiniLM-L6-v2 (BERT, 6 layers of 384) as ONNX from its safetensors file.

  export_minilm.py model.safetensors OUT.onnx

Opset 17: LayerNormalization, erf-GELU and masked attention as a usual framework export
has them; batch and sequence are dynamic. Outputs: last_hidden_state and the mean-pooled,
normalized sentence_embedding. `check` compares ONNX Runtime with a numpy reference."""
import argparse
import math

import numpy as np

from onnx_writer import FLOAT, INT64, Graph
from safetensors_file import load

LAYERS, HIDDEN, HEADS, EPSILON = 6, 384, 12, 1e-12
HEAD = HIDDEN // HEADS
LOWEST = float(np.finfo(np.float32).min)


class Exporter:
    def __init__(self, tensors):
        self.tensors = tensors
        self.g = Graph("all-MiniLM-L6-v2")

    def weight(self, name):
        return self.g.weight(name, self.tensors[name])

    def linear(self, x, name):
        """x @ W^T + b, with W stored transposed as exports do."""
        weight = self.g.weight(name + ".weight^T", self.tensors[name + ".weight"].T)
        return self.g.op("Add", self.g.op("MatMul", x, weight), self.weight(name + ".bias"))

    def norm(self, x, name):
        return self.g.op("LayerNormalization", x, self.weight(name + ".weight"),
                         self.weight(name + ".bias"), axis=-1, epsilon=EPSILON)

    def heads(self, x, order):
        """[batch, sequence, hidden] -> [batch, heads, ...] by the given permutation."""
        split = self.g.op("Reshape", x, self.g.ints(0, 0, HEADS, HEAD))
        return self.g.op("Transpose", split, perm=order)

    def attention(self, x, mask, name):
        g = self.g
        q = self.heads(self.linear(x, name + ".self.query"), [0, 2, 1, 3])
        k = self.heads(self.linear(x, name + ".self.key"), [0, 2, 3, 1])
        v = self.heads(self.linear(x, name + ".self.value"), [0, 2, 1, 3])
        scores = g.op("Div", g.op("MatMul", q, k), g.constant(math.sqrt(HEAD)))
        weights = g.op("Softmax", g.op("Add", scores, mask), axis=-1)
        context = g.op("Transpose", g.op("MatMul", weights, v), perm=[0, 2, 1, 3])
        merged = g.op("Reshape", context, g.ints(0, 0, HIDDEN))
        out = self.linear(merged, name + ".output.dense")
        return self.norm(g.op("Add", out, x), name + ".output.LayerNorm")

    def gelu(self, x):
        g = self.g
        erf = g.op("Erf", g.op("Div", x, g.constant(math.sqrt(2))))
        return g.op("Mul", g.op("Mul", x, g.op("Add", erf, g.constant(1))), g.constant(0.5))

    def layer(self, x, mask, name):
        self.g.scope = "/" + name
        x = self.attention(x, mask, name + ".attention")
        inner = self.gelu(self.linear(x, name + ".intermediate.dense"))
        out = self.linear(inner, name + ".output.dense")
        return self.norm(self.g.op("Add", out, x), name + ".output.LayerNorm")

    def embeddings(self, ids, types):
        g = self.g
        g.scope = "/embeddings"
        length = g.op("Slice", g.op("Shape", ids), g.ints(1), g.ints(2))
        words = g.op("Gather", self.weight("embeddings.word_embeddings.weight"), ids)
        kinds = g.op("Gather", self.weight("embeddings.token_type_embeddings.weight"), types)
        places = g.op("Slice", self.weight("embeddings.position_embeddings.weight"),
                      g.ints(0), length, g.ints(0))
        total = g.op("Add", g.op("Add", words, kinds), places)
        return self.norm(total, "embeddings.LayerNorm")

    def pool(self, x, mask):
        """Mean over the tokens the mask keeps, then to unit length."""
        g = self.g
        g.scope = "/pooler"
        keep = g.op("Unsqueeze", g.op("Cast", mask, to=FLOAT), g.ints(2))
        total = g.op("ReduceSum", g.op("Mul", x, keep), g.ints(1), keepdims=0)
        count = g.op("Max", g.op("ReduceSum", keep, g.ints(1), keepdims=0), g.constant(1e-9))
        mean = g.op("Div", total, count)
        length = g.op("Max", g.op("ReduceL2", mean, axes=[-1], keepdims=1), g.constant(1e-12))
        g.op("Div", mean, length, outputs=["sentence_embedding"])

    def build(self):
        g = self.g
        ids, mask, types = (g.input(n, INT64, ["batch", "sequence"])
                            for n in ("input_ids", "attention_mask", "token_type_ids"))
        x = self.embeddings(ids, types)
        g.scope = "/mask"
        wide = g.op("Cast", g.op("Unsqueeze", mask, g.ints(1, 2)), to=FLOAT)
        bias = g.op("Mul", g.op("Sub", g.constant(1), wide), g.constant(LOWEST))
        for i in range(LAYERS):
            x = self.layer(x, bias, f"encoder.layer.{i}")
        g.scope = "/output"
        x = g.op("Identity", x, outputs=["last_hidden_state"])
        g.output("last_hidden_state", FLOAT, ["batch", "sequence", HIDDEN])
        self.pool(x, mask)
        g.output("sentence_embedding", FLOAT, ["batch", HIDDEN])
        return g


def reference(tensors, ids, mask, types):
    """The same network in numpy (float64), written from the model's definition."""
    t = {k: v.astype(np.float64) for k, v in tensors.items() if v.dtype == np.float32}
    erf = np.vectorize(math.erf)

    def linear(x, name):
        return x @ t[name + ".weight"].T + t[name + ".bias"]

    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred ** 2).mean(-1, keepdims=True) + EPSILON)
        return centred / scale * t[name + ".weight"] + t[name + ".bias"]

    batch, sequence = ids.shape
    x = (t["embeddings.word_embeddings.weight"][ids] + t["embeddings.token_type_embeddings.weight"][types]
         + t["embeddings.position_embeddings.weight"][:sequence])
    x = norm(x, "embeddings.LayerNorm")
    for i in range(LAYERS):
        name = f"encoder.layer.{i}."
        q, k, v = (linear(x, f"{name}attention.self.{p}").reshape(batch, sequence, HEADS, HEAD)
                   .transpose(0, 2, 1, 3) for p in ("query", "key", "value"))
        scores = q @ k.transpose(0, 1, 3, 2) / math.sqrt(HEAD)
        scores = np.where(mask[:, None, None, :] > 0, scores, -np.inf)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        context = scores / scores.sum(-1, keepdims=True) @ v
        context = context.transpose(0, 2, 1, 3).reshape(batch, sequence, HIDDEN)
        x = norm(linear(context, name + "attention.output.dense") + x, name + "attention.output.LayerNorm")
        inner = linear(x, name + "intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        x = norm(linear(inner, name + "output.dense") + x, name + "output.LayerNorm")
    mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return x, mean / np.linalg.norm(mean, axis=-1, keepdims=True)


def check(path, tensors):
    import onnxruntime
    rng = np.random.default_rng(0)
    ids = rng.integers(1000, 20000, (2, 21))
    mask = np.ones_like(ids)
    mask[1, 15:] = 0
    feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    got = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, feeds)
    want = reference(tensors, ids, mask, feeds["token_type_ids"])
    keep = mask[..., None] > 0
    errors = [float(np.abs(np.where(keep, got[0] - want[0], 0)).max()), float(np.abs(got[1] - want[1]).max())]
    print(f"MiniLM: ONNX Runtime against the numpy reference: max error {errors[0]:.1e} (hidden), "
          f"{errors[1]:.1e} (embedding)")
    return max(errors) < 1e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out")
    args = parser.parse_args()
    Exporter(load(args.source)).build().save(args.out, 17)


if __name__ == "__main__":
    main()
