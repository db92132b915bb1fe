# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Real models with random damage, the same in every run: single bits, bytes, lost and repeated
pieces, cut ends. Most hits are on the structure, not on the weights, where they are no fault."""
import random

import numpy as np
import onnx
from bad_models import Bad
from models.catalog import BY_NAME

MODELS = ("ocr_cls", "silero_vad_16k_op15", "silero_vad_half")
FLIPS, PIECES, CUTS = 16, 6, 4
STRUCTURE_SHARE = 0.9
WEIGHT_BYTES = 64    # smaller tensors count as structure: axes, shapes


def tensors(graph):
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from [attribute.t, *attribute.tensors]
            for inner in [attribute.g, *attribute.graphs]:
                yield from tensors(inner)


def structure(data):
    """Offsets of the file that are not bytes of weights."""
    weights = set()
    for tensor in tensors(onnx.load_from_string(data).graph):
        stored = tensor.raw_data or np.array(tensor.float_data, "<f4").tobytes()
        if len(stored) > WEIGHT_BYTES:
            start = data.find(stored)
            weights.update(range(start, start + len(stored)))
    return [i for i in range(len(data)) if i not in weights]


def mutants(data, rng):
    """(what was done, damaged bytes)."""
    inside = structure(data)
    place = lambda: rng.choice(inside) if rng.random() < STRUCTURE_SHARE else rng.randrange(len(data))
    for _ in range(FLIPS):
        at, bit = place(), rng.randrange(8)
        changed = bytearray(data)
        changed[at] ^= 1 << bit
        yield f"bit {bit} of byte {at}", bytes(changed)
    for kind in range(PIECES):
        at, size = place(), rng.randrange(1, 64)
        piece = data[at:at + size]
        instead = (b"", piece + piece, rng.randbytes(size))[kind % 3]
        done = ("lost", "repeated", "random")[kind % 3]
        yield f"{size} bytes at {at} {done}", data[:at] + instead + data[at + size:]
    for _ in range(CUTS):
        size = place()
        yield f"cut at {size}", data[:size]


def all_mutations():
    for name in MODELS:
        path = BY_NAME[name].path
        if not path.exists():
            print(f"skipped: mutations of {name}, which is not there (test/models/fetch.py)", flush=True)
            continue
        rng = random.Random(name)
        for what, content in mutants(path.read_bytes(), rng):
            yield Bad(f"mutation: {name}: {what}", lambda path, content=content: path.write_bytes(content), (0, 2, 3))
