# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elementwise functions, alone and in chains, with operands that broadcast."""
import math

import numpy as np
from onnx import TensorProto

from . import bounded
from .bounded import FUNCTION, Bounded, of
from .case import family

_erf = np.vectorize(math.erf, otypes=[np.float64])


def _clip(x):
    return x.steep(lambda v: np.clip(v, -0.75, 1.25), 1, 0)


def _gelu(v):
    return 0.5 * v * (1 + _erf(v / math.sqrt(2)))


def _mish(v):
    return v * np.tanh(np.logaddexp(0, v))


def _hard_swish(v):
    return v * np.clip(v / 6 + 0.5, 0, 1)


# Kind of node -> Bounded to Bounded, attributes. Inputs are some normal numbers, chains keep them small.
UNARY = {
    "Relu": (lambda x: x.steep(lambda v: np.maximum(v, 0), 1, 0), {}),
    "LeakyRelu": (lambda x: x.steep(lambda v: np.where(v < 0, v * np.float32(0.1), v), 1), {"alpha": 0.1}),
    "Neg": (lambda x: x.moved(np.negative) if not x.error.any() else of(0) - x, {}),
    "Abs": (lambda x: x.steep(np.abs, 1, 0), {}),
    "Sigmoid": (bounded.sigmoid, {}),
    "Tanh": (bounded.tanh, {}),
    "Erf": (lambda x: x.monotone(_erf), {}),
    "Softplus": (lambda x: x.monotone(lambda v: np.logaddexp(0, v), 2 * FUNCTION), {}),
    "Softsign": (lambda x: x.monotone(lambda v: v / (1 + np.abs(v)), 2 * FUNCTION), {}),
    "Elu": (lambda x: x.monotone(lambda v: np.where(v < 0, np.expm1(np.minimum(v, 0)), v), 0) + Bounded(0 * x.value, FUNCTION), {}),
    "Gelu": (lambda x: x.steep(_gelu, 1.2, 2 * FUNCTION) + Bounded(0 * x.value, np.abs(x.value) * FUNCTION), {}),
    "Mish": (lambda x: x.steep(_mish, 1.2, 4 * FUNCTION), {}),
    "HardSwish": (lambda x: x.steep(_hard_swish, 1.5) + Bounded(0 * x.value, 4 * bounded.ROUNDING * np.abs(x.value)), {}),
    "HardSigmoid": (lambda x: x.steep(lambda v: np.clip(np.float32(0.2) * v + 0.5, 0, 1), 1, 4 * bounded.ROUNDING)
                    + Bounded(0 * x.value, 4 * bounded.ROUNDING), {}),
    "Sin": (lambda x: x.steep(np.sin, 1) + Bounded(0 * x.value, FUNCTION), {}),
    "Cos": (lambda x: x.steep(np.cos, 1) + Bounded(0 * x.value, FUNCTION), {}),
    "Atan": (lambda x: x.monotone(np.arctan), {}),
}
BINARY = {"Add": lambda a, b: a + b, "Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b,
          "Max": bounded.maximum, "Min": bounded.minimum}


@family(weight=2)
def chain(case):
    """Functions one after the other, and with an operand that broadcasts."""
    sizes = case.draw_sizes("a", "b", "c", empty="abc", most=1 << 17)
    x = case.input("x", ["a", "b", "c"])
    name, steps = str(x), []
    for number in range(case.rng.integers(1, 7)):
        if case.chance(0.5):
            kind = case.pick(*UNARY)
            function, attributes = UNARY[kind]
            name = case.op(kind, name, **attributes)
            steps.append(lambda v, f=function: f(v))
        elif case.chance(0.2):
            low, high = (case.weight(f"{n}{number}", np.float32(v)) for n, v in (("low", -0.75), ("high", 1.25)))
            name = case.op("Clip", name, low, high)
            steps.append(_clip)
        else:
            kind, kept = case.pick(*BINARY), case.pick("abc", "c", "bc", "1b1", "a1c", "x")
            if kept == "x":
                y = x
            else:
                dims = [d if d in "abc" else 1 for d in kept]
                y = case.input(f"y{number}", dims) if case.chance(0.6) else case.weight(f"y{number}", case.normal(*case.shape(dims)))
            name = case.op(kind, *((name, y) if case.chance(0.5) or kind == "Sub" else (y, name)))
            steps.append(lambda v, f=BINARY[kind], y=y: f(v, of(y.array)))
    case.note = "-".join(node.op_type for node in case.nodes)

    def compute(narrow):
        value = of(x.array)
        for step in steps:
            value = step(value)
        return Bounded(np.broadcast_to(value.value, sizes), np.broadcast_to(value.error, sizes))
    case.output(name, compute)


# ------------------------------------------------------------------- every function at special values

SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1, -1, 0.5, -0.5, 3e38, -3e38, 1e-38, -1e-38, 2e-45, 88.5, -87.2, 103,
                    -104, 6, -6, 9.5, -9.5, 2.5, -3.5, 1 << 24, 1e10, -1e10], np.float32)
# With functions of two operands, all pairs.
FUNCTIONS = (*UNARY, "Exp", "Log", "Sqrt", "Reciprocal", "Floor", "Ceil", "Round", "Sign", "Asin", "Acos", "Sinh", "Cosh",
             "Asinh", "Acosh", "Atanh", "Tan", "Celu", "Selu", "ThresholdedRelu", "Shrink", "IsNaN", "IsInf")
PAIRS = ("Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Less", "Greater", "Equal", "LessOrEqual", "GreaterOrEqual", "PRelu",
         "Mod", "Mean", "Sum")


@family(weight=10)   # 60 by default: every function
def special_values(case):
    """One function at NaN, infinities, zeros of both signs, the largest and the least: as ONNX
    Runtime has it. Numbers of this family are numbers of functions."""
    kinds = FUNCTIONS + PAIRS + ("Clip", "ClipLow")
    kind = kinds[case.number % len(kinds)]
    repeated = np.concatenate([SPECIAL, case.normal(10), SPECIAL])
    if kind in PAIRS:
        first, second = (m.reshape(-1) for m in np.meshgrid(repeated, SPECIAL))
        case.sizes["n"] = first.size
        operands = [case.input("x", ["n"], first), case.input("y", ["n"], second)]
    else:
        case.sizes["n"] = repeated.size
        operands = [case.input("x", ["n"], repeated)]
    if kind.startswith("Clip"):
        operands += [case.weight("low", np.float32(-2)), None if kind == "ClipLow" else case.weight("high", np.float32(7))]
    attributes = {"fmod": 1} if kind == "Mod" else {}
    logical = kind.startswith(("Is", "Less", "Greater", "Equal"))
    case.note, case.poisons = kind, False
    # ONNX Runtime's Clip without a bound makes the largest number of an infinity.
    case.own_nan = kind == "ClipLow"
    reference = (lambda narrow: np.maximum(operands[0].array, np.float32(-2))) if case.own_nan else None
    case.output(case.op(kind.replace("Low", ""), *operands, **attributes), reference, TensorProto.BOOL if logical else TensorProto.FLOAT)
