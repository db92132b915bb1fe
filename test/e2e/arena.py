#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the memory plans of real models: with the sizes of an input set written into the model,
the arena is at most a tenth larger than what is alive at one time, which no plan can go below.

  arena.py [NAME...]

Sizes and bound are what the artifact's report.json says (lib/Driver/CompileReport.h)."""
import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from harness import engines, process

engines.use_models()
import catalog
import inputs

# Name of a model -> sizes of its first input; without, the case of its input sets with that name.
SIZES = {"open_nsfw": "1x224x224x3", "ocr_cls": "1x3x48x192", "ocr_rec": "1x3x48x320", "ocr_det": "1x3x640x640",
         "minilm": "1x128"}
DEFAULT = ["open_nsfw", "ocr_cls", "ocr_rec"]
MOST = 1.10


def feeds(name):
    if name == "minilm":
        return inputs.minilm_step(*map(int, SIZES[name].split("x")))
    return next(case.steps[-1] for case in inputs.cases(name) if case.name == SIZES[name])


def pinned(source, values, folder):
    """A copy of the model with the sizes of `values`."""
    graph = onnx.load(str(source))
    for value in graph.graph.input:
        for dim, size in zip(value.type.tensor_type.shape.dim, np.shape(values[value.name])):
            dim.dim_value = size
    del graph.graph.value_info[:]
    path = folder / "pinned.onnx"
    path.write_bytes(graph.SerializeToString())
    return path


def arenas(path, folder):
    artifact = folder / "pinned.optc"
    engines.compile_model(path, artifact, arguments=["--level", "x86-64-v3"])
    result = process.run([engines.OPTC, "inspect", artifact, "--json"], 60)
    return json.loads(result.text)["report"]["arena"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*SIZES, []])
    args = parser.parse_args()
    passed = failed = 0
    for model in catalog.select(args.names or DEFAULT):
        with tempfile.TemporaryDirectory(prefix="optc-arena-") as folder:
            path = pinned(model.path, feeds(model.name), Path(folder))
            for entry in arenas(path, Path(folder)):
                size, bound = entry.get("bytes"), entry.get("lower_bound_bytes")
                good = size is not None and size <= MOST * bound
                passed, failed = passed + good, failed + (not good)
                facts = f"{size / 1e6:.2f} MB of {bound / 1e6:.2f} MB alive" if size is not None else "sizes are not known"
                print(f"  {'ok  ' if good else 'MISS'} {model.name:12} {SIZES[model.name]:12} {entry['buffers']} buffers, {facts}",
                      flush=True)
    print(f"arena: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
