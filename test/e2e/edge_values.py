#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Numbers at the edge of what operators are defined for, as ONNX Runtime has them, at every CPU level and
in folded constants alike.

  edge_values.py [-v]

Casts of what an integer type does not hold, NaN and infinities among them; NaN as a bound of Clip; powers of
infinities and zeros; DynamicQuantizeLinear of zeros alone."""
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

LEVELS = ("x86-64-v3", "x86-64-v4", "x86-64-v4-bf16")
FLOATS = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
INTEGERS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.bool_)
NUMBERS = [0.0, -0.0, 0.5, -0.5, 1.9, -1.9, 127.5, 128, 200, 255, 256, 300, -1, -128, -129, -200, 32767, 32768, 40000, 65535, 65536, 70000, -32769,
           2147483520, 2147483648, 3e9, 4294967040, 4294967296, 5e9, -2147483648, -3e9, -5e9, 9.2e18, 9.3e18, 1.8e19, 1.9e19, -9.3e18, -1e19, 1e30, -1e30,
           np.inf, -np.inf, np.nan]
BASES = [-np.inf, np.inf, -0.0, 0.0, 1, -1, 2, -2, 0.25, -8]
POWERS = [0.5, -0.5, 2, 3, -1, -3, 1 / 3, 1.5, 0, np.inf, -np.inf]


class Table:
    """Nodes over the input or, where it is folded, a constant; expected outputs by name."""

    def __init__(self, element, folded):
        self.element, self.folded = element, folded
        self.nodes, self.inputs, self.weights, self.feeds, self.expected = [], [], [], {}, {}

    def operand(self, name, array, constant=False):
        array = np.asarray(array, self.element)
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        if constant or self.folded:
            self.weights.append(numpy_helper.from_array(array, name))
        else:
            self.inputs.append(helper.make_tensor_value_info(name, kind, array.shape))
            self.feeds[name] = array
        return name

    def node(self, op, operands, want, **attributes):
        names = [f"{op}_{len(self.nodes)}.{i}" for i in range(len(want))]
        self.nodes.append(helper.make_node(op, operands, names, name=names[0], **attributes))
        self.expected |= dict(zip(names, want))

    def model(self):
        graph = helper.make_graph(self.nodes, "edges", self.inputs, [helper.ValueInfoProto(name=name) for name in self.expected], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def ask(op, feeds, **attributes):
    """ONNX Runtime on one node. bfloat16 goes in through a cast, which it has."""
    nodes, inputs = [], []
    for name, array in list(feeds.items()):
        wide = array.dtype == ml_dtypes.bfloat16
        source = f"{name}.wide" if wide else name
        if wide:
            nodes.append(helper.make_node("Cast", [source], [name], to=TensorProto.BFLOAT16))
            feeds[source] = feeds.pop(name).astype(np.float32)
        inputs.append(helper.make_tensor_value_info(source, helper.np_dtype_to_tensor_dtype(feeds[source].dtype), array.shape))
    names = [name for name in (i.name.removesuffix(".wide") for i in inputs)]
    nodes.append(helper.make_node(op, names, [f"result{i}" for i in range(3 if op == "DynamicQuantizeLinear" else 1)], **attributes))
    graph = helper.make_graph(nodes, "one", inputs, [helper.ValueInfoProto(name=name) for name in nodes[-1].output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return list(engines.OnnxRuntime(model.SerializeToString()).run(feeds).values())


def add_casts(table):
    # Each number in several lanes: ONNX Runtime's way of uint32 differs between whole vectors and the
    # rest; that of vectors is meant.
    with np.errstate(over="ignore"):
        numbers = np.array(NUMBERS).astype(table.element)
    x = table.operand("numbers", np.repeat(numbers, 16))
    for integer in INTEGERS:
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(integer))
        table.node("Cast", [x], ask("Cast", {"x": np.repeat(numbers, 16)}, to=kind), to=kind)


def add_clips(table):
    x = np.array([-3, -0.5, 0, 0.5, 3, np.inf, -np.inf] * 5)
    for low, high in ((np.nan, 1), (-1, np.nan), (np.nan, np.nan), (-1, 1)):
        want = x if np.isnan(low) else np.maximum(x, low)
        want = (want if np.isnan(high) else np.minimum(want, high)).astype(table.element)
        number = len(table.nodes)
        for constant in (True, False):
            operands = [table.operand(f"clip{number}{constant}", x)]
            operands += [table.operand(f"clip{number}{constant}.{i}", bound, constant) for i, bound in enumerate((low, high))]
            table.node("Clip", operands, [want])


def add_powers(table):
    x = np.repeat(np.array(BASES), 5).astype(table.element)
    for i, power in enumerate(POWERS):
        wide = np.float64 if table.element is np.float64 else np.float32
        exponent = np.asarray(power, table.element)
        want = ask("Pow", {"x": x.astype(wide), "y": exponent.astype(wide)})[0].astype(table.element)
        for constant in (True, False):
            y = table.operand(f"power{i}{constant}", exponent, constant)
            table.node("Pow", [table.operand(f"base{i}{constant}", x), y], [want])


def add_quantized(table):
    for i, x in enumerate((np.zeros(37), np.zeros((2, 3)), np.linspace(-1, 3, 37), np.linspace(1, 3, 37), -np.ones(5))):
        x = x.astype(np.float32)
        table.node("DynamicQuantizeLinear", [table.operand(f"quantized{i}", x)], ask("DynamicQuantizeLinear", {"x": x}))


def tables():
    for name, element in FLOATS.items():
        for folded in (False, True):
            table = Table(element, folded)
            add_casts(table)
            add_clips(table)
            add_powers(table)
            if name == "f32":
                add_quantized(table)
            yield f"{name}{' folded' if folded else ''}", table


def compare(want, got, element):
    if want.shape != got.shape or want.dtype != got.dtype:
        return f"{got.dtype}{got.shape} for {want.dtype}{want.shape}"
    if want.dtype.kind in "iub":
        equal = want == got
    else:
        # Functions are off by some units in the last place.
        a, b = want.astype(np.float64), got.astype(np.float64)
        equal = np.isclose(a, b, rtol=8 * float(ml_dtypes.finfo(element).eps), atol=0, equal_nan=True)
        equal &= np.isnan(a) | (np.signbit(a) == np.signbit(b))
    if equal.all():
        return None
    at = tuple(np.argwhere(~equal)[0])
    return f"{(~equal).sum()} of {want.size} differ, at {at} {got[at]} for {want[at]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-v", action="store_true", dest="verbose")
    options = parser.parse_args()
    done, failures = 0, []
    for name, table in tables():
        with tempfile.TemporaryDirectory() as folder:
            path, artifact = Path(folder, "edges.onnx"), Path(folder, "edges.optc")
            onnx.save(table.model(), path)
            engines.compile_model(path, artifact, arguments=("--level", *LEVELS))
            for level in LEVELS:
                try:
                    got = engines.OptcLibrary(artifact, level=level).run(table.feeds)
                except OptcError as error:
                    if options.verbose:
                        print(f"  {name} {level}: not run, {error}")
                    continue
                for output, want in table.expected.items():
                    message = compare(want, got[output], table.element)
                    done += not message
                    failures += [f"{name} {level} {output}: {message}"] if message else []
        if options.verbose:
            print(f"  {name}: {done} passed, {len(failures)} failed so far")
    print(*(f"MISS {message}" for message in failures), sep="\n", end="\n" if failures else "")
    print(f"edge-values: {done} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
