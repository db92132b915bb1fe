# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs with bad inputs: of a sound artifact with wrong tensors, and of models whose data at
run time makes no sense. Every entry of `all_runs` is a BadRun."""
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from bad_models import FLOAT, INT64, NODE, good, model, node, value

USAGE = (2,)
# A shape that the machine has no memory for may be refused for either reason.
TOO_LARGE = (2, 7)


@dataclass
class BadRun:
    name: str
    model: object             # ONNX model to compile
    arguments: Callable       # arguments(folder): of `optc run`, after the artifact
    codes: tuple = USAGE
    mentions: str = ""


def npy(folder, array, name="x.npy"):
    np.save(folder / name, array)
    return folder / name


def raw(folder, content, name="x.npy"):
    (folder / name).write_bytes(content)
    return folder / name


def header(shape, dtype="<f4", extra=b""):
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + extra


def out(folder):
    return ["--output-dir", folder / "out"]


def tensors():
    """The model wants x: float32 [batch, 16]."""
    one = lambda make: lambda folder: ["--input", f"x={make(folder)}", *out(folder)]
    zeros = lambda *shape, dtype=np.float32: one(lambda folder: npy(folder, np.zeros(shape, dtype)))
    cases = {
        "another type": zeros(2, 16, dtype=np.float64), "integers": zeros(2, 16, dtype=np.int64),
        "another rank": zeros(16), "another size": zeros(2, 15), "a scalar": zeros(),
        "an object array": one(lambda f: npy(f, np.array([{}, []], dtype=object))),
        "file missing": one(lambda f: f / "nowhere.npy"), "file empty": one(lambda f: raw(f, b"")),
        "file random": one(lambda f: raw(f, np.random.default_rng(3).bytes(999))),
        "file truncated": one(lambda f: raw(f, header("(2, 16)", extra=bytes(100)))),
        "file too long": one(lambda f: raw(f, header("(2, 16)", extra=bytes(500)))),
        "shape of 2^40": one(lambda f: raw(f, header("(1099511627776, 16)", extra=bytes(128)))),
        "shape overflows": one(lambda f: raw(f, header("(4611686018427387904, 16)", extra=bytes(128)))),
        "shape negative": one(lambda f: raw(f, header("(-2, 16)", extra=bytes(128)))),
        "header without end": one(lambda f: raw(f, header("(2, 16)")[:40])),
        "big-endian": one(lambda f: npy(f, np.zeros((2, 16), ">f4"))),
        "no input": lambda folder: out(folder),
        "unknown input": lambda folder: ["--input", f"frobnicate={npy(folder, np.zeros((2, 16), np.float32))}", *out(folder)],
        "no name": lambda folder: ["--input", str(npy(folder, np.zeros((2, 16), np.float32))), *out(folder)],
        "folder missing": lambda folder: ["--inputs", folder / "nowhere", *out(folder)],
        "unknown flag": lambda folder: ["--frobnicate", *out(folder)],
    }
    for name, arguments in cases.items():
        codes = (0, 2) if name in ("big-endian", "file too long") else USAGE
        yield BadRun("input: " + name, good(), arguments, codes)

    def blocked(folder):
        (folder / "out").write_text("in the way")
        return ["--input", f"x={npy(folder, np.zeros((2, 16), np.float32))}", *out(folder)]
    yield BadRun("input: output folder is a file", good(), blocked)


def manifests():
    entry = {"name": "x", "kind": "tensor", "dtype": "float", "shape": [2, 16], "file": "0.npy"}
    texts = {
        "empty": "", "no JSON": "{", "not a list": "{}", "deep": "[" * 100000, "no file": json.dumps([{"name": "x"}]),
        "file missing": json.dumps([dict(entry, file="9.npy")]),
        "file outside": json.dumps([dict(entry, file="../../../../../../etc/passwd")]),
        "other shape": json.dumps([dict(entry, shape=[1 << 62, 16])]),
        "other type": json.dumps([dict(entry, dtype="frobnicate")]),
        "a string tensor": json.dumps([dict(entry, dtype="string", file="0.json")]),
        "twice the same": json.dumps([entry, entry]),
    }
    for name, text in texts.items():
        def arguments(folder, text=text):
            (folder / "in").mkdir()
            npy(folder / "in", np.zeros((2, 16), np.float32), "0.npy")
            (folder / "in" / "0.json").write_text('["a"]')
            (folder / "in" / "manifest.json").write_text(text)
            return ["--inputs", folder / "in", *out(folder)]
        yield BadRun("manifest: " + name, good(), arguments, (2, 3))


def with_data(name, nodes, inputs, codes=USAGE, mentions=NODE):
    """A sound model that its input values or sizes make impossible."""
    infos = [value(n, shape, FLOAT if array.dtype == np.float32 else INT64 if array.dtype == np.int64 else TensorProto.INT32)
             for n, shape, array in inputs]

    def arguments(folder):
        files = [f"--input={n}={npy(folder, array, n + '.npy')}" for n, _, array in inputs]
        return [*files, *out(folder)]
    built = model(nodes, infos, [value("y", None, infos[0].type.tensor_type.elem_type)])
    return BadRun("data: " + name, built, arguments, codes, mentions if 0 not in codes else "")


def loop_of_different_rows():
    """Iteration i gives the first i elements of x."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Unsqueeze", ["i", "zero"], ["end"]),
         helper.make_node("Slice", ["x", "zero", "end"], ["row"])], "body",
        [value("i", (), INT64), value("c", (), TensorProto.BOOL)], [value("d", (), TensorProto.BOOL), value("row", None)],
        [numpy_helper.from_array(np.array([0], np.int64), "zero")])
    return helper.make_node("Loop", ["m", ""], ["y"], name=NODE, body=body)


def data():
    i64, f32 = np.int64, np.float32
    x = ("x", ("a", "b"), np.zeros((2, 3), f32))
    ints = lambda v: np.array(v, i64)
    numbers = ("x", ("n",), np.array([7, -(1 << 31)], np.int32))
    yield with_data("Gather beyond the end", [node("Gather", ("x", "s"))], [x, ("s", ("n",), ints([99]))], (0, 2))
    yield with_data("Gather far below the start", [node("Gather", ("x", "s"))], [x, ("s", ("n",), ints([-(1 << 40)]))], (0, 2))
    yield with_data("Reshape to another count", [node("Reshape", ("x", "s"))], [x, ("s", (2,), ints([5, 5]))])
    yield with_data("operands that do not broadcast", [node("Add", ("x", "z"))], [x, ("z", ("c", "d"), np.zeros((4, 5), f32))])
    yield with_data("MatMul of 3 by 4", [node("MatMul", ("x", "z"))], [x, ("z", ("c", "d"), np.zeros((4, 5), f32))])
    yield with_data("Concat of other sizes", [node("Concat", ("x", "z"), axis=0)], [x, ("z", ("c", "d"), np.zeros((4, 5), f32))])
    yield with_data("Expand to 2^60 elements", [node("Expand", ("x", "s"))],
                    [("x", (1, 1), np.zeros((1, 1), f32)), ("s", (2,), ints([1 << 30, 1 << 30]))], TOO_LARGE, "'y'")
    yield with_data("Tile to more than memory", [node("Tile", ("x", "s"))], [x, ("s", (2,), ints([1 << 31, 1 << 31]))], TOO_LARGE)
    yield with_data("ConstantOfShape below 0", [node("ConstantOfShape", ("x",))], [("x", (2,), ints([3, -4]))])
    yield with_data("Reshape to two sizes below 0", [node("Reshape", ("x", "s"), ("t",)), helper.make_node("ReduceSum", ["t"], ["y"])],
                    [("x", ("n",), np.zeros(25, f32)), ("s", (2,), ints([-5, -5]))])
    yield with_data("Expand below 0, inside", [node("Expand", ("x", "s"), ("t",)), helper.make_node("ReduceSum", ["t"], ["y"])],
                    [("x", (1,), np.zeros(1, f32)), ("s", (1,), ints([-3]))], USAGE, "negative size")
    yield with_data("Conv over too small an input", [node("Conv", ("x", "w"), ("t",)), helper.make_node("ReduceSum", ["t"], ["y"])],
                    [("x", (1, 1, "n"), np.zeros((1, 1, 1), f32)), ("w", (1, 1, 3), np.zeros((1, 1, 3), f32))], USAGE, "too small")
    yield with_data("integer division by zero", [node("Div", ("x", "z"))],
                    [numbers, ("z", ("n",), np.array([0, 1], np.int32))], (0, 2))
    yield with_data("integer division overflows", [node("Div", ("x", "z"))],
                    [numbers, ("z", ("n",), np.array([1, -1], np.int32))], (0, 2))
    yield with_data("integer remainder by zero", [node("Mod", ("x", "z"))],
                    [numbers, ("z", ("n",), np.array([0, -1], np.int32))], (0, 2))
    for symbol in ("n", "2*n", "past + sequence", "größe", "a\"b\\c", "n" * 300):
        yield with_data(f"symbols that disagree: {symbol[:16]}", [node("Concat", ("x", "z"), axis=1)],
                        [("x", (symbol, 3), np.zeros((2, 3), f32)), ("z", (symbol, 3), np.zeros((1, 3), f32))],
                        mentions=f"'{symbol}' is 2")
    yield with_data("symbol twice in one input", [node("Neg", ("x",))],
                    [("x", ("n", "n"), np.zeros((2, 3), f32))], mentions="'n'")
    yield with_data("rows of a loop that differ", [loop_of_different_rows()],
                    [("x", ("n",), np.arange(3, dtype=f32)), ("m", (), np.array(3, i64))])


def all_runs():
    for group in (tensors, manifests, data):
        yield from group()
