#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random shape arithmetic without a static size, compared with ONNX Runtime.

  symbolic_sizes.py [--cases N] [--seed S]

A case is one small model: sizes of dynamic inputs and integer inputs go through Add, Sub, Mul, Div,
Mod, Min, Max, casts and reductions, and what comes out bounds slices, reshapes, expands, ranges,
splits, tiles and pads. All that is computed is an output. The model is compiled once and run at several
sizes, 0 among them. What ONNX Runtime refuses is not compared. A miss prints the line that
repeats it; the exit code is then 1."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from harness import engines
from harness.compare import Mismatch, close
from onnx import TensorProto, helper, numpy_helper

RUNS, STEPS = 8, 12
MOST, LEAST = np.iinfo(np.int64).max, np.iinfo(np.int64).min
SIZES = [0, 1, 1, 2, 2, 3, 4, 5, 7]


class Case:
    """A model while it is drawn. `ints` are tensors of one int64, `tensors` pairs of name and rank."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        # Of no elements -1 may be anything: in half of the cases no input is empty, in the others
        # no size is left to the reshape.
        self.may_be_empty = self.rng.random() < 0.5
        self.nodes, self.constants, self.ints, self.tensors, self.outputs = [], {}, [], [], {}
        self.inputs = {"x": ["a", "b"], "y": ["b", "c", "a"], "z": ["a", "b", 3]}
        for name, dims in self.inputs.items():
            self.tensors.append((name, len(dims)))
        for name in ("n", "m"):
            self.ints.append(name)
        for _ in range(3):
            self.size()
        for _ in range(STEPS):
            self.pick([self.arithmetic] * 5 + [self.size, self.slice, self.slice, self.slice, self.reshape, self.power,
                      self.expand, self.range, self.concat, self.split, self.tile, self.pad, self.compare])()

    def pick(self, choices):
        return choices[self.rng.integers(len(choices))]

    def add(self, op, inputs, rank=None, count=1, **attributes):
        names = [f"{op.lower()}{len(self.nodes)}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(op, inputs, names, name=f"{op}{len(self.nodes)}", **attributes))
        for name in names if rank is not None else ():
            self.tensors.append((name, rank))
        return names[0]

    def const(self, value, dtype=np.int64):
        name = f"k{len(self.constants)}"
        self.constants[name] = np.array(value, dtype)
        return name

    def keep(self, name):
        self.ints.append(name)

    def number(self):
        """One int64: computed, an input or a constant."""
        if self.rng.random() < 0.3:
            return self.const([self.pick([-5, -2, -1, 0, 1, 2, 3, 6, MOST, LEAST + 1, 2**31 - 1, -2**31])])
        return self.pick(self.ints)

    def small(self):
        """A size that is at least 0 and at most 6, so that tensors stay small."""
        name = self.pick(self.ints)
        if self.rng.random() < 0.7:
            name = self.add("Abs", [name]) if self.rng.random() < 0.5 else self.add("Max", [name, self.const([0])])
        return self.add("Min", [name, self.const([6])])

    def size(self):
        tensor, rank = self.pick(self.tensors)
        if rank == 0:
            return
        shape = self.add("Shape", [tensor])
        axis = int(self.rng.integers(-rank, rank))
        kind = self.rng.integers(3)
        if kind == 0:
            self.keep(self.add("Gather", [shape, self.const([axis])], axis=0))
        elif kind == 1:
            end = [axis + 1] if axis != -1 else [MOST]
            self.keep(self.add("Slice", [shape, self.const([axis]), self.const(end)]))
        else:
            self.keep(self.add("Reshape", [self.add("Size", [tensor]), self.const([1])]))

    def arithmetic(self):
        op = self.pick(["Add", "Sub", "Mul", "Div", "Mod", "Neg", "Min", "Max", "Cast", "ReduceProd", "ReduceSum", "Where"])
        a = self.pick(self.ints)
        if op == "Neg":
            return self.keep(self.add(op, [a]))
        if op == "Cast":
            return self.keep(self.add(op, [self.add(op, [a], to=TensorProto.INT32)], to=TensorProto.INT64))
        b = self.pick(self.ints) if self.rng.random() < 0.6 else self.const([self.pick([-3, -1, 1, 2, 3, 4])])
        if op in ("Div", "Mod"):
            b = self.const([self.pick([2, 3, 4, -2])]) if self.rng.random() < 0.6 else self.add("Max", [b, self.const([1])])
        if op.startswith("Reduce"):
            both = self.add("Concat", [a, b, self.const([2])], axis=0)
            return self.keep(self.add(op, [both, self.const([0])], keepdims=1))
        if op == "Where":
            return self.keep(self.add(op, [self.add("Greater", [a, b]), a, b]))
        self.keep(self.add(op, [a, b]))

    def compare(self):
        op = self.pick(["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"])
        self.keep(self.add("Cast", [self.add(op, [self.pick(self.ints), self.number()])], to=TensorProto.INT64))

    def slice(self):
        tensor, rank = self.pick([t for t in self.tensors if t[1] > 0])
        axis = int(self.rng.integers(rank))
        step = int(self.pick([1, 1, 1, 1, 2, 3, -1, -2]))
        start, end = self.number(), self.number()
        while step < 0 and end in self.constants and self.constants[end][0] >= 2**31 - 1:
            end = self.number()   # ONNX Runtime takes it for the end in front of the first element
        self.add("Slice", [tensor, start, end, self.const([axis]), self.const([step])], rank=rank)

    def reshape(self):
        """To neighbours joined, with the sizes as they are or -1 for one."""
        tensor, rank = self.pick([t for t in self.tensors if t[1] > 1 and (self.may_be_empty or t[0] in self.inputs)])
        shape = self.add("Shape", [tensor])
        sizes = [self.add("Gather", [shape, self.const([i])], axis=0) for i in range(rank)]
        at = int(self.rng.integers(rank - 1))
        joined = self.add("Mul", sizes[at:at + 2])
        parts = sizes[:at] + [joined] + sizes[at + 2:]
        if not self.may_be_empty and self.rng.random() < 0.7:
            parts[self.rng.integers(len(parts))] = self.const([-1])
        self.keep(joined)
        self.add("Reshape", [tensor, self.add("Concat", parts, axis=0)], rank=len(parts), allowzero=1)

    def power(self):
        """Of rank 3 or 4 with one size in several places, reshaped with -1 for what is left."""
        side, other = (self.add("Max", [self.small(), self.const([0 if self.may_be_empty else 1])]) for _ in range(2))
        parts = [side, side, other] + [side] * int(self.rng.integers(2))
        self.rng.shuffle(parts)
        made = self.add("Expand", [self.const(1.5, np.float32), self.add("Concat", parts, axis=0)], rank=len(parts))
        self.rng.shuffle(parts)
        count = int(self.rng.integers(1, len(parts)))
        kept, rest = parts[:count], parts[count:]
        if self.rng.random() < 0.3 and len(kept) > 1:
            kept = [self.add("Mul", kept[:2])] + kept[2:]
        left = self.add("ReduceProd", [self.add("Concat", rest, axis=0)]) if self.may_be_empty else self.const([-1])
        kept.insert(int(self.rng.integers(len(kept) + 1)), left)
        self.add("Reshape", [made, self.add("Concat", kept, axis=0)], rank=len(kept), allowzero=1)

    def expand(self):
        tensor, rank = self.pick([t for t in self.tensors if t[1] < 3])
        sizes = self.add("Concat", [self.small(), self.add("Shape", [tensor])], axis=0)
        self.add("Expand", [tensor, sizes], rank=rank + 1)

    def range(self):
        low, high = self.pick(self.ints), self.pick(self.ints)
        scalars = [self.add("Squeeze", [v, self.const([0])])
                   for v in (low, self.add("Min", [high, self.add("Add", [low, self.const([9])])]))]
        self.add("Range", scalars + [self.const(self.pick([1, 1, 2]))], rank=None)
        name = self.nodes[-1].output[0]
        self.tensors.append((self.add("Cast", [name], to=TensorProto.FLOAT), 1))

    def concat(self):
        tensor, rank = self.pick([t for t in self.tensors if t[1] > 0])
        axis = int(self.rng.integers(rank))
        part = self.add("Slice", [tensor, self.number(), self.number(), self.const([axis])])
        self.add("Concat", [tensor, part] if self.rng.random() < 0.5 else [part, tensor], rank=rank, axis=axis)

    def split(self):
        tensor, rank = self.pick([t for t in self.tensors if t[1] > 0])
        axis = int(self.rng.integers(rank))
        size = self.add("Gather", [self.add("Shape", [tensor]), self.const([axis])], axis=0)
        first = self.add("Min", [self.small(), size])
        sizes = self.add("Concat", [first, self.add("Sub", [size, first])], axis=0)
        self.add("Split", [tensor, sizes], rank=rank, count=2, axis=axis)

    def tile(self):
        tensor, rank = self.pick([t for t in self.tensors if 0 < t[1] < 3])
        counts = [self.const([1])] * rank
        counts[self.rng.integers(rank)] = self.add("Min", [self.small(), self.const([3])])
        self.add("Tile", [tensor, self.add("Concat", counts, axis=0)], rank=rank)

    def pad(self):
        tensor, rank = self.pick([t for t in self.tensors if t[1] > 0])
        pads = [self.const([0])] * (2 * rank)
        pads[self.rng.integers(2 * rank)] = self.add("Min", [self.small(), self.const([4])])
        self.add("Pad", [tensor, self.add("Concat", pads, axis=0), self.const(0.5, np.float32)], rank=rank)

    def model(self):
        """All ints in one output, the tensors as they are."""
        facts = helper.make_node("Concat", self.ints, ["all"], name="all", axis=0)
        inputs = [helper.make_tensor_value_info(k, TensorProto.FLOAT, d) for k, d in self.inputs.items()]
        inputs += [helper.make_tensor_value_info(k, TensorProto.INT64, [1]) for k in ("n", "m")]
        outputs = [helper.make_tensor_value_info("all", TensorProto.INT64, [len(self.ints)])]
        outputs += [helper.make_tensor_value_info(t, TensorProto.FLOAT, [None] * rank)
                    for t, rank in self.tensors if t not in self.inputs]
        graph = helper.make_graph(self.nodes + [facts], "sizes", inputs, outputs,
                                  [numpy_helper.from_array(v, k) for k, v in self.constants.items()])
        return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])

    def feeds(self):
        for _ in range(RUNS):
            sizes = {s: int(self.pick(SIZES if self.may_be_empty else SIZES[1:])) for s in "abc"}
            feeds = {k: self.rng.standard_normal([sizes.get(d, d) for d in dims]).astype(np.float32)
                     for k, dims in self.inputs.items()}
            for name in ("n", "m"):
                feeds[name] = self.rng.integers(-8, 9, 1)
            yield sizes, feeds


def run_case(seed, folder):
    """(runs compared, misses as text)."""
    case = Case(seed)
    path = folder / "model.onnx"
    onnx.save(case.model(), path)
    oracle = engines.OnnxRuntime(path)
    try:
        engines.compile_model(path, folder / "model.optc")
    except engines.CompileError as error:
        return 0, [f"does not compile: {error}"]
    engine, compared, misses = engines.OptcLibrary(folder / "model.optc"), 0, []
    for sizes, feeds in case.feeds():
        try:
            want = oracle.run(feeds)
        except Exception:   # of many kinds
            continue
        compared += 1
        at = f"{sizes}, n {feeds['n'][0]}, m {feeds['m'][0]}"
        try:
            got = engine.run(feeds)
            for name, value in want.items():
                close(value, got[name], 0, 0, where=f"output '{name}'")
        except (Mismatch, engines.optc_runtime.OptcError) as error:
            misses.append(f"at {at}: {error}")
    return compared, misses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0, help="of the first case; each has the next")
    args = parser.parse_args()
    passed = failed = runs = 0
    for seed in range(args.seed, args.seed + args.cases):
        with tempfile.TemporaryDirectory(prefix="optc-sizes-") as scratch:
            compared, misses = run_case(seed, Path(scratch))
        runs += compared
        passed, failed = passed + (not misses), failed + bool(misses)
        if misses:
            print(f"MISS: symbolic_sizes.py --seed {seed} --cases 1", flush=True)
        for line in misses[:3]:
            print(f"     {line}")
    if args.cases > 4 and runs < 2 * args.cases:
        print(f"only {runs} runs of {args.cases} cases could be compared")
        failed += 1
    print(f"{runs} runs compared")
    print(f"symbolic-sizes: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
