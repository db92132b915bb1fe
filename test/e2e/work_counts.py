#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what `optc bench` says of the work of real models. Multiply-adds are compared with a count
over the ONNX graph with the shapes ONNX Runtime sees: those that the kernels tell while they run
(--profile) are all of them, those that follow from input shapes too unless data decides
sizes. The nodes of kernels are nodes of the model, and times add up.

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

DEFAULT = ["open_nsfw", "ocr_cls", "ocr_det", "ocr_rec", "minilm", "silero_vad_openvino_16k"]
COUNTED = ("Conv", "ConvTranspose", "MatMul", "Gemm", "LSTM")
# A Mul in front of a ReduceSum is a multiply-add, too, which the graph's count leaves out.
REDUCTIONS = 1e-4


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
    sizes = [dim.HasField("dim_value") for value in model.graph.input for dim in value.type.tensor_type.shape.dim]
    total = 0
    for node in nodes:
        first, second, result = shapes[node.input[0]], shapes[node.input[1]], shapes[node.output[0]]
        if node.op_type == "Conv":
            met = taps(node, first[2:], result[2:], second[2:]) if all(sizes) else np.prod(second[2:])
            total += int(np.prod(result) * second[1] * met)
        elif node.op_type == "ConvTranspose":
            total += int(np.prod(first) * np.prod(second[1:]))
        elif node.op_type == "LSTM":   # weights for the input and for the state, per step and row
            total += int(first[0] * first[1] * (np.prod(second) + np.prod(shapes[node.input[2]])))
        else:
            transposed = any(a.name == "transA" and a.i for a in node.attribute)
            total += int(np.prod(result) * first[0 if transposed else -1])
    return total


def taps(node, sizes, places, window):
    """Taps of a Conv that meet the input in some place: where sizes are known, the others are cut off
    (nn-crop-windows)."""
    given = {a.name: a.ints for a in node.attribute if a.name in ("pads", "strides", "dilations")}
    count = 1
    for i, (size, number, length) in enumerate(zip(sizes, places, window)):
        pad, stride, dilation = (given[name][i] if name in given else default
                                 for name, default in (("pads", 0), ("strides", 1), ("dilations", 1)))
        seen = np.arange(number)[:, None] * stride + np.arange(length) * dilation - pad
        met = np.flatnonzero(((seen >= 0) & (seen < size)).any(0))
        count *= met[-1] - met[0] + 1 if len(met) else 1
    return count


def bench(artifact, feeds, *arguments):
    with tempfile.TemporaryDirectory(prefix="optc-work-") as folder:
        file = Path(folder, "feeds.npz")
        np.savez(file, **feeds)
        result = process.run([engines.OPTC, "bench", artifact, "--input", file, "--json", "--duration", "0", "--threads", "1",
                              *arguments], 120)
    if result.outcome != "ok":
        raise RuntimeError(result.tail())
    return json.loads(result.text)


def problems(model, case, artifact, known):
    feeds = case.steps[0]
    found, follows = bench(artifact, feeds, "--profile"), bench(artifact, feeds)
    want, kernels = multiply_adds(model.path, feeds), found["profile"]["kernels"]
    told = sum(kernel["multiply_adds"] for kernel in kernels)
    unknown = follows["uncounted_kernels"]
    print(f"  {case.name:34} {want / 1e6:10.2f} M multiply-adds, {len(kernels)} kernels, "
          f"data decides {unknown}", flush=True)
    right = lambda count: want <= count <= want * (1 + REDUCTIONS)
    if follows["multiply_adds"] > told or (not unknown and not right(follows["multiply_adds"])):
        yield f"{follows['multiply_adds']:.0f} multiply-adds follow from the shapes, the graph has {want}"
    if not right(told) or found["multiply_adds"] != told:
        yield f"the kernels tell {told:.0f} multiply-adds, the graph has {want}"
    for kernel in kernels:
        # Nodes that a node was expanded to are named after it.
        strange = [name for name in kernel["nodes"] if name not in known and name.rsplit("/", 1)[0] not in known]
        if strange or not kernel["nodes"]:
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
        # Nodes without a name are named after their type and first output. A constant that is
        # computed with can be part of a kernel under its own name.
        known = {node.name or f"{node.op_type}_{node.output[0]}" for node in graph.node} | {graph.name}
        known |= {tensor.name for tensor in graph.initializer}
        for case in inputs.cases(model.name)[:3]:
            complaints = list(problems(model, case, artifact, known))
            total, failed = total + 1, failed + bool(complaints)
            for complaint in complaints:
                print(f"    MISS {complaint}", flush=True)
    print(f"work: {total - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
