# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models that ONNX's checker or its shape inference refuse, that ONNX Runtime runs, and that mean one
thing. Every entry of `all_cases` is a Case: the model, its inputs, and the id of the note that
`optc check` gives, if what is done is worth one."""
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
TAKEN, DECLARED = "OPTC-E1007", "OPTC-E1063"   # what a note says: so it was taken; declared otherwise
RNG = np.random.default_rng(5)
node = helper.make_node


@dataclass
class Case:
    name: str
    model: onnx.ModelProto
    feeds: dict
    note: str = ""
    files: dict = None    # contents of files beside the model, by name
    oracle: onnx.ModelProto = None   # what ONNX Runtime runs instead


def random(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def value(name, kind=FLOAT, shape=None):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name, data, dtype=np.int64):
    return numpy_helper.from_array(np.asarray(data, dtype), name)


def model(nodes, feeds, outputs=("y",), weights=(), opset=21, declared=None):
    kinds = {np.dtype(np.float32): FLOAT, np.dtype(np.int64): INT64, np.dtype(bool): BOOL}
    outputs = [value(name, FLOAT, declared) if declared else onnx.ValueInfoProto(name=name) for name in outputs]
    graph = helper.make_graph(nodes, "g", [value(k, kinds[v.dtype], v.shape) for k, v in feeds.items()], outputs,
                              list(weights))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                             ir_version=8 if opset < 19 else 10)


def branch(name, nodes, output, weights=()):
    return helper.make_graph(nodes, name, [], [value(output)], list(weights))


def changed(case, note, change):
    """The case with its model changed in place."""
    change(case.model)
    case.note = note
    return case


def chain(name):
    nodes = [node("Exp", ["x"], ["t"]), node("Neg", ["t"], ["u"]), node("Sigmoid", ["u"], ["y"])]
    feeds = {"x": random(3, 4)}
    return Case(name, model(nodes, feeds), feeds)


def format_cases():
    """What the format forbids and what means one thing."""
    def unsort(m):
        nodes = list(m.graph.node)[::-1]
        del m.graph.node[:]
        m.graph.node.extend(nodes)

    def spell_out(m, imports):
        for one in m.graph.node:
            one.domain = "ai.onnx"
        if imports:
            m.opset_import[0].domain = "ai.onnx"

    def twice(m, domain):
        m.opset_import.append(helper.make_opsetid(domain, m.opset_import[0].version))

    def add_import(m, domain, version):
        m.opset_import.append(helper.make_opsetid(domain, version))

    def add_unused(m, kind):
        tensor = TensorProto(name="unused", data_type=kind, dims=[2])
        if kind == TensorProto.STRING:
            tensor.string_data.extend([b"a", b"b"])
        else:
            tensor.raw_data = bytes(2 * {TensorProto.COMPLEX64: 8}.get(kind, 1))
        m.graph.initializer.append(tensor)

    def metadata(m):
        for text in ("one", "two"):
            m.metadata_props.add(key="k", value=text)

    yield changed(chain("graph without a name"), TAKEN, lambda m: m.graph.ClearField("name"))
    yield changed(chain("nodes in reverse"), TAKEN, unsort)
    yield changed(chain("domain spelled out, import not"), "", lambda m: spell_out(m, False))
    yield changed(chain("domain and import spelled out"), "", lambda m: spell_out(m, True))
    yield changed(chain("import twice, spelled in two ways"), TAKEN, lambda m: twice(m, "ai.onnx"))
    yield changed(chain("import twice"), TAKEN, lambda m: twice(m, ""))
    yield changed(chain("unused import of an unknown domain"), "", lambda m: add_import(m, "com.example", 3))
    yield changed(chain("metadata twice"), TAKEN, metadata)
    for kind in (TensorProto.STRING, TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E5M2, TensorProto.COMPLEX64):
        yield changed(chain(f"unused initializer of {TensorProto.DataType.Name(kind)}"), "",
                      lambda m, kind=kind: add_unused(m, kind))


def subgraph_cases():
    """Names of values that mean different ones in different graphs."""
    def pick(name, index):   # x * the size of a dimension of x
        nodes = [node("Shape", ["x"], ["s"]), node("Gather", ["s", "i"], ["g"], axis=0),
                 node("Cast", ["g"], ["f"], to=FLOAT), node("Mul", ["x", "f"], [f"{name}_y"])]
        return branch(name, nodes, f"{name}_y", [constant("i", index)])

    def extend(name, of):   # as many ones as `of` has rows; ONNX's inference knows the number
        nodes = [node("Shape", [of], ["s"], start=0, end=1), node("Expand", ["one", "s"], [f"{name}_y"])]
        return branch(name, nodes, f"{name}_y")

    x, z = random(3, 5), random(7, 2)
    for condition in (True, False):
        feeds = {"x": x, "c": np.array(condition)}
        both = node("If", ["c"], ["y"], then_branch=pick("a", 0), else_branch=pick("b", 1))
        yield Case(f"both branches use the same names, {condition}", model([both], feeds), feeds)
        behind = [both, node("Shape", ["x"], ["s"]), node("Gather", ["s", "k"], ["g"], axis=0)]
        yield Case(f"nodes behind use names of a branch, {condition}",
                   model(behind, feeds, ("y", "s", "g"), [constant("k", [1])]), feeds)
        feeds = {"x": x, "z": z, "c": np.array(condition)}
        sizes = node("If", ["c"], ["y"], then_branch=extend("a", "x"), else_branch=extend("b", "z"))
        yield Case(f"elements of shapes with one name, {condition}",
                   model([sizes], feeds, weights=[constant("one", [1], np.float32)]), feeds)
        feeds = {"x": x, "c": np.array(condition)}
        late = node("If", ["c"], ["y"],
                    then_branch=branch("a", [node("Neg", ["n"], ["ya"]), node("Exp", ["late"], ["n"])], "ya"),
                    else_branch=branch("b", [node("Abs", ["x"], ["yb"])], "yb"))
        early = node("Tanh", ["x"], ["late"])
        late_sorted = onnx.NodeProto.FromString(late.SerializeToString())
        inner = late_sorted.attribute[0].g if late_sorted.attribute[0].name == "then_branch" else late_sorted.attribute[1].g
        nodes = list(inner.node)[::-1]
        del inner.node[:]
        inner.node.extend(nodes)
        yield Case(f"a branch uses what comes behind it, {condition}", model([late, early], feeds), feeds, TAKEN,
                   oracle=model([early, late_sorted], feeds))
    body = helper.make_graph(
        [node("Shape", ["v"], ["s"]), node("Cast", ["s"], ["f"], to=FLOAT), node("ReduceSum", ["f"], ["r"], keepdims=0),
         node("Add", ["v", "r"], ["w"]), node("Identity", ["go"], ["on"])], "body",
        [value("n", INT64, []), value("go", BOOL, []), value("v", FLOAT, [3, 5])],
        [value("on", BOOL, []), value("w", FLOAT, [3, 5])])
    feeds = {"x": x}
    loops = [node("Loop", ["count", "", "x"], ["p"], body=body), node("Loop", ["count", "", "p"], ["y"], body=body)]
    yield Case("two loops use the same names", model(loops, feeds, weights=[constant("count", 3)]), feeds)


def constant_cases():
    """Long constants of integers, which ONNX's inference cannot read where it wants to."""
    index = RNG.integers(0, 9, 1000)
    table = constant("table", random(9, 4), np.float32)
    feeds = {"x": random(1000, 4)}
    for dtype in (np.int64, np.int32):
        weights = [constant("index", index, dtype), table, constant("last", [-1]), constant("first", [0]),
                   constant("few", [5])]
        wide = [] if dtype == np.int64 else [node("Cast", ["i"], ["j"], to=INT64)]
        rows = "i" if dtype == np.int64 else "j"
        ends = [*wide, node("GatherND", ["table", rows], ["r"]), node("Add", ["x", "r"], ["y"])]
        name = np.dtype(dtype).name
        yield Case(f"Unsqueeze of 1000 {name}", model([node("Unsqueeze", ["index", "last"], ["i"]), *ends], feeds,
                                                      weights=weights), feeds)
        twice = [node("Concat", ["index", "index"], ["c"], axis=0), node("Slice", ["c", "few", "end"], ["d"]),
                 node("Unsqueeze", ["d", "last"], ["i"]), *ends]
        yield Case(f"Concat and Slice of 1000 {name}",
                   model(twice, feeds, weights=[*weights, constant("end", [1005])]), feeds)
    parts = 520   # their sizes are just too long to be read
    split = [node("Split", ["x", "sizes"], [f"p{i}" for i in range(parts)], axis=0),
             node("Concat", ["p519", "p3", "p300"], ["y"], axis=0)]
    feeds = {"x": random(parts, 2)}
    yield Case(f"Split into {parts} parts", model(split, feeds, weights=[constant("sizes", [1] * parts)]), feeds)
    external = constant("index", index)
    content = external.raw_data
    external.ClearField("raw_data")
    external.data_location = TensorProto.EXTERNAL
    for key, text in (("location", "index.bin"), ("offset", "0"), ("length", str(len(content)))):
        external.external_data.add(key=key, value=text)
    feeds = {"x": random(1000, 4)}
    nodes = [node("Unsqueeze", ["index", "last"], ["i"]), node("GatherND", ["table", "i"], ["r"]),
             node("Add", ["x", "r"], ["y"])]
    yield Case("Unsqueeze of external data", model(nodes, feeds, weights=[external, table, constant("last", [-1])]),
               feeds, files={"index.bin": content})


def pool_cases():
    """Windows of ceil_mode that would begin in the padding: the standard leaves them out."""
    for opset in (10, 11, 17, 19):
        for kind in ("MaxPool", "AveragePool", "LpPool"):
            if kind == "LpPool" and opset < 18:   # has ceil_mode since
                continue
            for kernel, stride, pad, size in ((2, 3, 0, 7), (3, 3, 1, 5), (1, 2, 0, 4), (3, 2, 1, 6), (2, 2, 0, 5)):
                attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4, "ceil_mode": 1}
                if kind == "LpPool":
                    attributes["p"] = 3
                feeds = {"x": random(1, 2, size, size)}
                yield Case(f"{kind} {opset} kernel {kernel} stride {stride} pad {pad} of {size}",
                           model([node(kind, ["x"], ["y"], **attributes)], feeds, opset=opset), feeds)
    feeds = {"x": random(1, 2, 7)}
    pool = node("MaxPool", ["x"], ["y"], kernel_shape=[2], strides=[3], ceil_mode=1)
    yield Case("MaxPool that declares the window in the padding",
               model([pool], feeds, opset=13, declared=[1, 2, 4]), feeds, DECLARED)


def old_cases():
    """Forms of ops that ONNX took back or that its converter lacks."""
    feeds = {"x": random(2, 6, 3, 4)}
    for groups in (1, 2, 3, 6):
        weights = [constant("s", random(groups), np.float32), constant("b", random(groups), np.float32)]
        norm = node("GroupNormalization", ["x", "s", "b"], ["y"], num_groups=groups, epsilon=1e-3)
        yield Case(f"GroupNormalization 18 of {groups} groups", model([norm], feeds, weights=weights, opset=18), feeds)
    feeds = {"x": random(1, 2, 4, 6)}
    for scales in ((1, 1, 0.5, 2), (1, 1, 1.5, 0.7), (1, 2, 0.6, 0.4), (1, 0.5, 3, 1)):
        resize = node("Resize", ["x", "s"], ["y"], mode="nearest")
        yield Case(f"Resize 10 by {scales}",
                   model([resize], feeds, weights=[constant("s", scales, np.float32)], opset=10), feeds)


def all_cases():
    for group in (format_cases, subgraph_cases, constant_cases, pool_cases, old_cases):
        yield from group()
