#!/usr/bin/env python3
"""Checks what `optc bench --profile` says of real models: multiply-adds against a count over the
ONNX graph with the shapes ONNX Runtime sees, twice (the counts that follow from input shapes,
and those the kernels tell while they run), node names, and that times add up.

  work_counts.py [NAME...]"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
import onnxruntime
from harness import engines, process

engines.use_models()
import catalog
import inputs

DEFAULT = ["open_nsfw", "ocr_cls", "ocr_det", "ocr_rec", "minilm"]
COUNTED = ("Conv", "ConvTranspose", "MatMul", "Gemm")


def shapes_seen(model, names, feeds):
    """Shapes of values, by running the model with them as outputs."""
    have = {value.name for value in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in have)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return {name: value.shape for name, value in zip(names, session.run(names, feeds))}


def multiply_adds(path, feeds):
    """Products the nodes of the main graph sum up."""
    model = onnx.load(str(path))
    constants = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    nodes = [node for node in model.graph.node if node.op_type in COUNTED]
    asked = {name for node in nodes for name in (*node.input, node.output[0]) if name and name not in constants}
    made = asked - {value.name for value in model.graph.input}
    shapes = constants | {name: value.shape for name, value in feeds.items()} | shapes_seen(model, sorted(made), feeds)
    total = 0
    for node in nodes:
        first, second, result = shapes[node.input[0]], shapes[node.input[1]], shapes[node.output[0]]
        if node.op_type == "Conv":
            total += int(np.prod(result) * np.prod(second[1:]))
        elif node.op_type == "ConvTranspose":
            total += int(np.prod(first) * np.prod(second[1:]))
        else:
            transposed = any(a.name == "transA" and a.i for a in node.attribute)
            total += int(np.prod(result) * first[0 if transposed else -1])
    return total


def profile(artifact, feeds):
    with tempfile.TemporaryDirectory(prefix="optc-work-") as folder:
        file = Path(folder, "feeds.npz")
        np.savez(file, **feeds)
        result = process.run([engines.OPTC, "bench", artifact, "--input", file, "--profile", "--json", "--duration", "0",
                              "--threads", "1"], 120)
    if result.outcome != "ok":
        raise RuntimeError(result.tail())
    return json.loads(result.text)


def problems(model, case, artifact, known):
    feeds = case.steps[0]
    found = profile(artifact, feeds)
    want, kernels = multiply_adds(model.path, feeds), found["profile"]["kernels"]
    told = sum(kernel["multiply_adds"] for kernel in kernels)
    print(f"  {case.name:34} {want / 1e6:10.2f} M multiply-adds, {len(kernels)} kernels")
    if found["uncounted_kernels"]:
        yield f"{found['uncounted_kernels']} kernels are not counted"
    if found["multiply_adds"] != want:
        yield f"{found['multiply_adds']:.0f} multiply-adds follow from the shapes, the graph has {want}"
    if told != want:
        yield f"the kernels tell {told:.0f} multiply-adds, the graph has {want}"
    for kernel in kernels:
        if not kernel["nodes"] or not set(kernel["nodes"]) <= known:
            yield f"a {kernel['family']} has nodes {kernel['nodes']}, which the model has not"
    spent = sum(kernel["ms"] for kernel in kernels)
    if not 0 < spent <= found["latency_ms"]["min"]:
        yield f"kernels take {spent} ms of {found['latency_ms']['min']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    total = failed = 0
    for model in catalog.select(args.names or DEFAULT):
        artifact = engines.ROOT / "build" / "artifacts" / f"{model.name}-profile.optc"
        engines.compile_model(model.path, artifact, arguments=("--profile",))
        print(model.name, flush=True)
        graph = onnx.load(str(model.path), load_external_data=False).graph
        known = {node.name for node in graph.node} | {value.name for value in graph.output}
        for case in inputs.cases(model.name)[:3]:
            complaints = list(problems(model, case, artifact, known))
            total, failed = total + 1, failed + bool(complaints)
            for complaint in complaints:
                print(f"    MISS {complaint}", flush=True)
    print(f"work: {total - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
