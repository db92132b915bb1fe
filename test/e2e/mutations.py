# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random changes to an ONNX model: one to three of attributes, sizes, types, constants, operands, nodes,
operator sets and bytes. What they were is in words. Equal random numbers give equal mutants."""
import math

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

INTS = (-(1 << 63), -(1 << 31), -7, -2, -1, 0, 1, 2, 3, 4, 5, 7, 16, 255, 1 << 15, (1 << 31) - 1, 1 << 31, 1 << 40, (1 << 63) - 1)
FLOATS = (math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 0.5, 1.0, 2.0, 1e-45, 1e-6, 3.4e38, -7.5)
STRINGS = ("", "NOTSET", "SAME_UPPER", "VALID", "linear", "nearest", "cubic", "constant", "reflect", "edge", "wrap", "mean",
           "sum", "none", "add", "mul", "max", "min", "bilinear", "half_pixel", "asymmetric", "align_corners", "floor",
           "ceil", "forward", "reverse", "bidirectional", "LEFT", "RIGHT", "CRD", "DCR", "tanh", "Relu", "Sigmoid", "ij,jk->ik", "...", "\x00", "nonsense")
SIZES = (0, 1, 1, 2, 3, 4, 5, 7, 8, 16, 17, 64, 1024, 1 << 20, (1 << 31) - 1, 1 << 31, 1 << 40, -1, "n", "m", "")
TYPES = [t for t in TensorProto.DataType.values() if t]
NEWEST = onnx.defs.onnx_opset_version()
OPS = sorted({s.name for s in onnx.defs.get_all_schemas() if s.domain == ""})


class NothingToChange(Exception):
    pass


def pick(rng, items):
    items = list(items)
    if not items:
        raise NothingToChange
    return rng.choice(items)


def graphs(graph):
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [attribute.g] * attribute.HasField("g") + list(attribute.graphs):
                yield from graphs(inner)


def any_graph(rng, model):
    return pick(rng, graphs(model.graph))


def any_node(rng, model):
    return pick(rng, [n for g in graphs(model.graph) for n in g.node])


def names(graph):
    return [v.name for v in graph.input] + [t.name for t in graph.initializer] + [o for n in graph.node for o in n.output]


def other_int(rng, old):
    return rng.choice((old - 1, old + 1, -old, *INTS, *INTS)) if abs(old) < 1 << 62 else rng.choice(INTS)


def change_list(rng, values, other):
    """An element changed, left out, repeated, or all gone."""
    action = rng.choice(("change", "change", "lose", "repeat", "empty"))
    items = list(values)
    if not items or action == "repeat":
        items.insert(rng.randint(0, len(items)), rng.choice(items) if items else other(0))
    elif action == "change":
        at = rng.randrange(len(items))
        items[at] = other(items[at])
    elif action == "lose":
        del items[rng.randrange(len(items))]
    else:
        items = []
    del values[:]
    values.extend(items)
    return f"{items}"


def attribute(rng, model):
    node = pick(rng, [n for g in graphs(model.graph) for n in g.node if n.attribute])
    a = rng.choice(list(node.attribute))
    told = f"{node.op_type}.{a.name}"
    if a.type == AttributeProto.INT:
        a.i = other_int(rng, a.i)
        return f"{told} = {a.i}"
    if a.type == AttributeProto.FLOAT:
        a.f = rng.choice(FLOATS)
        return f"{told} = {a.f}"
    if a.type == AttributeProto.STRING:
        a.s = rng.choice(STRINGS).encode()
        return f"{told} = {a.s}"
    if a.type == AttributeProto.INTS:
        return f"{told} = {change_list(rng, a.ints, lambda old: other_int(rng, old))}"
    if a.type == AttributeProto.FLOATS:
        return f"{told} = {change_list(rng, a.floats, lambda _: rng.choice(FLOATS))}"
    if a.type == AttributeProto.TENSOR:
        return f"{told}: {change_tensor(rng, a.t)}"
    raise NothingToChange


def lose_attribute(rng, model):
    node = pick(rng, [n for g in graphs(model.graph) for n in g.node if n.attribute])
    at = rng.randrange(len(node.attribute))
    name = node.attribute[at].name
    if rng.random() < 0.2:
        node.attribute.append(node.attribute[at])
        return f"{node.op_type}.{name} twice"
    del node.attribute[at]
    return f"no {node.op_type}.{name}"


def new_attribute(rng, model):
    """One that the op has and the node does not."""
    node = any_node(rng, model)
    if not onnx.defs.has(node.op_type):
        raise NothingToChange
    given = {a.name for a in node.attribute}
    name, schema = pick(rng, [(k, v) for k, v in sorted(onnx.defs.get_schema(node.op_type).attributes.items()) if k not in given])
    kinds = onnx.defs.OpSchema.AttrType
    value = {kinds.INT: lambda: rng.choice(INTS), kinds.FLOAT: lambda: rng.choice(FLOATS), kinds.STRING: lambda: rng.choice(STRINGS),
             kinds.INTS: lambda: [rng.choice(INTS) for _ in range(rng.randint(1, 4))],
             kinds.FLOATS: lambda: [rng.choice(FLOATS) for _ in range(rng.randint(1, 4))]}.get(schema.type)
    if not value:
        raise NothingToChange
    value = value()
    node.attribute.append(helper.make_attribute(name, value))
    return f"{node.op_type}.{name} = {value}"


def set_dim(dim, size):
    dim.Clear()
    if isinstance(size, int):
        dim.dim_value = size
    elif size:
        dim.dim_param = size


def typed(model):
    return [v for g in graphs(model.graph) for v in [*g.input, *g.output, *g.value_info] if v.type.HasField("tensor_type")]


def dims(rng, model):
    value = pick(rng, [v for v in typed(model) if rng.random() < 0.9 or v not in model.graph.output] or typed(model))
    shape = value.type.tensor_type.shape
    action = rng.choice(("size", "size", "size", "more", "less", "scalar", "unranked"))
    if action == "size" and shape.dim:
        at = rng.randrange(len(shape.dim))
        old = shape.dim[at].dim_value
        size = rng.choice((old + 1, max(old - 1, 0), *SIZES))
        set_dim(shape.dim[at], size)
        return f"size {at} of {value.name} is {size!r}"
    if action == "more":
        kept = list(shape.dim)
        del shape.dim[:]
        at = rng.randint(0, len(kept))
        shape.dim.extend(kept[:at])
        set_dim(shape.dim.add(), rng.choice(SIZES))
        shape.dim.extend(kept[at:])
        return f"one more size of {value.name}"
    if action == "less" and shape.dim:
        at = rng.randrange(len(shape.dim))
        del shape.dim[at]
        return f"no size {at} of {value.name}"
    if action == "unranked":
        value.type.tensor_type.ClearField("shape")
        return f"{value.name} has no rank"
    del shape.dim[:]
    value.type.tensor_type.shape.SetInParent()
    return f"{value.name} is a scalar"


def symbolic(rng, model):
    """All sizes of the inputs unknown."""
    for value in model.graph.input:
        for i, dim in enumerate(value.type.tensor_type.shape.dim):
            set_dim(dim, rng.choice((f"{value.name}{i}", f"s{i}", "s")))
    return "sizes of inputs are symbols"


def element_type(rng, model):
    value = pick(rng, typed(model))
    value.type.tensor_type.elem_type = rng.choice(TYPES)
    return f"{value.name} is {TensorProto.DataType.Name(value.type.tensor_type.elem_type)}"


def all_types(rng, model):
    """One type for another everywhere."""
    old = pick(rng, typed(model)).type.tensor_type.elem_type
    new = rng.choice((TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE, TensorProto.INT64,
                      TensorProto.INT32, TensorProto.INT8, TensorProto.UINT8, TensorProto.UINT64, TensorProto.BOOL))
    for value in typed(model):
        if value.type.tensor_type.elem_type == old:
            value.type.tensor_type.elem_type = new
    return f"{TensorProto.DataType.Name(old)} is {TensorProto.DataType.Name(new)}"


def change_tensor(rng, tensor):
    action = rng.choice(("value", "value", "value", "dims", "type", "bytes"))
    if action == "dims":
        return f"dims {change_list(rng, tensor.dims, lambda old: other_int(rng, old))}"
    if action == "type":
        tensor.data_type = rng.choice(TYPES)
        return f"type {tensor.data_type}"
    if action == "bytes" and tensor.raw_data:
        tensor.raw_data = tensor.raw_data[:rng.randrange(len(tensor.raw_data))]
        return f"{len(tensor.raw_data)} bytes"
    try:
        values = numpy_helper.to_array(tensor).copy()
    except Exception as error:
        raise NothingToChange from error
    if not values.size or values.dtype.kind not in "iufb":
        raise NothingToChange
    at = rng.randrange(values.size)
    flat = values.reshape(-1)
    new = rng.choice(FLOATS) if values.dtype.kind == "f" else other_int(rng, int(flat[at]))
    with np.errstate(all="ignore"):
        flat[at] = new if values.dtype.kind == "f" else np.array(new & ((1 << 64) - 1), np.uint64).astype(values.dtype)
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    return f"element {at} is {flat[at]}"


def constant(rng, model):
    tensors = [t for g in graphs(model.graph) for t in g.initializer]
    tensors += [a.t for g in graphs(model.graph) for n in g.node for a in n.attribute if a.type == AttributeProto.TENSOR]
    tensor = pick(rng, tensors)
    return f"constant {tensor.name}: {change_tensor(rng, tensor)}"


def freeze(rng, model):
    """An input becomes a constant of random, small or odd numbers."""
    value = pick(rng, [v for v in model.graph.input if v.type.HasField("tensor_type")])
    shape = [d.dim_value or 1 for d in value.type.tensor_type.shape.dim]
    if np.prod(shape, dtype=float) > 1 << 16 or min(shape, default=0) < 0:
        raise NothingToChange
    kind = value.type.tensor_type.elem_type
    count = int(np.prod(shape))
    if kind in (TensorProto.INT64, TensorProto.INT32):
        data = [max(min(rng.choice((0, 1, 2, -1, *INTS)), (1 << 31) - 1), -(1 << 31)) for _ in range(count)]
    elif kind == TensorProto.FLOAT:
        data = [rng.choice(FLOATS) if rng.random() < 0.1 else rng.uniform(-2, 2) for _ in range(count)]
    elif kind in (TensorProto.BOOL, TensorProto.UINT8, TensorProto.INT8):
        data = [rng.randrange(2) for _ in range(count)]
    else:
        raise NothingToChange
    model.graph.initializer.append(helper.make_tensor(value.name, kind, shape, data))
    if rng.random() < 0.8:
        model.graph.input.remove(value)
    return f"{value.name} is a constant"


def operand(rng, model):
    graph = any_graph(rng, model)
    node = pick(rng, graph.node)
    action = rng.choice(("other", "other", "swap", "lose", "empty", "more"))
    if action == "more":
        node.input.append(pick(rng, names(graph)))
        return f"{node.op_type} reads {node.input[-1]}, too"
    if not node.input:
        raise NothingToChange
    at = rng.randrange(len(node.input))
    if action == "other":
        node.input[at] = pick(rng, names(graph))
    elif action == "swap":
        to = rng.randrange(len(node.input))
        node.input[at], node.input[to] = node.input[to], node.input[at]
    elif action == "lose":
        del node.input[at]
        return f"{node.op_type} lost operand {at}"
    else:
        node.input[at] = ""
    return f"{node.op_type} reads {list(node.input)}"


def result(rng, model):
    node = any_node(rng, model)
    if node.output and rng.random() < 0.6:
        at = rng.randrange(len(node.output))
        if rng.random() < 0.5:
            node.output[at] = ""
        else:
            del node.output[at]
        return f"{node.op_type} lost result {at}"
    node.output.append("another")
    return f"{node.op_type} has a result more"


def op_type(rng, model):
    node = any_node(rng, model)
    old = node.op_type
    same = [name for name in OPS if onnx.defs.get_schema(name).min_input <= len(node.input) <= onnx.defs.get_schema(name).max_input]
    node.op_type = rng.choice(same if same and rng.random() < 0.8 else OPS)
    return f"{old} is {node.op_type}"


def opset(rng, model):
    chosen = pick(rng, model.opset_import)
    chosen.version = rng.choice((chosen.version - 1, chosen.version + 1, rng.randint(1, NEWEST), NEWEST, 0, 99))
    return f"opset {chosen.version} of {chosen.domain!r}"


def ir_version(rng, model):
    model.ir_version = rng.choice((1, 3, 4, 8, 10, 14, 99))
    return f"IR version {model.ir_version}"


def nodes(rng, model):
    graph = any_graph(rng, model)
    if not graph.node:
        raise NothingToChange
    at = rng.randrange(len(graph.node))
    action = rng.choice(("lose", "again", "move"))
    node = onnx.NodeProto()
    node.CopyFrom(graph.node[at])
    if action != "again":
        del graph.node[at]
    if action != "lose":
        kept = list(graph.node)
        kept.insert(rng.randint(0, len(kept)), node)
        del graph.node[:]
        graph.node.extend(kept)
    return f"{node.op_type} node: {action}"


def outputs(rng, model):
    """Another value is an output of the graph."""
    graph = any_graph(rng, model)
    graph.output.add().name = pick(rng, names(graph))
    return f"{graph.output[-1].name} is an output"


KINDS = (attribute, attribute, attribute, lose_attribute, new_attribute, new_attribute, dims, dims, dims, symbolic, element_type,
         all_types, constant, constant, freeze, freeze, operand, operand, result, op_type, opset, ir_version, nodes, outputs)


def damage(rng, data):
    data = bytearray(data)
    at, size = rng.randrange(len(data)), rng.randrange(1, 16)
    action = rng.choice(("bit", "byte", "lose", "again", "random"))
    if action == "bit":
        data[at] ^= 1 << rng.randrange(8)
    elif action == "byte":
        data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
    else:
        data[at:at + size] = {"lose": b"", "again": bytes(data[at:at + size]) * 2, "random": rng.randbytes(size)}[action]
    return f"{action} at byte {at}", bytes(data)


def mutate(rng, model):
    """(what was done, bytes) of a mutant of the ModelProto, which is changed."""
    told = []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        for _ in range(20):
            try:
                told.append(rng.choice(KINDS)(rng, model))
                break
            except (NothingToChange, ValueError, TypeError, OverflowError):
                continue
    data = model.SerializeToString(deterministic=True)
    if rng.random() < 0.06 or not told:
        what, data = damage(rng, data)
        told.append(what)
    return "; ".join(told), data
