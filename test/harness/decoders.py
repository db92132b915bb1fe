# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small decoders with random weights, in the forms that exporters write them."""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models"))
from harness import engines

engines.use_models()
import export_smollm2 as llama
from onnx_writer import FLOAT, INT64, Graph

VOCABULARY, LAYERS, HIDDEN, HEADS = 160, 2, 64, 4


def save(graph, path, opset, **domains):
    model = helper.make_model(
        helper.make_graph(graph.nodes, graph.name, graph.inputs, graph.outputs, list(graph.initializers.values())),
        opset_imports=[helper.make_opsetid("", opset)] + [helper.make_opsetid(k.replace("_", "."), v) for k, v in domains.items()], ir_version=10)
    onnx.save(model, path)


class Weights:
    """What an Exporter asks for, as initializers of the graph itself."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.arrays = {}

    def get(self, name, shape, scale):
        if name not in self.arrays:
            self.arrays[name] = self.random.normal(0, scale, shape).astype(np.float32)
        return self.arrays[name]


def own_weights(graph, weights, shapes):
    """Makes `graph.weight` give constants of the model file."""
    def weight(name, array=None):
        if array is None:
            shape = shapes(name)
            array = weights.get(name, shape, 1 / np.sqrt(shape[0]) if len(shape) == 2 else 1)
        graph.initializers.setdefault(name, onnx.numpy_helper.from_array(array, name))
        return name
    graph.weight = weight


def llama_like(path, form, kv_heads=2, seed=1):
    """Rotary embeddings, grouped heads, RMS norms and a gated feed forward; the vocabulary is the last layer, too."""
    config = llama.Config(LAYERS, HIDDEN, HEADS, kv_heads, VOCABULARY, 128, 1e-5, 10000.0)
    exporter = form(config, None)
    sizes = {"attn_q": (HIDDEN, HIDDEN), "attn_k": (HIDDEN, kv_heads * config.head), "attn_v": (HIDDEN, kv_heads * config.head),
             "attn_output": (HIDDEN, HIDDEN), "ffn_gate": (HIDDEN, 96), "ffn_up": (HIDDEN, 96), "ffn_down": (96, HIDDEN)}
    own_weights(exporter.g, Weights(seed), lambda name: (VOCABULARY, HIDDEN) if name.startswith("token_embd") else
                next((size for key, size in sizes.items() if key + "." in name), (HIDDEN,)))
    save(exporter.build(), path, 17 if form is llama.Decomposed else 23)


def gpt2_like(path, seed=2):
    """Learned positions, layer norms with biases, one product for query, key and value, a mask of floats."""
    g, head = Graph("gpt2"), HIDDEN // HEADS
    weights = Weights(seed)
    sizes = {"wte": (VOCABULARY, HIDDEN), "wpe": (128, HIDDEN), "qkv": (HIDDEN, 3 * HIDDEN), "qkv_b": (3 * HIDDEN,), "proj": (HIDDEN, HIDDEN),
             "proj_b": (HIDDEN,), "fc": (HIDDEN, 4 * HIDDEN), "fc_b": (4 * HIDDEN,), "fc2": (4 * HIDDEN, HIDDEN), "fc2_b": (HIDDEN,)}
    own_weights(g, weights, lambda name: sizes.get(name.split(".")[-1], (HIDDEN,)))
    g.input("input_ids", INT64, ["batch", "sequence"])
    g.input("attention_mask", INT64, ["batch", "total"])
    g.input("position_ids", INT64, ["batch", "sequence"])
    sequence = g.op("Gather", g.op("Shape", "input_ids"), g.constant(1, np.int64))
    total = g.op("Gather", g.op("Shape", "attention_mask"), g.constant(1, np.int64))
    keys = g.op("Range", g.constant(0, np.int64), total, g.constant(1, np.int64))
    queries = g.op("Range", g.op("Sub", total, sequence), total, g.constant(1, np.int64))
    causal = g.op("LessOrEqual", keys, g.op("Unsqueeze", queries, g.ints(1)))
    kept = g.op("Cast", g.op("Unsqueeze", "attention_mask", g.ints(1, 2)), to=FLOAT)
    padding = g.op("Mul", g.op("Sub", g.constant(1.0), kept), g.constant(llama.LOWEST))
    x = g.op("Add", g.op("Gather", g.weight("wte"), "input_ids"), g.op("Gather", g.weight("wpe"), "position_ids"))
    norm = lambda x, name: g.op("LayerNormalization", x, g.weight(name), g.weight(name + "_bias"), epsilon=1e-5)
    linear = lambda x, name: g.op("Add", g.op("MatMul", x, g.weight(name)), g.weight(name + "_b"))
    for i in range(LAYERS):
        past = [g.input(f"past.{i}.{kind}", FLOAT, ["batch", HEADS, "past", head]) for kind in "kv"]
        g.scope = f"/h.{i}"
        parts = [f"/h.{i}/{part}" for part in "qkv"]
        g.op("Split", linear(norm(x, f"{i}.norm"), f"{i}.qkv"), outputs=parts, axis=2, num_outputs=3)
        q, k, v = (g.op("Transpose", g.op("Reshape", part, g.ints(0, 0, HEADS, head)), perm=[0, 2, 1, 3]) for part in parts)
        k = g.op("Concat", past[0], k, outputs=[f"present.{i}.k"], axis=2)
        v = g.op("Concat", past[1], v, outputs=[f"present.{i}.v"], axis=2)
        scores = g.op("Mul", g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])), g.constant(head ** -0.5))
        scores = g.op("Add", g.op("Where", causal, scores, g.constant(llama.LOWEST)), padding)
        out = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
        x = g.op("Add", x, linear(g.op("Reshape", out, g.ints(0, 0, HIDDEN)), f"{i}.proj"))
        x = g.op("Add", x, linear(g.op("Gelu", linear(norm(x, f"{i}.norm2"), f"{i}.fc"), approximate="tanh"), f"{i}.fc2"))
    g.scope = ""
    g.op("MatMul", norm(x, "last"), g.op("Transpose", g.weight("wte"), perm=[1, 0]), outputs=["logits"])
    g.output("logits", FLOAT, ["batch", "sequence", VOCABULARY])
    for i in range(LAYERS):
        for kind in "kv":
            g.output(f"present.{i}.{kind}", FLOAT, ["batch", HEADS, "total", head])
    save(g, path, 20)


def grouped_like(path, seed=4, kv_heads=2, window=-1):
    """As the model builder of ONNX Runtime GenAI writes them: heads in groups as one operator, which is told how long rows are."""
    g, head = Graph("grouped"), HIDDEN // HEADS
    sizes = {"wte": (VOCABULARY, HIDDEN), "q": (HIDDEN, HIDDEN), "k": (HIDDEN, kv_heads * head), "v": (HIDDEN, kv_heads * head),
             "proj": (HIDDEN, HIDDEN), "gate": (HIDDEN, 96), "up": (HIDDEN, 96), "down": (96, HIDDEN), "head": (HIDDEN, VOCABULARY)}
    own_weights(g, Weights(seed), lambda name: sizes.get(name.split(".")[-1], (HIDDEN,)))
    own = lambda kind, inputs, outputs, **attributes: g.nodes.append(
        helper.make_node(kind, inputs, outputs, name=f"{g.scope}/{kind}_{len(g.nodes)}", domain="com.microsoft", **attributes))
    g.input("input_ids", INT64, ["batch_size", "sequence_length"])
    g.input("attention_mask", INT64, ["batch_size", "total_sequence_length"])
    g.scope = "/model/attn_mask_reformat"
    ends = g.op("Cast", g.op("Sub", g.op("ReduceSum", "attention_mask", g.ints(1), keepdims=1), g.ints(1)), to=TensorProto.INT32)
    total = g.op("Cast", g.op("Gather", g.op("Shape", "attention_mask"), g.constant(1, np.int64)), to=TensorProto.INT32)
    angles = np.arange(128)[:, None] * 10000.0 ** (-np.arange(0, head, 2) / head)
    tables = [g.constant(function(angles).astype(np.float32)) for function in (np.cos, np.sin)]
    skip = g.op("Gather", g.weight("wte"), "input_ids")
    x = g.op("SimplifiedLayerNormalization", skip, g.weight("norm"), epsilon=1e-5, axis=-1, stash_type=1)

    def add_and_norm(skip, x, name):
        own("SkipSimplifiedLayerNormalization", [skip, x, g.weight(name)], [f"{name}_out", "", "", f"{name}_sum"], epsilon=1e-5)
        return f"{name}_out", f"{name}_sum"

    for i in range(LAYERS):
        past = [g.input(f"past_key_values.{i}.{kind}", FLOAT, ["batch_size", kv_heads, "past_sequence_length", head]) for kind in ("key", "value")]
        g.scope = f"/model/layers.{i}"
        parts = [g.op("MatMul", x, g.weight(f"{i}.{part}")) for part in "qkv"]
        own("GroupQueryAttention", [*parts, *past, ends, total, *tables], [f"{i}.out", f"present.{i}.key", f"present.{i}.value"],
            num_heads=HEADS, kv_num_heads=kv_heads, do_rotary=1, local_window_size=window)
        x, skip = add_and_norm(skip, g.op("MatMul", f"{i}.out", g.weight(f"{i}.proj")), f"{i}.norm1")
        gate = g.op("MatMul", x, g.weight(f"{i}.gate"))
        gate = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), g.op("MatMul", x, g.weight(f"{i}.up")))
        x, skip = add_and_norm(skip, g.op("MatMul", gate, g.weight(f"{i}.down")), f"{i}.norm2")
    g.scope = ""
    g.op("MatMul", x, g.weight("head"), outputs=["logits"])
    g.output("logits", FLOAT, ["batch_size", "sequence_length", VOCABULARY])
    for i in range(LAYERS):
        for kind in ("key", "value"):
            g.output(f"present.{i}.{kind}", FLOAT, ["batch_size", kv_heads, "total_sequence_length", head])
    save(g, path, 18, com_microsoft=1)


FORMS = {"llama-17": lambda path: llama_like(path, llama.Decomposed), "llama-23": lambda path: llama_like(path, llama.Whole),
         "multi-query": lambda path: llama_like(path, llama.Whole, kv_heads=1, seed=3), "gpt2": gpt2_like, "grouped": grouped_like,
         "window": lambda path: grouped_like(path, kv_heads=1, window=5, seed=6)}


def greedy(path, prompt, count):
    """What ONNX Runtime says, call by call with past and present; tokens, and the scores of the last."""
    engine = engines.OnnxRuntime(path)
    inputs = {i.name: i for i in onnx.load(path, load_external_data=False).graph.input}
    past = {name: np.zeros((1, *[d.dim_value or 0 for d in i.type.tensor_type.shape.dim][1:]), np.float32)
            for name, i in inputs.items() if i.type.tensor_type.elem_type == TensorProto.FLOAT}
    new, length, made = list(prompt), 0, []
    while len(made) < count:
        feeds = {"input_ids": np.array([new]), "attention_mask": np.ones((1, length + len(new)), np.int64),
                 "position_ids": np.arange(length, length + len(new))[None]}
        outputs = engine.run({name: array for name, array in feeds.items() if name in inputs} | past)
        length += len(new)
        scores = outputs.pop("logits")[0, -1]
        past = dict(zip(past, (outputs[name] for name in outputs)))
        new = [int(scores.argmax())]
        made += new
    return made, scores
