# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of the backend suite on disk: finding them, reading their data, what they test."""
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


@dataclass
class Case:
    kind: str
    name: str
    folder: Path
    op: str = ""
    ops: list = field(default_factory=list)

    @property
    def id(self):
        return f"{self.kind}/{self.name}"

    @property
    def model(self):
        return self.folder / "model.onnx"

    @property
    def expanded(self):
        """A case whose operator was replaced by its function body."""
        return "_expanded" in self.name


def _nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in ([attribute.g] if attribute.type == onnx.AttributeProto.GRAPH else attribute.graphs):
                yield from _nodes(inner)


def _qualified(node):
    return f"{node.domain or 'ai.onnx'}.{node.op_type}"


def _operator(case, model):
    """The operator a node case tests; an expanded one belongs to its base case's."""
    if case.kind != "node":
        return f"({case.kind})"
    base = case.folder.parent / re.sub(r"_expanded.*", "", case.name) / "model.onnx"
    if case.expanded and base.exists():
        model = onnx.load(base, load_external_data=False)
    nodes = model.graph.node
    return _qualified(nodes[0]) if len(nodes) == 1 else "(several)"


def find(root, kinds, pattern):
    """Cases of the tree whose kind is listed (or all) and whose id has the regex `pattern`."""
    found = []
    for path in sorted(root.glob("*/*/model.onnx")):
        case = Case(path.parts[-3], path.parts[-2], path.parent.resolve())
        if (kinds and case.kind not in kinds) or (pattern and not re.search(pattern, case.id)):
            continue
        model = onnx.load(path, load_external_data=False)
        case.op = _operator(case, model)
        case.ops = sorted({_qualified(node) for node in _nodes(model.graph)})
        found.append(case)
    return found


def _load(path, info):
    raw, kind = path.read_bytes(), info.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.to_list(onnx.SequenceProto.FromString(raw))
    if kind == "optional_type":
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(raw))
    if kind == "map_type":
        return numpy_helper.to_dict(onnx.MapProto.FromString(raw))
    return np.array(numpy_helper.to_array(onnx.TensorProto.FromString(raw)))


def tolerances(case):
    file = case.folder / "data.json"
    given = json.loads(file.read_text()) if file.exists() else {}
    return given.get("rtol", 1e-3), given.get("atol", 1e-7)


def data_sets(case, graph):
    """(inputs, outputs) of each data set, as lists of (name, value)."""
    initialized = {i.name for i in graph.initializer}
    required = [i for i in graph.input if i.name not in initialized]
    for folder in sorted(case.folder.glob("test_data_set_*")):
        count = len(list(folder.glob("input_*.pb")))
        infos = required if count <= len(required) else graph.input
        inputs = [(i.name, _load(folder / f"input_{k}.pb", i)) for k, i in enumerate(infos[:count])]
        outputs = [(o.name, _load(folder / f"output_{k}.pb", o)) for k, o in enumerate(graph.output)
                   if (folder / f"output_{k}.pb").exists()]
        yield inputs, outputs


def with_dynamic_inputs(model, path):
    """Writes the model with every dimension of its inputs unknown, and no size stated
    elsewhere, so that nothing can be computed from sizes at compile time. Of the outputs the
    rank stays: it is part of their type."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    initialized = {i.name for i in model.graph.initializer}
    for number, info in enumerate(model.graph.input):
        if info.type.WhichOneof("value") != "tensor_type" or info.name in initialized:
            continue
        for axis, dim in enumerate(info.type.tensor_type.shape.dim):
            dim.dim_param = f"in{number}_{axis}"
    for info in model.graph.output:
        if info.type.WhichOneof("value") == "tensor_type":
            for dim in info.type.tensor_type.shape.dim:
                dim.Clear()
    del model.graph.value_info[:]
    path.write_bytes(model.SerializeToString())
