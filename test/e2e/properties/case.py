# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One case: nodes with inputs of drawn sizes, and a reference for each output.

A family is a function that fills a Case. Everything it draws comes from the case's own generator,
so a case is known by seed, family and number. Cases become one model (`model`), the names of each
with its prefix, so that one process compiles many."""
import zlib
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
OPSET = 23

# Nothing, one, primes, and what is a few vectors or tiles long, more or less one.
SIZES = (1, 1, 2, 3, 4, 5, 7, 8, 13, 16, 17, 24, 31, 32, 33, 47, 64, 67, 97, 128, 131)
SMALL = (1, 2, 3, 5, 7)
LARGE = (4096, 4099, 8191, 10007)
FAMILIES = {}


def family(*, narrow=False, weight=1.0, spreads=""):
    """Registers a function that fills a Case. `narrow`: --precision bf16 can change the result.
    `weight`: how many cases, of the usual number. `spreads`: the family's algorithm makes more of a
    NaN than the definition does, "always" or "unless exact" (--exact)."""
    def register(function):
        FAMILIES[function.__name__] = Family(function.__name__, function, narrow, weight, spreads)
        return function
    return register


@dataclass(frozen=True)
class Family:
    name: str
    fill: object
    narrow: bool
    weight: float
    spreads: str

    def case(self, seed, number):
        rng = np.random.default_rng([seed, zlib.crc32(self.name.encode()), number])
        case = Case(self, rng, f"{self.name}_{number}", number)
        self.fill(case)
        return case


@dataclass
class Value:
    """An input or a weight. References read `array` when they are asked, see `expected`."""
    name: str
    array: np.ndarray

    def __str__(self):
        return self.name


class Case:
    def __init__(self, family, rng, name, number):
        self.family, self.rng, self.name, self.number = family, rng, name, number
        self.inputs, self.dims = {}, {}   # full name -> Value, names or sizes of its dims
        self.nodes, self.initializers, self.outputs = [], [], {}
        self.sizes = {}                   # drawn, by name
        self.known = {}                   # references that were asked for, by output and precision
        self.note = ""                    # what the node is, for a reader of a failure
        self.poisons = True               # whether NaN and infinities may be put into its inputs
        self.own_nan = False              # where NaN must come out, the reference says

    # ---------------------------------------------------------------- drawing

    def chance(self, probability):
        return self.rng.random() < probability

    def pick(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def draw_sizes(self, *names, empty=(), large=None, most=1 << 21, pool=SIZES):
        """Sizes by name. Now and then one is 0 (of those in `empty`) or some thousands (of those in
        `large`, or any); the product of all is at most `most`."""
        while True:
            drawn = {name: int(self.pick(*pool)) for name in names}
            if self.chance(0.2):
                drawn = {name: int(self.pick(*SMALL)) for name in names} | {self.pick(*(large or names)): int(self.pick(*LARGE))}
            if empty and self.chance(0.1):
                drawn[self.pick(*empty)] = 0
            if np.prod(list(drawn.values())) <= most:
                self.sizes |= drawn
                return [drawn[name] for name in names]

    def normal(self, *shape, scale=1.0):
        return (scale * self.rng.standard_normal(shape)).astype(np.float32)

    def shape(self, dims):
        return [self.sizes[d] if isinstance(d, str) else d for d in dims]

    # ---------------------------------------------------------------- the graph

    def input(self, name, dims, array=None):
        """An input whose dims are names of sizes, which a symbolic model does not know, or numbers."""
        shape = self.shape(dims)
        array = self.normal(*shape) if array is None else np.asarray(array).reshape(shape)
        full = f"{self.name}.{name}"
        self.inputs[full], self.dims[full] = Value(full, array), dims
        return self.inputs[full]

    def weight(self, name, array):
        full = f"{self.name}.{name}"
        self.initializers.append(numpy_helper.from_array(np.asarray(array), full))
        return Value(full, np.asarray(array))

    def ints(self, *values):
        return self.weight(f"ints{len(self.initializers)}", np.array(values, np.int64))

    def op(self, kind, *operands, count=1, **attributes):
        """A node; its first output, or a list of `count`. None is a missing operand."""
        name = f"{self.name}.{kind}{len(self.nodes)}"
        outputs = [f"{name}.{i}" for i in range(count)]
        given = ["" if o is None else str(o) for o in operands]
        self.nodes.append(helper.make_node(kind, given, outputs, name=name, **attributes))
        return outputs[0] if count == 1 else outputs

    def output(self, name, reference, kind=FLOAT):
        """What is compared with reference(narrow) -> Bounded, or an array that must be equal (see
        `references`). Without a reference ONNX Runtime is the reference."""
        self.outputs[name] = (kind, reference)

    def references(self, name, precision):
        """What an output may be. With bf16 a product by a weight is narrow, or not (of an odd depth); that of
        a recurrent layer's states is if there is no loop, as of one step."""
        for narrow in (False, "inputs", "states", "all") if precision == "bf16" else (False,):
            if (name, narrow) not in self.known:
                self.known[name, narrow] = self.outputs[name][1](narrow)
            yield self.known[name, narrow]

    def feeds(self):
        return {name: value.array for name, value in self.inputs.items()}

    def expected(self, name, feeds):
        """What the reference of an output makes of other inputs."""
        before = self.feeds()
        for key, value in self.inputs.items():
            value.array = feeds[key]
        with np.errstate(all="ignore"):
            result = self.outputs[name][1](False)
        for key, value in self.inputs.items():
            value.array = before[key]
        return result if isinstance(result, np.ndarray) else result.value

    def describe(self):
        sizes = " ".join(f"{name}={size}" for name, size in self.sizes.items())
        return f"{self.nodes[-1].op_type} {self.note} {sizes}".replace("  ", " ")


def model(cases, symbolic):
    """All cases as one graph, with the sizes of their inputs or without."""
    inputs, outputs, nodes, initializers = [], [], [], []
    for case in cases:
        for name, array in case.feeds().items():
            named = [f"{case.name}_{d}" if isinstance(d, str) else d for d in case.dims[name]]
            inputs.append(helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(array.dtype), named if symbolic else array.shape))
        outputs += [helper.make_tensor_value_info(name, kind, None) for name, (kind, _) in case.outputs.items()]
        nodes += case.nodes
        initializers += case.initializers
    graph = helper.make_graph(nodes, "properties", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)],
                             ir_version=10)
