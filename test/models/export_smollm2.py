#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes SmolLM2-135M (llama architecture) as ONNX from its GGUF file, twice over one weight file.

  export_smollm2.py model.gguf OUT_DIR

smollm2_op17.onnx has everything decomposed; smollm2_op23.onnx uses Attention,
RMSNormalization and RotaryEmbedding. Both take input_ids, attention_mask, position_ids
and past_key_values.N.{key,value} and return logits and present.N.{key,value}; batch,
sequence and past are dynamic. Weights are dequantized to float32 in smollm2.weights."""
import argparse
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from onnx_writer import BOOL, FLOAT, INT64, Graph, WeightFile

LOWEST = float(np.finfo(np.float32).min)


@dataclass
class Config:
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    vocabulary: int
    context: int
    epsilon: float
    rope_base: float

    @property
    def head(self):
        return self.hidden // self.heads


def read_config(reader):
    get = lambda key: reader.fields["llama." + key].contents()
    return Config(get("block_count"), get("embedding_length"), get("attention.head_count"),
                  get("attention.head_count_kv"), get("vocab_size"), get("context_length"),
                  get("attention.layer_norm_rms_epsilon"), get("rope.freq_base"))


def unpermute(weight, heads):
    """GGUF stores the rows of Q and K so that the two halves rotary embedding pairs are
    interleaved (2i, 2i+1); ONNX and the original model pair (i, i + head/2)."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write_weights(reader, config, path):
    """Matrices go transposed ([in][out], as MatMul takes them), the embedding as it is."""
    weights = WeightFile(path)
    for tensor in reader.tensors:
        array = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if tensor.name.endswith("attn_q.weight"):
            array = unpermute(array, config.heads)
        elif tensor.name.endswith("attn_k.weight"):
            array = unpermute(array, config.kv_heads)
        if array.ndim == 2 and not tensor.name.startswith("token_embd"):
            array = array.T
        weights.add(tensor.name, array)
    weights.close()
    return weights


class Exporter:
    """The parts both exports share; the subclasses write norm, rope and attention."""

    def __init__(self, config, weights):
        self.c = config
        self.g = Graph("SmolLM2-135M", weights)

    def linear(self, x, name):
        return self.g.op("MatMul", x, self.g.weight(name))

    def split(self, x, heads):
        """[batch, sequence, heads * head] -> [batch, heads, sequence, head]."""
        shaped = self.g.op("Reshape", x, self.g.ints(0, 0, heads, self.c.head))
        return self.g.op("Transpose", shaped, perm=[0, 2, 1, 3])

    def attend(self, x, name, past, present):
        g, c = self.g, self.c
        q = self.rope(self.split(self.linear(x, name + "attn_q.weight"), c.heads))
        k = self.rope(self.split(self.linear(x, name + "attn_k.weight"), c.kv_heads))
        v = self.split(self.linear(x, name + "attn_v.weight"), c.kv_heads)
        out = self.attention(q, k, v, past, present)
        merged = g.op("Reshape", g.op("Transpose", out, perm=[0, 2, 1, 3]), g.ints(0, 0, c.hidden))
        return self.linear(merged, name + "attn_output.weight")

    def feed_forward(self, x, name):
        g = self.g
        gate = self.linear(x, name + "ffn_gate.weight")
        gate = g.op("Mul", gate, g.op("Sigmoid", gate))
        return self.linear(g.op("Mul", gate, self.linear(x, name + "ffn_up.weight")), name + "ffn_down.weight")

    def layer(self, x, index):
        g, name = self.g, f"blk.{index}."
        shape = ["batch", self.c.kv_heads, "past", self.c.head]
        past = [g.input(f"past_key_values.{index}.{kind}", FLOAT, shape) for kind in ("key", "value")]
        present = [f"present.{index}.{kind}" for kind in ("key", "value")]
        g.scope = f"/layers.{index}/attn"
        x = g.op("Add", x, self.attend(self.norm(x, name + "attn_norm.weight"), name, past, present))
        g.scope = f"/layers.{index}/mlp"
        return g.op("Add", x, self.feed_forward(self.norm(x, name + "ffn_norm.weight"), name))

    def visible(self):
        """Which keys a query may see, [batch, 1, sequence, past + sequence]: those the mask
        keeps, up to the query's own place, and itself, so that the softmax of a padding
        query is defined."""
        g = self.g
        g.scope = "/mask"
        total = g.op("Gather", g.op("Shape", "attention_mask"), g.constant(1, np.int64))
        sequence = g.op("Gather", g.op("Shape", "input_ids"), g.constant(1, np.int64))
        zero, one = g.constant(0, np.int64), g.constant(1, np.int64)
        keys = g.op("Range", zero, total, one)
        queries = g.op("Range", g.op("Sub", total, sequence), total, one)
        queries = g.op("Unsqueeze", queries, g.ints(1))
        kept = g.op("Unsqueeze", g.op("Cast", "attention_mask", to=BOOL), g.ints(1, 2))
        kept = g.op("Or", kept, g.op("Equal", keys, queries))
        return g.op("And", kept, g.op("LessOrEqual", keys, queries))

    def build(self):
        g, c = self.g, self.c
        g.input("input_ids", INT64, ["batch", "sequence"])
        g.input("attention_mask", INT64, ["batch", "total"])
        g.input("position_ids", INT64, ["batch", "sequence"])
        self.prepare()
        g.scope = "/embed"
        x = g.op("Gather", g.weight("token_embd.weight"), "input_ids")
        for index in range(c.layers):
            x = self.layer(x, index)
        g.scope = "/head"
        x = self.norm(x, "output_norm.weight")
        # The head is the embedding again: the model has tied weights.
        g.op("MatMul", x, g.op("Transpose", g.weight("token_embd.weight"), perm=[1, 0]), outputs=["logits"])
        g.output("logits", FLOAT, ["batch", "sequence", c.vocabulary])
        for index in range(c.layers):
            for kind in ("key", "value"):
                g.output(f"present.{index}.{kind}", FLOAT, ["batch", c.kv_heads, "total", c.head])
        return g

    def frequencies(self):
        return self.c.rope_base ** (-np.arange(0, self.c.head, 2, dtype=np.float64) / self.c.head)


class Decomposed(Exporter):
    def prepare(self):
        g = self.g
        g.scope = "/mask"
        self.mask = g.op("Where", self.visible(), g.constant(0), g.constant(LOWEST))
        g.scope = "/rope"
        places = g.op("Cast", g.op("Unsqueeze", "position_ids", g.ints(2)), to=FLOAT)
        angles = g.op("Mul", places, g.constant(self.frequencies()[None, None, :]))
        angles = g.op("Unsqueeze", g.op("Concat", angles, angles, axis=-1), g.ints(1))
        self.cos, self.sin = g.op("Cos", angles), g.op("Sin", angles)

    def norm(self, x, name):
        g = self.g
        square = g.op("ReduceMean", g.op("Pow", x, g.constant(2)), axes=[-1], keepdims=1)
        root = g.op("Sqrt", g.op("Add", square, g.constant(self.c.epsilon)))
        return g.op("Mul", g.weight(name), g.op("Mul", x, g.op("Reciprocal", root)))

    def rope(self, x):
        g, half = self.g, self.c.head // 2
        low = g.op("Slice", x, g.ints(0), g.ints(half), g.ints(3))
        high = g.op("Slice", x, g.ints(half), g.ints(self.c.head), g.ints(3))
        turned = g.op("Concat", g.op("Neg", high), low, axis=-1)
        return g.op("Add", g.op("Mul", x, self.cos), g.op("Mul", turned, self.sin))

    def repeat(self, x):
        """Each key/value head serves heads / kv_heads query heads."""
        g, c = self.g, self.c
        groups = c.heads // c.kv_heads
        shape = g.op("Shape", x)
        wide = g.op("Concat", g.op("Slice", shape, g.ints(0), g.ints(2)), g.ints(groups),
                    g.op("Slice", shape, g.ints(2), g.ints(4)), axis=0)
        spread = g.op("Expand", g.op("Unsqueeze", x, g.ints(2)), wide)
        return g.op("Reshape", spread, g.ints(0, c.heads, -1, c.head))

    def attention(self, q, k, v, past, present):
        g = self.g
        k = g.op("Concat", past[0], k, axis=2, outputs=[present[0]])
        v = g.op("Concat", past[1], v, axis=2, outputs=[present[1]])
        keys = g.op("Transpose", self.repeat(k), perm=[0, 1, 3, 2])
        scores = g.op("Mul", g.op("MatMul", q, keys), g.constant(self.c.head ** -0.5))
        weights = g.op("Softmax", g.op("Add", scores, self.mask), axis=-1)
        return g.op("MatMul", weights, self.repeat(v))


class Whole(Exporter):
    """With the operators of opset 23 for norm, rope and attention."""

    def prepare(self):
        self.mask = self.visible()
        angles = np.arange(self.c.context)[:, None] * self.frequencies()
        self.tables = [self.g.weight(name, fn(angles).astype(np.float32))
                       for name, fn in (("rope.cos", np.cos), ("rope.sin", np.sin))]

    def norm(self, x, name):
        return self.g.op("RMSNormalization", x, self.g.weight(name), axis=-1, epsilon=self.c.epsilon)

    def rope(self, x):
        return self.g.op("RotaryEmbedding", x, *self.tables, "position_ids")

    def attention(self, q, k, v, past, present):
        output = f"{self.g.scope}/Attention_output"
        return self.g.op("Attention", q, k, v, self.mask, *past, outputs=[output, *present],
                         scale=self.c.head ** -0.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out")
    args = parser.parse_args()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    reader = gguf.GGUFReader(args.source)
    config = read_config(reader)
    weights = write_weights(reader, config, out / "smollm2.weights")
    Decomposed(config, weights).build().save(out / "smollm2_op17.onnx", 17)
    Whole(config, weights).build().save(out / "smollm2_op23.onnx", 23)


if __name__ == "__main__":
    main()
