# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ops that only move elements: every bit must be the same."""
import numpy as np

from .case import family


def _tensor(case, ranks, most=1 << 18):
    names = "abcde"[:case.pick(*ranks)]
    case.draw_sizes(*names, empty=names, most=most)
    return case.input("x", list(names)), len(names)


@family(weight=2)
def transpose(case):
    x, rank = _tensor(case, (2, 3, 3, 4, 5))
    order = [int(i) for i in case.rng.permutation(rank)]
    case.note = f"perm={order}"
    y = case.op("Transpose", x, perm=order)
    if case.chance(0.3):
        y = case.op("Neg", y)
        case.output(y, lambda narrow: -x.array.transpose(order))
    else:
        case.output(y, lambda narrow: x.array.transpose(order))


@family()
def gather(case):
    """Rows of a table, as embeddings are looked up, and along any other axis."""
    x, rank = _tensor(case, (1, 2, 3), most=1 << 16)
    axis = int(case.rng.integers(rank)) if case.chance(0.5) else 0
    size = x.array.shape[axis]
    case.sizes["count"] = int(case.pick(0, 1, 3, 17, 130)) if size else 0
    indices = case.rng.integers(-size, max(size, 1), (case.sizes["count"], 2))
    if case.chance(0.1) and indices.size:
        index = case.weight("i", indices[0, 0])
    elif case.chance(0.3):
        index = case.weight("i", indices)
    else:
        index = case.input("i", ["count", 2], indices)
    case.note = f"axis={axis} indices={index.array.shape}"
    case.output(case.op("Gather", x, index, axis=axis), lambda narrow: np.take(x.array, index.array, axis))


@family()
def concat(case):
    x, rank = _tensor(case, (1, 2, 3, 4), most=1 << 14)
    axis = int(case.rng.integers(rank))
    parts = [x]
    for number in range(case.rng.integers(1, 5)):
        name = f"more{number}"
        case.sizes[name] = int(case.pick(0, 1, 3, 8, 17))
        dims = ["abcde"[i] if i != axis else name for i in range(rank)]
        parts.append(case.input(f"y{number}", dims))
    order = [parts[i] for i in case.rng.permutation(len(parts))]
    case.note = f"axis={axis}"
    y = case.op("Concat", *order, axis=axis)
    case.output(y, lambda narrow: np.concatenate([p.array for p in order], axis))


@family()
def slice_pad(case):
    """A Slice with steps of both signs, then a Pad of any mode."""
    x, rank = _tensor(case, (1, 2, 3))
    starts, ends, steps = [], [], []
    for size in x.array.shape:
        step = int(case.pick(1, 1, 2, 3, -1, -2))
        first, last = (int(case.rng.integers(-size - 1, size + 2)) for _ in range(2))
        starts, ends, steps = starts + [first], ends + [last], steps + [step]
    case.note = f"starts={starts} ends={ends} steps={steps}"
    part = x.array[tuple(slice(*_bounds(*s)) for s in zip(starts, ends, steps, x.array.shape))]
    y = case.op("Slice", x, case.ints(*starts), case.ints(*ends), case.ints(*range(rank)), case.ints(*steps))
    pads = [int(case.pick(0, 0, 1, 3)) for _ in range(2 * rank)]
    if case.chance(0.7):
        # What repeats needs something to repeat.
        mode = case.pick("constant", "edge", "reflect", "wrap") if part.size else "constant"
        case.note += f" pads={pads} mode={mode}"
        y = case.op("Pad", y, case.ints(*pads), case.weight("fill", np.float32(1.5)), mode=mode)
        fill = {"constant_values": np.float32(1.5)} if mode == "constant" else {}
        part = np.pad(part, list(zip(pads[:rank], pads[rank:])), mode, **fill)
    case.output(y, lambda narrow: part)


def _bounds(start, end, step, size):
    """ONNX's clamping, in Python's terms."""
    start, end = (v + size if v < 0 else v for v in (start, end))
    if step > 0:
        return min(max(start, 0), size), min(max(end, 0), size), step
    start, end = min(max(start, 0), size - 1), min(max(end, -1), size - 1)
    return (start, None if end < 0 else end, step) if size else (0, 0, step)


@family()
def expand_reshape(case):
    """Broadcast to more, then seen as rows."""
    case.draw_sizes("a", "b", "c", empty="abc", most=1 << 14)
    dims = [d if case.chance(0.6) else 1 for d in "abc"]
    x, like = case.input("x", dims), case.input("like", ["a", "b", "c"])
    y = case.op("Expand", x, case.op("Shape", like))
    wide = np.broadcast_to(x.array, like.array.shape)
    if 0 not in like.array.shape:
        y = case.op("Reshape", y, case.ints(-1))
        wide = wide.reshape(-1)
    case.output(case.op("Neg", y), lambda narrow: -wide)
