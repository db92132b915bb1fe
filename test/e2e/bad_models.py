# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models with one fault each. Every entry of `all_models` is a Bad: how to write it, which exit
codes are right, and what the message must name."""
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
HUGE = 1 << 40
# The node at fault is called this, and the message has to say so.
NODE = "/block.3/culprit"
REFUSED = (2, 3)


@dataclass
class Bad:
    name: str
    write: Callable           # write(path): makes the model file, and files beside it
    codes: tuple = REFUSED
    mentions: str = ""


def value(name, shape=(2, 3), kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs=None, outputs=None, weights=(), opset=21, functions=(), imports=()):
    graph = helper.make_graph(nodes, "bad", inputs if inputs is not None else [value("x")],
                              outputs if outputs is not None else [value("y", None)],
                              [numpy_helper.from_array(np.asarray(v), k) for k, v in dict(weights).items()])
    opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, v) for d, v in imports]
    return helper.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=10)


def save(proto):
    return lambda path: Path(path).write_bytes(
        proto if isinstance(proto, bytes) else proto.SerializeToString())


def node(kind, inputs=("x",), outputs=("y",), **attributes):
    return helper.make_node(kind, list(inputs), list(outputs), name=NODE, **attributes)


def one(kind, inputs=("x",), x=(2, 3), weights=(), outputs=("y",), **attributes):
    """A model of one faulty node on the input x."""
    return model([node(kind, inputs, outputs, **attributes)], [value("x", x)],
                 [value(o, None) for o in outputs], weights)


def good():
    """A small sound model: MatMul, Add, Relu with dynamic batch."""
    rng = np.random.default_rng(0)
    weights = {"w": rng.standard_normal((16, 8)).astype(np.float32), "b": np.zeros(8, np.float32)}
    nodes = [helper.make_node("MatMul", ["x", "w"], ["m"], name="/fc/MatMul"),
             helper.make_node("Add", ["m", "b"], ["a"], name="/fc/Add"),
             helper.make_node("Relu", ["a"], ["y"], name="/fc/Relu")]
    return model(nodes, [value("x", ("batch", 16))], [value("y", ("batch", 8))], weights)


def files():
    """Files that are no models."""
    whole = good().SerializeToString()
    noise = np.random.default_rng(1).bytes(4096)
    contents = {"empty": b"", "random": noise, "text": b"this is no model\n" * 50, "zeros": bytes(4096),
                "zip": b"PK\x03\x04" + noise, "png": b"\x89PNG\r\n\x1a\n" + noise}
    for part in (1, 2, 3):
        contents[f"truncated at {part}/4"] = whole[:len(whole) * part // 4]
    contents["one byte short"] = whole[:-1]
    for name, content in contents.items():
        yield Bad("file: " + name, save(content))
    yield Bad("file: is a folder", lambda path: Path(path).mkdir())
    yield Bad("file: is missing", lambda path: None, (2,))
    for offset in range(0, len(whole), len(whole) // 24):
        changed = bytearray(whole)
        changed[offset] ^= 0xFF
        yield Bad(f"file: byte {offset} flipped", save(bytes(changed)), (0, *REFUSED))


def leaf():
    return helper.make_graph([helper.make_node("Identity", ["x"], ["t"])], "leaf", [], [value("t", None)])


def nested(depth):
    """Ifs inside Ifs."""
    inner = leaf()
    for level in range(depth):
        branch = helper.make_node("If", ["c"], [f"t{level}"], then_branch=inner, else_branch=leaf())
        inner = helper.make_graph([branch], f"level{level}", [], [value(f"t{level}", None)])
    inner.node[0].output[0] = "y"
    return model([inner.node[0]], [value("x"), value("c", (), TensorProto.BOOL)])


def nested_beyond_parsing(depth):
    """The bytes of nodes inside attributes inside graphs: protobuf itself gives up at 100."""
    def field(number, content):
        size, length = len(content), b""
        while size > 127:
            length += bytes([size & 127 | 128])
            size >>= 7
        return bytes([number << 3 | 2]) + length + bytes([size]) + content

    content = b""
    for _ in range(depth):   # GraphProto.node, NodeProto.attribute, AttributeProto.g
        content = field(1, field(5, field(6, content)))
    return field(7, content)


def graphs():
    """Graphs that do not hold together."""
    n = helper.make_node
    x_twice = [n("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])]
    cases = {
        "cycle": model([n("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), n("Neg", ["b"], ["y"])]),
        "undefined input": model([node("Relu", ["nowhere"])]),
        "undefined output": model([n("Relu", ["x"], ["t"])], outputs=[value("y")]),
        "same output twice": model(x_twice),
        "no outputs": model([n("Relu", ["x"], ["y"])], outputs=[]),
        "no nodes, undefined output": model([]),
        "opset 99": model([n("Relu", ["x"], ["y"])], opset=99),
        "opset 0": model([n("Relu", ["x"], ["y"])], opset=0),
        "unknown type 777": model([n("Relu", ["x"], ["y"])], [value("x", (2,), 777)]),
    }
    no_opset = model([n("Relu", ["x"], ["y"])])
    del no_opset.opset_import[:]
    cases["no opset"] = no_opset
    for name, proto in cases.items():
        mentions = "nowhere" if name == "undefined input" else ""
        yield Bad("graph: " + name, save(proto), mentions=mentions)
    yield Bad("graph: nested 25 deep", save(nested(25)), (0, *REFUSED))
    yield Bad("graph: nested 200 deep", save(nested_beyond_parsing(200)))
    yield Bad("graph: unknown operator", save(one("Frobnicate")), (3,), NODE)
    custom = one("Frobnicate", domain="com.example")
    custom.opset_import.append(helper.make_opsetid("com.example", 1))
    yield Bad("graph: custom domain", save(custom), (3,), NODE)


def attributes():
    f32 = np.float32
    weight = {"w": np.zeros((4, 3, 3, 3), f32)}
    conv = lambda **a: one("Conv", ("x", "w"), (1, 3, 8, 8), weight, **a)
    pool = lambda **a: one("MaxPool", x=(1, 3, 8, 8), **a)
    cases = {
        "Conv kernel_shape is a string": conv(kernel_shape="three"),
        "Softmax axis is a float": one("Softmax", axis=1.5),
        "Softmax axis out of range": one("Softmax", axis=7),
        "Softmax axis is INT64_MIN": one("Softmax", axis=-(1 << 63)),
        "unknown attribute": one("Relu", frobnicate=1),
        "Add of three": one("Add", ("x", "x", "x")),
        "Conv of one": one("Conv", x=(1, 3, 8, 8)),
        "Conv group 0": conv(group=0),
        "Conv group -1": conv(group=-1),
        "Conv group 2 of 3 channels": conv(group=2),
        "Conv kernel_shape is not the weight's": conv(kernel_shape=[5, 5]),
        "Conv stride 0": conv(strides=[0, 1]),
        "Conv dilation 0": conv(dilations=[0, 1]),
        "Conv pads of the wrong rank": conv(pads=[1, 1]),
        "Conv pads of 2^40": conv(pads=[HUGE] * 4),
        "Conv kernel beyond the image": one("Conv", ("x", "w"), (1, 3, 2, 2), {"w": np.zeros((4, 3, 9, 9), f32)}),
        "MaxPool kernel 0": pool(kernel_shape=[0, 0]),
        "MaxPool kernel negative": pool(kernel_shape=[-1, 2]),
        "MaxPool without kernel": pool(),
        "MaxPool auto_pad unknown": pool(kernel_shape=[2, 2], auto_pad="SIDEWAYS"),
        "Transpose twice the same axis": one("Transpose", perm=[0, 0]),
        "Transpose of another rank": one("Transpose", perm=[0, 1, 2]),
        "Cast to an unknown type": one("Cast", to=999),
        "Concat axis out of range": one("Concat", ("x", "x"), axis=5),
        "Concat without axis": one("Concat", ("x", "x")),
        "Flatten axis out of range": one("Flatten", axis=9),
        "Split into 2^40": one("Split", outputs=("y", "z"), axis=0, num_outputs=HUGE),
        "Einsum equation is nonsense": one("Einsum", ("x", "x"), equation="ij,,->->k"),
        "LSTM without hidden size": one("LSTM", ("x", "w", "r"), (5, 1, 3), {
            "w": np.zeros((1, 16, 3), f32), "r": np.zeros((1, 16, 4), f32)}, direction="sideways"),
        "Gemm of a vector": one("Gemm", ("x", "x"), (3,)),
        "Resize without sizes and scales": one("Resize", x=(1, 1, 4, 4)),
    }
    for name, proto in cases.items():
        yield Bad("attribute: " + name, save(proto), mentions=NODE)


def shapes():
    """Constant operands with impossible or enormous meaning."""
    i64, f32 = np.int64, np.float32
    const = lambda kind, data, x=(2, 3), **a: one(kind, ("x", "s"), x, {"s": data}, **a)
    clash = model([node("Add", ["x", "z"])], [value("x", (2, 3)), value("z", (4, 5))])
    mixed = model([node("Add", ["x", "z"])], [value("x", (2, 3)), value("z", (2, 3), INT64)])
    product = model([node("MatMul", ["x", "z"])], [value("x", (2, 3)), value("z", (4, 5))])
    rng = {"s": i64(0), "e": i64(1 << 50), "d": i64(1), "o": i64(0), "n": i64(5)}
    refused = {
        "operands that do not broadcast": clash, "operands of two types": mixed, "MatMul of 3 by 4": product,
        "Reshape to another count": const("Reshape", np.array([5, 5], i64)),
        "Reshape of a constant declared to have another count": model(
            [node("Reshape", ["w", "s"])], [value("s", (2,), INT64)], [value("y", (1, 4))], {"w": np.ones((2, 3), f32)}),
        "Reshape to two unknowns": const("Reshape", np.array([-1, -1], i64)),
        "Reshape to -7": const("Reshape", np.array([-7, 1], i64)),
        "Expand that does not fit": const("Expand", np.array([5, 5], i64)),
        "Gather beyond the end": const("Gather", np.array([99], i64)),
        "Slice with step 0": one("Slice", ("x", "a", "b", "c", "d"), weights={
            k: np.array([v], i64) for k, v in (("a", 0), ("b", 2), ("c", 0), ("d", 0))}),
        "Squeeze of a wide axis": const("Squeeze", np.array([1], i64)),
        "Tile by a negative count": const("Tile", np.array([-1, 1], i64)),
        "Range with step 0": one("Range", ("s", "n", "o"), weights=rng),
        "Resize by NaN": one("Resize", ("x", "", "s"), (1, 1, 4, 4), {"s": np.array([1, 1, np.nan, 1], f32)}),
        "Resize by a negative scale": one("Resize", ("x", "", "s"), (1, 1, 4, 4), {"s": np.array([1, 1, -2, 1], f32)}),
        "TopK beyond the axis": one("TopK", ("x", "s"), weights={"s": np.array([50], i64)}, outputs=("y", "z")),
        "Split that does not add up": one("Split", ("x", "s"), weights={"s": np.array([9, 9], i64)}, outputs=("y", "z")),
    }
    for name, proto in refused.items():
        yield Bad("shape: " + name, save(proto), mentions=NODE)
    huge = {
        "Expand to 2^80 elements": const("Expand", np.array([HUGE, HUGE // 3 * 3], i64), (1, 1)),
        "Tile by 2^40": const("Tile", np.array([HUGE, HUGE], i64)),
        "Pad by 2^40": const("Pad", np.array([HUGE, HUGE, 0, 0], i64)),
        "ConstantOfShape of 2^50": one("ConstantOfShape", ("s",), weights={"s": np.array([1 << 50], i64)}),
        "Range to 2^50": one("Range", ("s", "e", "d"), weights=rng),
        "Resize by 2^40": one("Resize", ("x", "", "s"), (1, 1, 4, 4), {"s": np.array([1, 1, 2.0 ** 40, 2.0 ** 40], f32)}),
        "input of 2^62 x 2^62": model([node("Relu")], [value("x", (1 << 62, 1 << 62))]),
        "input of -5": model([node("Relu")], [value("x", (-5, 3))]),
        "input of rank 1000": model([node("Relu")], [value("x", (1,) * 1000)]),
    }
    for name, proto in huge.items():   # a plain error; sizes of run time may be refused only there
        yield Bad("huge: " + name, save(proto), (0, *REFUSED))


def weights_and_names():
    short, long, name = good(), good(), good()
    short.graph.initializer[0].raw_data = short.graph.initializer[0].raw_data[:100]
    long.graph.initializer[0].raw_data += bytes(64)
    name.graph.node[0].name = "n" * (10 << 20)
    negative = good()
    negative.graph.initializer[0].dims[0] = -16
    overflow = good()
    overflow.graph.initializer[0].dims[:] = [1 << 62, 8]
    yield Bad("weights: raw data too short", save(short), mentions="'w'")
    yield Bad("weights: raw data too long", save(long), mentions="'w'")
    yield Bad("weights: negative dimension", save(negative), mentions="'w'")
    yield Bad("weights: size overflows", save(overflow), mentions="'w'")
    yield Bad("names: 10 MB long", save(name), (0, *REFUSED))
    odd = good()
    odd.graph.node[0].name = "a\x00b\nOPTC\x1b[31m"
    yield Bad("names: with control characters", save(odd), (0, *REFUSED))


def call(name, outputs, inputs):
    return helper.make_node(name, inputs, outputs, domain="local")


def functions():
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("local", 1)]
    make = lambda name, nodes: helper.make_function("local", name, ["a"], ["b"], nodes, opsets)
    recursive = make("F0", [call("F0", ["b"], ["a"])])
    mutual = [make("F0", [call("F1", ["b"], ["a"])]), make("F1", [call("F0", ["b"], ["a"])])]
    tower = [make("F0", [helper.make_node("Relu", ["a"], ["b"])])]
    for i in range(1, 26):
        tower.append(make(f"F{i}", [call(f"F{i - 1}", ["t"], ["a"]), call(f"F{i - 1}", ["b"], ["t"])]))
    use = lambda name, parts: model([call(name, ["y"], ["x"])], functions=parts, imports=[("local", 1)])
    yield Bad("functions: recursive", save(use("F0", [recursive])))
    yield Bad("functions: mutually recursive", save(use("F0", mutual)))
    yield Bad("functions: 2^25 calls", save(use("F25", tower)))
    yield Bad("functions: missing", save(use("F9", tower[:2])), (3,))


def external(name, entries, prepare=None, in_constant=False, mentions="'w'"):
    """A model whose weight lies in a file beside it, with the given external_data entries."""
    def write(path):
        folder = Path(path).parent
        (folder / "weights.bin").write_bytes(np.zeros((16, 8), np.float32).tobytes())
        if prepare:
            prepare(folder)
        proto = good()
        tensor = proto.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, text in entries:
            tensor.external_data.add(key=key, value=str(text))
        if in_constant:
            proto.graph.node.insert(0, helper.make_node("Constant", [], ["w"], name=NODE, value=tensor))
            del proto.graph.initializer[0]
        Path(path).write_bytes(proto.SerializeToString())
    return Bad("external: " + name, write, mentions=mentions)


def externals():
    at = lambda location, **more: [("location", location), *more.items()]
    link = lambda target: lambda folder: os.symlink(target, folder / "link")
    outside = lambda folder: (folder.parent / "outside.bin").write_bytes(bytes(512))
    yield external("file is missing", at("nowhere.bin"))
    yield external("offset past the end", at("weights.bin", offset=4096, length=512))
    yield external("offset negative", at("weights.bin", offset=-4, length=512))
    yield external("offset overflows", at("weights.bin", offset=(1 << 63) - 4, length=512))
    yield external("offset of 40 digits", at("weights.bin", offset="9" * 40, length=512))
    yield external("offset is no number", at("weights.bin", offset="0x10", length=512))
    yield external("length past the end", at("weights.bin", offset=256, length=512))
    yield external("length too short", at("weights.bin", offset=0, length=100))
    yield external("length too long", at("weights.bin", offset=0, length=1 << 40))
    yield external("length negative", at("weights.bin", offset=0, length=-1))
    yield external("no location", [("offset", 0)])
    yield external("absolute path", at("/etc/passwd", offset=0, length=512))
    yield external("device", at("/dev/zero", offset=0, length=512))
    yield external("outside the folder", at("../outside.bin", length=512), outside)
    yield external("outside by a detour", at("a/../../outside.bin", length=512),
                   lambda folder: (outside(folder), (folder / "a").mkdir()))
    yield external("link out of the folder", at("link", length=512), link("/etc/passwd"))
    yield external("link to a folder outside", at("link/passwd", length=512), link("/etc"))
    yield external("pipe", at("pipe", length=512), lambda folder: os.mkfifo(folder / "pipe"))
    yield external("folder", at("sub", length=512), lambda folder: (folder / "sub").mkdir())
    yield external("zero byte in the location", at("weights.bin\0x", length=512))
    yield external("location twice", at("weights.bin") + at("nowhere.bin"))
    yield external("missing, in a Constant", at("nowhere.bin"), in_constant=True, mentions="")
    yield external("past the end, in a Constant", at("weights.bin", offset=400, length=512), in_constant=True, mentions="")


def body(inputs, outputs, nodes):
    """The body of a loop: named values of kinds, nodes of (kind, inputs, outputs)."""
    return helper.make_graph([helper.make_node(kind, given.split(), made.split()) for kind, given, made in nodes], "body",
                             [value(name, None, kind) for name, kind in inputs], [onnx.ValueInfoProto(name=name) for name in outputs])


def loops():
    """Loop and Scan whose parts do not fit."""
    boolean = TensorProto.BOOL
    weights = {"n": np.int64(3), "go": np.bool_(True), "some": np.array([3, 4], np.int64), "half": np.float32(0.5)}
    step = [("i", INT64), ("c", boolean), ("s", FLOAT)]
    same = ("Identity", "c", "d")
    hand_on = body(step, ["d", "t"], [same, ("Neg", "s", "t")])
    scanned = body([("r", FLOAT)], ["t"], [("Neg", "r", "t")])
    loop = lambda graph, inputs=("n", "go", "x"): one("Loop", inputs, weights=weights, body=graph)
    scan = lambda graph=scanned, count=1, **a: one("Scan", body=graph, num_scan_inputs=count, **a)
    cases = {
        "body of no outputs": loop(body(step, [], [same])),
        "body without the state": loop(body(step, ["d"], [same])),
        "body of two inputs": loop(body(step[:2], ["d", "c"], [same])),
        "body that is none": one("Loop", ("n", "go", "x"), weights=weights),
        "state of another rank": loop(body(step, ["d", "t"], [same, ("Shape", "s", "u"), ("Cast", "u", "t")])),
        "state of another type": loop(body(step, ["d", "t"], [same, ("Shape", "s", "t")])),
        "condition that is a number": loop(body(step, ["i", "t"], [("Neg", "s", "t")])),
        "first condition that is a number": loop(hand_on, ("n", "half", "x")),
        "two numbers of trips": loop(hand_on, ("some", "go", "x")),
        "half a trip": loop(hand_on, ("half", "go", "x")),
        "Scan of nothing": scan(count=0),
        "Scan of less than nothing": scan(count=-1),
        "Scan of more than there is": scan(count=7),
        "Scan along axis 5": scan(scan_input_axes=[5]),
        "Scan into axis 5": scan(scan_output_axes=[5]),
        "Scan with a body of two inputs": scan(body([("r", FLOAT), ("q", FLOAT)], ["t"], [("Neg", "r", "t")])),
        "Scan of a scalar": model([helper.make_node("Identity", ["half"], ["v"]), node("Scan", ("v",), body=scanned, num_scan_inputs=1)],
                                  weights=weights),
    }
    for name, proto in cases.items():
        yield Bad("loop: " + name, save(proto), mentions=NODE)


def all_models():
    for group in (files, graphs, attributes, shapes, loops, weights_and_names, functions, externals):
        yield from group()
