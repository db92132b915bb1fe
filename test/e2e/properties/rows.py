# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Softmax, normalizations, and reductions over any axes."""
import numpy as np

from . import bounded
from .bounded import Bounded, of
from .case import INT64, family


def softmax(x, axis):
    e = bounded.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _log(x):
    return x.monotone(lambda v: np.log(np.maximum(v, 1e-300))) + Bounded(0 * x.value, bounded.ROUNDING)


def _tensor(case, ranks=(2, 3, 4), empty=True, **options):
    names = "abcd"[:case.pick(*ranks)]
    case.draw_sizes(*names, empty=names[:-1] if empty else (), most=1 << 17, **options)
    return case.input("x", list(names)), len(names)


@family()
def softmax_rows(case):
    x, rank = _tensor(case, (1, 2, 3, 4))
    axis = int(case.rng.integers(rank)) if case.chance(0.4) else rank - 1
    if 0 in x.array.shape[axis:axis + 1]:
        axis = rank - 1
    logarithm = case.chance(0.3)
    case.note = f"axis={axis}"
    y = case.op("LogSoftmax" if logarithm else "Softmax", x, axis=axis - rank)

    def compute(narrow):
        if not logarithm:
            return softmax(of(x.array), axis)
        shifted = of(x.array) - of(x.array).max(axis, keepdims=True)
        return shifted - _log(bounded.exp(shifted).sum(axis, keepdims=True))
    case.output(y, compute)


@family()
def layer_norm(case):
    """LayerNormalization and RMSNormalization over the last axes."""
    x, rank = _tensor(case, (2, 3))
    axis = int(case.rng.integers(1, rank)) if 0 not in x.array.shape[1:] else rank - 1
    axes, shape = tuple(range(axis, rank)), x.array.shape[axis:]
    root = case.chance(0.5)
    # The sizes of scale and bias are those of the axes: the model knows them.
    x = case.input("x", ["abc"[i] if i < axis else x.array.shape[i] for i in range(rank)], x.array)
    scale = case.weight("scale", case.normal(*shape))
    bias = case.weight("bias", case.normal(*shape)) if not root and case.chance(0.7) else None
    case.note = f"axis={axis}"
    operands = [x, scale] + ([bias] if bias else [])
    y = case.op("RMSNormalization" if root else "LayerNormalization", *operands, axis=axis, epsilon=1e-5)

    def compute(narrow):
        value = of(x.array)
        if not root:
            value = value - value.mean(axes, keepdims=True)
        variance = (value * value).mean(axes, keepdims=True) + of(np.float32(1e-5))
        value = value * variance.monotone(lambda v: 1 / np.sqrt(np.maximum(v, 1e-30))) * of(scale.array)
        return value + of(bias.array) if bias else value
    case.output(y, compute)


@family()
def instance_norm(case):
    case.draw_sizes("n", "h", "w", empty="n", most=1 << 12)
    channels = case.pick(1, 3, 8, 17)
    x = case.input("x", ["n", channels, "h", "w"])
    scale, bias = case.weight("scale", case.normal(channels)), case.weight("bias", case.normal(channels))
    case.note = f"channels={channels}"
    y = case.op("InstanceNormalization", x, scale, bias, epsilon=1e-5)

    def compute(narrow):
        value = of(x.array)
        value = value - value.mean((2, 3), keepdims=True)
        variance = (value * value).mean((2, 3), keepdims=True) + of(np.float32(1e-5))
        value = value * variance.monotone(lambda v: 1 / np.sqrt(np.maximum(v, 1e-30)))
        return value * of(scale.array.reshape(-1, 1, 1)) + of(bias.array.reshape(-1, 1, 1))
    case.output(y, compute)


def _square(x):
    return x * x


REDUCTIONS = {
    "Sum": lambda x, a: x.sum(a, True), "Mean": lambda x, a: x.mean(a, True),
    "Max": lambda x, a: x.max(a, True), "Min": lambda x, a: x.min(a, True),
    "L1": lambda x, a: x.moved(np.abs).sum(a, True), "SumSquare": lambda x, a: _square(x).sum(a, True),
    "L2": lambda x, a: _square(x).sum(a, True).monotone(lambda v: np.sqrt(np.maximum(v, 0))),
    "LogSumExp": lambda x, a: _log(bounded.exp(x - x.max(a, True)).sum(a, True)) + x.max(a, True),
}
EMPTY_SUMS = ("Sum", "L1", "L2", "SumSquare")


@family(weight=2)
def reduction(case):
    kind = case.pick(*REDUCTIONS)
    x, rank = _tensor(case, (1, 2, 3, 4), empty=kind in EMPTY_SUMS)
    axes = sorted(int(a) for a in case.rng.permutation(rank)[:case.rng.integers(1, rank + 1)])
    kept = case.chance(0.5)
    case.note = f"axes={axes} keepdims={kept}"
    case.own_nan = kind in ("Max", "Min")
    y = case.op("Reduce" + kind, x, case.ints(*axes), keepdims=int(kept))

    def compute(narrow):
        result = REDUCTIONS[kind](of(x.array), tuple(axes))
        return result if kept else result.moved(lambda v: v.squeeze(tuple(axes)))
    case.output(y, compute)


@family()
def argmax(case):
    x, rank = _tensor(case, (1, 2, 3), empty=False)
    axis, kind = int(case.rng.integers(rank)), case.pick("ArgMax", "ArgMin")
    array = np.round(x.array)     # equal values: the first one counts
    x = case.input("x", case.dims[str(x)], array)
    case.note = f"axis={axis}"
    case.poisons = False          # which NaN is largest is not defined
    find = np.argmax if kind == "ArgMax" else np.argmin
    case.output(case.op(kind, x, axis=axis, keepdims=0), lambda narrow: np.asarray(find(array, axis), np.int64), INT64)
