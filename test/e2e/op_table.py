#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every operator (op_table_cases.py) in every float type builds at every CPU level, and gives there
what ONNX Runtime gives in float32 for the same numbers.

  op_table.py [-v] [--type f16] [--level x86-64-v3]

A type is one model of all operators, compiled for each level on its own: generated code may call
no function of a compiler's runtime library, whatever the CPU has no instruction for. Levels this machine
does not run are only built."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import ml_dtypes
import numpy as np
import onnx
from harness import engines
from harness.optc_runtime import OptcError
from onnx import TensorProto, helper, numpy_helper
from op_table_cases import CASES, INPUTS

LEVELS = ("x86-64-v3", "x86-64-v4", "x86-64-v4-bf16")
TYPES = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "f64": np.float64}
# Of several roundings to the type inside of a composed operator, relative to the largest element.
ROUNDINGS = 16
OPSET = 23
# ONNX's inference of these operators does not take the type.
REFUSED = {("RotaryEmbedding", TensorProto.DOUBLE)}


def node_of(name, kind, operands, attributes, count):
    """A node and its weights."""
    weights = {f"{name}.w{i}": operand for i, operand in enumerate(operands) if isinstance(operand, np.ndarray)}
    given = [f"{name}.w{i}" if f"{name}.w{i}" in weights else operand or "" for i, operand in enumerate(operands)]
    node = helper.make_node(kind, given, [f"{name}.{i}" for i in range(count)], name=name, **attributes)
    return node, [numpy_helper.from_array(array, key) for key, array in weights.items()]


def for_onnx_runtime(nodes):
    """The same of operators and types it lacks."""
    for node in nodes:
        if node.op_type == "GlobalLpPool":
            node.op_type = "ReduceL2"
            node.input.append("spatial")
        elif node.op_type == "Cast" and node.attribute[0].i == TensorProto.BFLOAT16:
            result, node.output[0] = node.output[0], node.output[0] + ".bf16"
            yield node
            node = helper.make_node("Cast", [node.output[0]], [result], to=TensorProto.FLOAT)
        yield node


def model_of(element, reference=False):
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(element))
    parts = [node_of(*case) for case in CASES if (case[1], kind) not in REFUSED]
    outputs = [output for node, _ in parts for output in node.output]
    weights = [weight for _, own in parts for weight in own]
    nodes = [node for node, _ in parts]
    if reference:
        nodes = list(for_onnx_runtime(nodes))
        weights.append(numpy_helper.from_array(np.array([2, 3]), "spatial"))
    inputs = [helper.make_tensor_value_info(name, kind, array.shape) for name, array in INPUTS.items()]
    graph = helper.make_graph(nodes, "table", inputs, [helper.ValueInfoProto(name=name) for name in outputs], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=11)


def compare(name, want, got, element):
    """What is wrong with an output, or None. Floats in f32 of ONNX Runtime, in `element` or wider here."""
    if want.shape != got.shape:
        return f"{name}: shape {got.shape}, expected {want.shape}"
    if got.dtype.kind in "iub" and want.dtype.kind in "iub":
        return None if np.array_equal(want, got) else f"{name}: other integers"
    want, got = want.astype(np.float64), got.astype(np.float64)
    coarse = max(ml_dtypes.finfo(element).eps, np.finfo(np.float32).eps)
    bound = ROUNDINGS * coarse * max(1.0, np.abs(want[np.isfinite(want)]).max(initial=0))
    wrong = ~((np.abs(want - got) <= bound) | (want == got) | (np.isnan(want) & np.isnan(got)))
    if wrong.any():
        at = np.argwhere(wrong)[0]
        return f"{name}: {wrong.sum()} of {wrong.size} off, at {tuple(at)} {got[tuple(at)]} for {want[tuple(at)]}, allowed {bound:.2e}"
    return None


def reference(element):
    """ONNX Runtime in f32 on the numbers that the type holds."""
    feeds = {name: array.astype(element).astype(np.float32) for name, array in INPUTS.items()}
    return engines.OnnxRuntime(model_of(np.float32, reference=True).SerializeToString()).run(feeds)


def run_level(artifact, level, element, want, failures):
    try:
        library = engines.OptcLibrary(artifact, level=level)
    except OptcError:
        return "built"
    got = library.run({name: array.astype(element) for name, array in INPUTS.items()})
    for name in got:
        failures.append(compare(name, want[name], got[name], element))
    return "built and run"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--type", choices=TYPES, action="append")
    parser.add_argument("--level", choices=LEVELS, action="append")
    parser.add_argument("-v", action="store_true", dest="verbose")
    options = parser.parse_args()
    failures, done = [], 0
    for name in options.type or TYPES:
        element = TYPES[name]
        want = reference(element)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "table.onnx")
            onnx.save(model_of(element), path)
            for level in options.level or LEVELS:
                artifact, found = Path(folder, "table.optc"), []
                try:
                    engines.compile_model(path, artifact, arguments=("--level", level))
                    how = run_level(artifact, level, element, want, found)
                except engines.CompileError as error:
                    how = "not built"
                    found.append(str(error))
                wrong = [f"{name} {level} {message}" for message in found if message]
                failures += wrong
                done += max(len(found) - len(wrong), how == "built")
                if options.verbose:
                    print(f"  {name} {level}: {how}, {len(wrong)} of {len(found)} wrong")
    print(*(f"MISS {message}" for message in failures), sep="\n", end="\n" if failures else "")
    print(f"op-table: {done} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
