# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Groups of nodes for dynamic_shapes.py: each is one model whose inputs have no static size,
and the shapes it runs at. Sizes are empty, one, prime and a few vectors long."""
from dataclasses import dataclass, field

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
DTYPES = {FLOAT: np.float32, INT64: np.int64, BOOL: np.bool_}


@dataclass
class Group:
    name: str
    inputs: dict                      # name -> (type, rank or names of sizes)
    shapes: list                      # of {input name: shape}; what is missing is a scalar
    nodes: list = field(default_factory=list)
    weights: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)   # name -> values(rng, shape), if not random
    outputs: list = field(default_factory=list)
    opset: int = 21

    def part(self, kind, inputs, count=1, **attributes):
        """A node whose outputs, named after it, are none of the model. '-' is a missing input."""
        name = f"{kind}_{len(self.nodes)}"
        outputs = [f"{name}.{i}" if i else name for i in range(count)]
        given = ["" if i == "-" else i for i in inputs.split()]
        self.nodes.append(helper.make_node(kind, given, outputs, name=name, **attributes))
        return name

    def add(self, kind, inputs, count=1, **attributes):
        """A node whose outputs are compared."""
        name = self.part(kind, inputs, count, **attributes)
        self.outputs += self.nodes[-1].output
        return name

    def weight(self, name, array):
        self.weights[name] = np.asarray(array)
        return name

    def ints(self, *values):
        return self.weight("i_" + "_".join(map(str, values)).replace("-", "m"), np.array(values, np.int64))

    def model(self):
        def info(name, kind, sizes):
            dims = [f"{name}_{i}" for i in range(sizes)] if isinstance(sizes, int) else sizes
            return helper.make_tensor_value_info(name, kind, dims)
        graph = helper.make_graph(
            self.nodes, self.name, [info(name, *spec) for name, spec in self.inputs.items()],
            [helper.ValueInfoProto(name=name) for name in self.outputs],
            [numpy_helper.from_array(array, name) for name, array in self.weights.items()])
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=10)

    def feeds(self, shapes, rng):
        """Random inputs of these shapes."""
        made = {}
        for name, (kind, _) in self.inputs.items():
            shape = shapes.get(name, ())
            if name in self.values:
                made[name] = np.asarray(self.values[name](rng, shape), DTYPES[kind])
            elif kind == FLOAT:
                made[name] = rng.standard_normal(shape).astype(np.float32)
            else:
                made[name] = rng.integers(0, 2, shape).astype(DTYPES[kind])
        return made


def broadcasting():
    """Every way in which sizes of three operands can meet: equal, one of them 1, empty."""
    pairs = [((2, 3, 5), (2, 3, 5)), ((1, 3, 5), (2, 3, 5)), ((2, 3, 5), (2, 1, 5)), ((2, 3, 1), (1, 1, 5)),
             ((1, 1, 1), (2, 3, 5)), ((7, 13, 67), (7, 13, 1)), ((1, 1, 67), (7, 13, 1)), ((1, 1, 1), (1, 1, 1)),
             ((0, 3, 5), (1, 3, 5)), ((2, 1, 0), (2, 3, 1)), ((1, 3, 1), (0, 1, 0)), ((17, 1, 130), (1, 31, 130))]
    shapes = []
    for a, b in pairs:
        whole = tuple(x if y == 1 else y for x, y in zip(a, b))
        for c in (whole, (1,) * 3, (1, *whole[1:]), (*whole[:2], 1)):
            shapes.append({"x": a, "y": b, "z": c, "t": whole[2:], "k": a, "m": b})
    g = Group("broadcasting", {"x": (FLOAT, 3), "y": (FLOAT, 3), "z": (FLOAT, 3), "t": (FLOAT, 1), "k": (BOOL, 3),
                               "m": (INT64, 3)}, shapes)
    for kind in ("Add", "Mul", "Less", "PRelu"):
        g.add(kind, "x t" if kind == "PRelu" else "x y")
    g.add("Where", "k y z")
    g.add("Max", "x y z")
    g.add("Sum", "y t x")
    g.add("Pow", f"{g.add('Abs', 'x')} y")
    total = g.add("Sub", "x y")
    g.add("Mul", f"{total} z")
    g.add("Add", f"{total} x")                              # sizes known to fit
    shape = g.part("Shape", total)
    g.add("Expand", f"x {shape}")
    g.add("Expand", f"t {shape}")
    g.add("Reshape", f"{total} {g.ints(-1)}")
    g.add("Transpose", g.part("Div", f"{total} z"), perm=[2, 0, 1])
    g.add("BitShift", f"{g.part('Cast', 'm', to=TensorProto.UINT32)} "
          f"{g.part('Cast', 'm', to=TensorProto.UINT32)}", direction="LEFT")
    g.add("Softmax", g.part("Add", f"{total} z"), axis=-1)
    return g


def products():
    """Matrix products whose leading sizes meet as above, biases that do."""
    leads = [((2, 3), (2, 3)), ((1, 3), (2, 3)), ((2, 1), (2, 3)), ((2, 3), (1, 1)), ((1, 1), (1, 1)), ((0, 3), (1, 3)), ((2, 1), (1, 5))]
    sizes = [(5, 7, 3), (1, 1, 1), (17, 13, 67), (0, 4, 3), (3, 0, 4), (3, 4, 0), (31, 64, 33)]
    shapes = []
    for number, (a, b) in enumerate(leads + leads):
        m, k, n = sizes[number % len(sizes)]
        shapes.append({"x": (*a, m, k), "y": (*b, k, n), "w": (k, n), "c": ((m, n), (1, n), (m, 1), (1, 1))[number % 4],
                       "b": (n,) if number % 2 else (1,), "r": (m, k)})
    g = Group("products", {"x": (FLOAT, 4), "y": (FLOAT, 4), "w": (FLOAT, 2), "c": (FLOAT, 2), "b": (FLOAT, 1), "r": (FLOAT, 2)},
              shapes)
    product = g.add("MatMul", "x y")
    g.add("Relu", g.part("Add", f"{product} b"))
    g.add("MatMul", "x w")
    g.add("MatMul", "r y")
    g.add("Gemm", "r w c", alpha=0.5, beta=2.0)
    g.add("Gemm", "r w b")
    turned = g.part("Transpose", "y", perm=[0, 1, 3, 2])
    g.add("MatMul", f"{g.part('Transpose', 'x', perm=[0, 1, 3, 2])} {g.part('Shrink', 'x')}")
    g.add("MatMul", f"x {g.part('Transpose', turned, perm=[0, 1, 3, 2])}")
    return g


def norms():
    """Normalizations whose scales have sizes of their own."""
    shapes = [{"x": (n, c, *hw), "s": (c,), "b": (c,), "l": (last if last == hw[1] else 1,)}
              for n, c, hw, last in ((2, 6, (5, 7), 7), (1, 1, (1, 1), 1), (3, 13, (17, 31), 31), (1, 4, (2, 67), 1), (0, 3, (4, 5), 5))]
    g = Group("norms", {"x": (FLOAT, 4), "s": (FLOAT, 1), "b": (FLOAT, 1), "l": (FLOAT, 1)}, shapes)
    g.values["s"] = lambda rng, shape: rng.uniform(0.5, 2, shape)
    g.add("BatchNormalization", "x s b b s")
    g.add("InstanceNormalization", "x s b")
    for axis in (1, 2, 3):
        g.add("Softmax", "x", axis=axis)
        g.add("LogSoftmax", "x", axis=axis)
        g.add("LpNormalization", "x", axis=axis)
    g.add("LRN", "x", size=3)
    g.add("Hardmax", "x", axis=1)
    square = g.part("Mul", "x x")
    mean = g.add("ReduceMean", f"{square} {g.ints(-1)}")
    root = g.add("Sqrt", g.add("Add", f"{mean} {g.weight('eps', np.float32(1e-5))}"))
    g.add("Mul", f"{g.part('Div', f'x {root}')} l")
    return g


def reductions():
    shapes = [{"x": s} for s in ((2, 3, 5), (1, 1, 1), (7, 13, 67), (1, 257, 1), (31, 1, 17), (2, 1, 130))]
    g = Group("reductions", {"x": (FLOAT, 3)}, shapes)
    for kind in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSumExp", "SumSquare"):
        g.add("Reduce" + kind, f"x {g.ints(1)}", keepdims=0)
        g.add("Reduce" + kind, f"x {g.ints(-1)}")
    g.add("ReduceSum", "x")
    g.add("ReduceMax", f"x {g.ints(0, 2)}", keepdims=0)
    for axis in (0, 2):
        g.add("ArgMax", "x", axis=axis)
        g.add("ArgMin", "x", axis=axis, keepdims=0, select_last_index=1)
        g.add("CumSum", f"x {g.weight(f'axis{axis}', np.int64(axis))}", reverse=axis // 2)
    return g


def empty_reductions():
    """Reductions that have a result for nothing."""
    shapes = [{"x": s} for s in ((0, 3, 5), (2, 0, 5), (2, 3, 0), (0, 0, 0), (2, 3, 5))]
    g = Group("empty reductions", {"x": (FLOAT, 3)}, shapes)
    for kind in ("Sum", "Prod", "L1", "L2", "SumSquare"):
        g.add("Reduce" + kind, f"x {g.ints(1)}", keepdims=0)
        g.add("Reduce" + kind, "x")
    g.add("CumSum", f"x {g.weight('axis', np.int64(1))}")
    g.add("Exp", "x")
    g.add("ReduceSum", f"{g.part('Relu', 'x')} {g.ints(0, 2)}")
    return g


def movement():
    """Ops that only move data, with bounds and counts that follow from sizes."""
    shapes = [{"x": s, "y": (s[0], n, s[2])} for s, n in
              (((2, 4, 6), 3), ((1, 4, 2), 1), ((7, 4, 66), 13), ((0, 4, 2), 2), ((3, 4, 0), 5), ((31, 4, 2), 0), ((1, 4, 130), 17))]
    g = Group("movement", {"x": (FLOAT, 3), "y": (FLOAT, ("x_0", "n", "x_2"))}, shapes)
    g.add("Flatten", "x", axis=2)
    g.add("Transpose", "x", perm=[2, 1, 0])
    g.add("Transpose", "x", perm=[1, 0, 2])
    g.add("Squeeze", g.add("Unsqueeze", f"x {g.ints(0, 2)}") + " " + g.ints(2))
    joined = g.add("Concat", "x y", axis=1)
    g.add("Concat", "y x y", axis=-2)
    g.add("Slice", f"x {g.ints(1)} {g.ints(1 << 60)} {g.ints(2)}")
    g.add("Slice", f"x {g.ints(-1)} {g.ints(-(1 << 60))} {g.ints(2)} {g.ints(-2)}")
    g.add("Slice", f"x {g.ints(-3, 0)} {g.ints(3, 2)} {g.ints(0, 2)}")
    g.add("Split", "x", 2, axis=1, num_outputs=2)
    g.add("Split", "x", 2, axis=2, num_outputs=2)
    g.add("Tile", f"y {g.ints(2, 3, 1)}")
    g.add("Tile", f"x {g.ints(1, 0, 2)}")
    g.add("Pad", f"x {g.ints(1, 0, 2, 0, 3, 1)}")
    g.add("Gather", f"x {g.weight('few', np.array([[3, 0], [-1, 2]]))}", axis=1)
    g.add("GatherElements", f"x {g.weight('none', np.zeros((0, 4, 0), np.int64))}", axis=1)
    g.add("Trilu", "x")
    g.add("Shape", joined)
    g.add("Size", joined)
    g.add("ConstantOfShape", g.part("Shape", "y"), value=numpy_helper.from_array(np.array([7], np.int64)))
    g.add("DepthToSpace", g.add("Unsqueeze", f"x {g.ints(0)}") + "", blocksize=1)
    g.add("OneHot", f"{g.part('Cast', 'y', to=INT64)} {g.weight('depth', np.int64(3))} "
          f"{g.weight('onoff', np.array([0, 5], np.float32))}", axis=1)
    g.add("TopK", f"x {g.ints(2)}", 2, axis=1)
    return g


def windows():
    """Convolutions and pools: sizes at which a window just fits, and batches of none."""
    shapes = [{"x": s} for s in ((1, 6, 5, 5), (2, 6, 3, 3), (1, 6, 13, 31), (3, 6, 7, 67), (0, 6, 5, 5), (1, 6, 3, 130))]
    g = Group("windows", {"x": (FLOAT, ("n", 6, "h", "w"))}, shapes)
    rng = np.random.default_rng(7)
    weight = lambda name, *shape: g.weight(name, rng.standard_normal(shape).astype(np.float32) / 8)
    g.add("Conv", f"x {weight('w3', 8, 6, 3, 3)} {weight('b3', 8)}", pads=[1, 1, 1, 1])
    g.add("Conv", f"x {weight('w2', 4, 6, 3, 3)}", strides=[2, 2])
    g.add("Conv", f"x {weight('wd', 6, 1, 3, 3)}", group=6, pads=[1, 1, 1, 1])
    g.add("Conv", f"x {weight('w1', 5, 6, 1, 1)}")
    g.add("ConvTranspose", f"x {weight('wt', 6, 3, 2, 2)}", strides=[2, 2])
    # Sizes of the result that cut much, little or nothing.
    g.add("ConvTranspose", f"x wt {weight('bt', 3)}", strides=[2, 2], output_shape=[6, 5])
    g.add("ConvTranspose", "x wt", strides=[2, 1], output_shape=[5, 4], auto_pad="SAME_UPPER")
    g.add("ConvTranspose", f"x {weight('wg', 6, 2, 3, 3)}", strides=[1, 3], dilations=[2, 1], group=3, output_shape=[7, 9],
          output_padding=[0, 1], auto_pad="SAME_LOWER")
    g.add("MaxPool", "x", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    g.add("MaxPool", "x", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    g.add("AveragePool", "x", kernel_shape=[3, 3], strides=[1, 2])
    g.add("GlobalAveragePool", "x")
    g.add("GlobalMaxPool", "x")
    up = g.add("Resize", f"x - {g.weight('scales', np.array([1, 1, 2, 2], np.float32))}", mode="nearest",
               coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    g.add("AveragePool", up, kernel_shape=[2, 2], strides=[2, 2])
    return g


def recurrent():
    """Cells whose batch and length are only known when they run."""
    shapes = [{"x": (t, b, 5), "h": (1, b, 7)} for t, b in ((3, 2), (1, 1), (13, 17), (5, 1))]
    g = Group("recurrent", {"x": (FLOAT, ("t", "b", 5)), "h": (FLOAT, (1, "hb", 7))}, shapes)
    rng = np.random.default_rng(7)
    for kind, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        weights = " ".join(g.weight(f"{kind}_{name}", rng.standard_normal(shape).astype(np.float32) / 4)
                           for name, shape in (("w", (1, gates * 7, 5)), ("r", (1, gates * 7, 7)), ("b", (1, gates * 14))))
        g.add(kind, f"x {weights} - h" + (" h" if kind == "LSTM" else ""), 3 if kind == "LSTM" else 2, hidden_size=7)
        g.add(kind, f"x {weights}", 2, hidden_size=7, direction="reverse")
    return g


def selection():
    """Results whose size only the data decides, and what is made of them."""
    shapes = [{"x": s, "k": s[:1], "q": (s[0],)} for s in ((2, 3), (1, 1), (13, 67), (0, 3), (3, 0), (31, 1))]
    g = Group("selection", {"x": (FLOAT, ("a", "b")), "k": (BOOL, ("a",)), "q": (INT64, ("a",))}, shapes)
    places = g.add("NonZero", g.part("Greater", f"x {g.weight('zero', np.float32(0))}"))
    picked = g.add("GatherND", f"x {g.part('Transpose', places, perm=[1, 0])}")
    g.add("Mul", f"{picked} {picked}")
    g.add("ReduceSum", picked)
    g.add("Shape", picked)
    g.add("Concat", f"{picked} {g.part('Reshape', f'x {g.ints(-1)}')}", axis=0)
    kept = g.add("Compress", "x k", axis=0)
    g.add("MatMul", f"{kept} {g.part('Transpose', kept, perm=[1, 0])}")
    g.add("Softmax", kept, axis=1)
    g.add("Where", f"{g.part('Equal', f'{kept} {kept}')} {kept} {g.weight('nan', np.float32(-1))}")
    g.add("Unique", "q", 4)
    g.add("Range", f"{g.weight('start', np.int64(0))} {g.part('Size', kept)} {g.weight('step', np.int64(2))}")
    count = g.part("Unsqueeze", f"{g.part('Size', picked)} {g.ints(0)}")
    g.add("Expand", f"{g.weight('seven', np.float32(7))} {count}")
    g.add("TopK", f"{picked} {g.part('Min', f'{count} {g.ints(3)}')}", 2, axis=0)
    return g


def body(nodes, inputs, outputs):
    """A loop's body or a branch."""
    return helper.make_graph(nodes, "body", [helper.make_tensor_value_info(*i) for i in inputs],
                             [helper.make_tensor_value_info(*o, None) for o in outputs])


def scans():
    shapes = [{"x": s} for s in ((2, 3), (1, 1), (13, 67), (31, 1))]
    g = Group("scans", {"x": (FLOAT, ("a", "b"))}, shapes)
    node = helper.make_node
    inner = body([node("Add", ["s", "r"], ["t"]), node("Mul", ["t", "r"], ["o"]), node("ReduceSum", ["t"], ["p"], keepdims=0)],
                 [("s", FLOAT, None), ("r", FLOAT, None)], [("t", FLOAT), ("o", FLOAT), ("p", FLOAT)])
    total = g.part("ReduceSum", f"x {g.ints(0)}", keepdims=0)
    g.add("Scan", f"{total} x", 3, num_scan_inputs=1, body=inner)
    g.add("Scan", f"{total} x", 3, num_scan_inputs=1, body=inner, scan_input_directions=[1], scan_output_axes=[1, 0],
          scan_output_directions=[1, 0])
    return g


def control():
    """Loops and branches that collect rows and change sizes."""
    shapes = [{"x": s} for s in ((2, 3), (1, 1), (13, 67), (5, 0), (31, 1), (0, 4))]
    g = Group("control", {"x": (FLOAT, ("a", "b")), "trips": (INT64, 0)}, shapes)
    g.values["trips"] = lambda rng, shape: rng.integers(0, 9)
    node, yes = helper.make_node, g.weight("yes", np.bool_(True))
    common = [("i", INT64, ()), ("c", BOOL, ()), ("s", FLOAT, None)]
    g.add("Loop", f"trips {yes} x", 2, body=body(
        [node("Add", ["s", "s"], ["t"]), node("Identity", ["c"], ["d"]), node("ReduceSum", ["t"], ["o"], keepdims=0)],
        common, [("d", BOOL), ("t", FLOAT), ("o", FLOAT)]))
    g.add("Loop", f"trips {yes} x", body=body(     # the state grows
        [node("Concat", ["s", "x"], ["t"], axis=0), node("Identity", ["c"], ["d"])],
        common, [("d", BOOL), ("t", FLOAT)]))
    g.weight("three", np.int64(3))
    g.add("Loop", f"- {yes} x", 2, body=body(      # ends by its condition
        [node("Less", ["i", "three"], ["d"]), node("Mul", ["s", "s"], ["t"]), node("Identity", ["t"], ["o"])],
        common, [("d", BOOL), ("t", FLOAT), ("o", FLOAT)]))
    g.add("If", g.part("Greater", "trips three"), then_branch=body([node("Transpose", ["x"], ["y"], perm=[1, 0])], [], [("y", FLOAT)]),
          else_branch=body([node("Relu", ["x"], ["z"])], [], [("z", FLOAT)]))
    return g


GROUPS = (broadcasting, products, norms, reductions, empty_reductions, movement, windows, recurrent, selection, scans, control)
