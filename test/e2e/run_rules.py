#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values that ONNX forbids and only the run knows: each ends the run with an error that names the node.
The same values as constants are refused by the compiler, which names the node, too.

  run_rules.py [-v] [NAME...]

All nodes are one model. In every run the operands of one node are forbidden, and those of the others
are sound; a run with all of them sound comes first, which ONNX Runtime judges where it has the operator."""
import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from harness import engines, process
from harness.builds import OPTC
from harness.compare import Mismatch, close
from harness.optc_runtime import OptcError
from onnx import helper, numpy_helper

OPSET = 24
USAGE = 2
F32, I64, I32, BOOL = np.float32, np.int64, np.int32, np.bool_


@dataclass
class Rule:
    """A node; `good` are its operands, `bad` forbidden values of some of them, by position."""
    op: str
    good: list
    bad: list
    attributes: dict = field(default_factory=dict)
    results: int = 1
    # Whether the forbidden value is one where the others are constants, too.
    constant: bool = True
    # ONNX Runtime has the operator.
    known: bool = True
    name: str = ""


def a(*values, dtype=I64):
    return np.array(values, dtype)


def zeros(*shape, dtype=F32):
    return np.zeros(shape, dtype)


def ramp(*shape):
    return np.arange(np.prod(shape), dtype=F32).reshape(shape)


def recurrent(op, gates):
    weights = zeros(1, 4 * gates, 3), zeros(1, 4 * gates, 4)
    bad = [{4: a(6, 2, dtype=I32)}, {4: a(5, -1, dtype=I32)}]
    return Rule(op, [ramp(5, 2, 3), *weights, None, a(5, 2, dtype=I32)], bad, {"hidden_size": 4}, 2)


def rules():
    """`None` is an operand that is left out."""
    scalar = lambda v, dtype=I64: np.array(v, dtype)
    yield Rule("Range", [scalar(0), scalar(9), scalar(2)], [{2: scalar(0)}])
    yield Rule("Range", [scalar(0, F32), scalar(9, F32), scalar(2, F32)], [{2: scalar(0, F32)}])
    yield Rule("Split", [ramp(5), a(2, 3)], [{1: a(-1, 6)}, {1: a(2, 2)}, {1: a(3, 3)}, {1: a(6, -1)}], {}, 2)
    yield Rule("OneHot", [a(0, 2), scalar(3), a(0.0, 1.0, dtype=F32)], [{1: scalar(-1)}, {1: scalar(-(1 << 40))}])
    yield Rule("Slice", [ramp(4, 6), a(0), a(5), a(1), a(2)], [{4: a(0)}, {3: a(2)}, {3: a(-3)}])
    yield Rule("Slice", [ramp(4, 6), a(0, 1), a(5, 5), a(1, 0), a(2, 1)], [{4: a(2, 0)}, {3: a(1, 1)}, {3: a(1, -1)}])
    for mode in ("constant", "reflect", "edge", "wrap"):
        wide = [{1: a(0, 6, 0, 0)}, {1: a(0, 0, 4, 0)}] if mode == "reflect" else []
        beyond = [{1: a(-3, 0, -2, 0)}] if mode in ("constant", "edge") else []
        empty = [{0: zeros(0, 6)}] if mode in ("edge", "wrap") else []
        yield Rule("Pad", [ramp(4, 6), a(1, 2, 3, 1)], wide + beyond + empty, {"mode": mode})
    yield Rule("Pad", [ramp(4, 6), a(1, 2), None, a(1)], [{3: a(2)}, {3: a(-3)}])
    yield Rule("ReverseSequence", [ramp(5, 2), a(5, 3)], [{1: a(6, 3)}, {1: a(5, -1)}], {"time_axis": 0, "batch_axis": 1})
    for op, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
        yield recurrent(op, gates)
    sizes = [{3: a(1, 1, -4, 4)}, {3: a(-1, 1, 4, 4)}]
    yield Rule("Resize", [ramp(1, 1, 2, 2), None, None, a(1, 1, 4, 4)], sizes, {"mode": "nearest"})
    scales = [{2: a(1, 1, bad, 2, dtype=F32)} for bad in (0.0, -1.0, np.nan)]
    yield Rule("Resize", [ramp(1, 1, 2, 2), None, a(1, 1, 2, 2, dtype=F32)], scales, {"mode": "linear"})
    shapes = [a(-1, -1), a(5, 5), a(-2, -3), a(-2, 3), a(0, 5)]
    yield Rule("Reshape", [ramp(6), a(2, 3)], [{1: shape} for shape in shapes])
    yield Rule("Reshape", [ramp(1), a(1, 1)], [{1: a(-1, -1)}])
    yield Rule("Expand", [ramp(3, 1), a(3, 4)], [{1: a(2, 4)}, {1: a(3, -4)}, {1: a(-3, 4)}])
    yield Rule("Tile", [ramp(2, 3), a(2, 1)], [{1: a(-1, 1)}, {1: a(-1, -1)}])
    yield Rule("ConstantOfShape", [a(2, 3)], [{0: a(2, -3)}, {0: a(-2, -3)}])
    yield Rule("TopK", [ramp(7), a(3)], [{1: a(8)}, {1: a(-1)}], {}, 2)
    yield Rule("Gather", [ramp(4, 3), a(0, -4)], [{1: a(0, 4)}, {1: a(-5, 0)}, {1: a(1 << 40, 0)}])
    yield Rule("Gather", [ramp(4, 3), a(-1)], [{1: a(4)}, {1: a(-5)}])
    yield Rule("GatherElements", [ramp(4, 3), a(0, -4, 3).reshape(1, 3)], [{1: a(0, 1, 4).reshape(1, 3)}, {1: a(-5, 0, 0).reshape(1, 3)}])
    yield Rule("GatherND", [ramp(4, 3), a(0, -3).reshape(1, 2)], [{1: a(0, 3).reshape(1, 2)}, {1: a(-5, 0).reshape(1, 2)}])
    yield Rule("ScatterElements", [ramp(4, 3), a(0, -4, 3).reshape(1, 3), zeros(1, 3)], [{1: a(0, 1, 4).reshape(1, 3)}, {1: a(-5, 0, 0).reshape(1, 3)}])
    yield Rule("ScatterND", [ramp(4, 3), a(0, -3).reshape(1, 2), zeros(1)], [{1: a(0, 3).reshape(1, 2)}, {1: a(-5, 0).reshape(1, 2)}])
    yield Rule("Squeeze", [zeros(1, 3, 1), a(0, -1)], [{1: a(0, 1)}, {1: a(0, 3)}, {1: a(0, -4)}, {1: a(0, 0)}])
    yield Rule("Unsqueeze", [ramp(3), a(0, -1)], [{1: a(0, 3)}, {1: a(0, -4)}, {1: a(0, 0)}, {1: a(0, -3)}])
    yield Rule("ReduceSum", [ramp(4, 3), a(-1)], [{1: a(2)}, {1: a(-3)}])
    yield Rule("ReduceMean", [ramp(4, 3), a(0)], [{1: a(2)}, {1: a(-3)}])
    yield Rule("CumSum", [ramp(4, 3), scalar(1)], [{1: scalar(2)}, {1: scalar(-3)}])
    yield Rule("Compress", [ramp(3), a(1, 0, 1, dtype=BOOL)], [{1: a(1, 0, 0, 1, dtype=BOOL)}], {"axis": 0})
    positions = [{2: a(3, 0)}, {2: a(0, -1)}]
    yield Rule("TensorScatter", [ramp(2, 4, 3), zeros(2, 2, 3), a(0, 2)], positions, known=False)
    keys = [{6: a(5, 4)}, {6: a(-1, 4)}]
    qkv = [ramp(2, 1, 3, 8) / 50] + [ramp(2, 1, 4, 8) / 50] * 2
    yield Rule("Attention", [*qkv, None, None, None, a(4, 2)], keys, known=False)


def named(rules):
    for i, rule in enumerate(rules):
        rule.name = f"{rule.op}_{i}"
        yield rule


def node_of(rule):
    given = ["" if operand is None else f"{rule.name}.{i}" for i, operand in enumerate(rule.good)]
    return helper.make_node(rule.op, given, [f"{rule.name}:{i}" for i in range(rule.results)], name=rule.name, **rule.attributes)


def operands(rule, values):
    """Operands by name; `values` take the place of sound ones."""
    return {f"{rule.name}.{i}": values.get(i, operand) for i, operand in enumerate(rule.good) if operand is not None}


def info(name, array, fixed):
    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    # How many indices, axes and sizes there are is known, how large the data is not.
    dims = array.shape if fixed or array.dtype not in (F32, BOOL) else [f"{name}_{i}" for i in range(array.ndim)]
    return helper.make_tensor_value_info(name, kind, dims)


def model_of(nodes, inputs, outputs, weights=()):
    tensors = [numpy_helper.from_array(array, name) for name, array in weights]
    graph = helper.make_graph(nodes, "rules", inputs, [helper.ValueInfoProto(name=name) for name in outputs], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=12)


def whole_model(chosen):
    nodes = [node_of(rule) for rule in chosen]
    # Weights of recurrent layers need their sizes.
    inputs = [info(name, array, rule.op in ("RNN", "GRU", "LSTM") or rule.op == "Attention")
              for rule in chosen for name, array in operands(rule, {}).items()]
    return model_of(nodes, inputs, [output for node in nodes for output in node.output])


def check_sound(chosen, got):
    """The sound run against ONNX Runtime, which takes the last opset it has."""
    for rule in chosen:
        if not rule.known:
            continue
        node = node_of(rule)
        feeds = operands(rule, {})
        model = model_of([node], [info(name, array, True) for name, array in feeds.items()], node.output)
        model.opset_import[0].version, model.ir_version = 21, 10
        want = engines.OnnxRuntime(model.SerializeToString()).run(feeds)
        try:
            for output in node.output:
                close(want[output], got[output], 1e-5, 1e-6, where=output)
            yield None
        except Mismatch as mismatch:
            yield str(mismatch)


def check_runs(chosen, folder):
    """A message per run, None where it is right."""
    path, artifact = folder / "rules.onnx", folder / "rules.optc"
    onnx.save(whole_model(chosen), path)
    engines.compile_model(path, artifact)
    library = engines.OptcLibrary(artifact)
    sound = {name: array for rule in chosen for name, array in operands(rule, {}).items()}
    yield from check_sound(chosen, library.run(sound))
    for rule in chosen:
        for values in rule.bad:
            what = f"{rule.name} with {({i: v.tolist() for i, v in values.items()})}"
            try:
                library.run({**sound, **operands(rule, values)})
                yield f"{what}: taken"
            except OptcError as error:
                message = str(error)
                yield None if f"'{rule.name}'" in message else f"{what}: '{message}' does not name the node"


def check_constants(chosen, folder):
    for rule in chosen:
        for number, values in enumerate(rule.bad):
            path = folder / f"{rule.name}_{number}.onnx"
            given = operands(rule, values)
            inputs = [info(name, array, True) for name, array in given.items() if array.dtype == F32 and not name.endswith(tuple(f".{i}" for i in values))]
            weights = [(name, array) for name, array in given.items() if name not in {i.name for i in inputs}]
            node = node_of(rule)
            onnx.save(model_of([node], inputs, node.output, weights), path)
            result = process.run([OPTC, path, "-o", folder / "constant.optc"], 60)
            what = f"{rule.name} with constant {({i: v.tolist() for i, v in values.items()})}"
            if result.code not in (2, 3):
                yield f"{what}: exit {result.code} {result.tail()[-200:]}"
            else:
                yield None if rule.name in result.text else f"{what}: '{result.tail()[-200:]}' does not name the node"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", metavar="NAME", nargs="*")
    parser.add_argument("-v", action="store_true", dest="verbose")
    options = parser.parse_args()
    chosen = [rule for rule in named(rules()) if not options.names or rule.op in options.names or rule.name in options.names]
    with tempfile.TemporaryDirectory() as folder:
        messages = [*check_runs(chosen, Path(folder)), *check_constants(chosen, Path(folder))]
    failures = [message for message in messages if message]
    print(*(f"MISS {message}" for message in failures), sep="\n", end="\n" if failures else "")
    print(f"run-rules: {len(messages) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
