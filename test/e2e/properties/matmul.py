# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrix products: layouts, transposes, batches, few rows, one row, many rows of few columns."""
import math

import numpy as np

from .bounded import of, product, sigmoid
from .case import family
from .elementwise import UNARY


def _operand(case, name, dims, turned, constant):
    """[..., rows, columns] as the graph sees it after a Transpose, and as the product reads it."""
    stored = [*dims[:-2], dims[-1], dims[-2]] if turned else list(dims)
    if constant:
        value = case.weight(name, case.normal(*case.shape(stored)))
    else:
        value = case.input(name, stored)
    if not turned:
        return str(value), value.array
    order = [*range(len(dims) - 2), len(dims) - 1, len(dims) - 2]
    return case.op("Transpose", value, perm=order), np.swapaxes(value.array, -1, -2)


@family(narrow=True, weight=2)
def matmul(case):
    """Two dims each, the right one mostly a constant; a bias and an activation behind it."""
    m, k, n = case.draw_sizes("m", "k", "n", empty="mkn")
    turned = case.chance(0.3), case.chance(0.4)
    constant = case.chance(0.7)
    left, a = _operand(case, "a", ["m", "k"], turned[0], False)
    right, b = _operand(case, "b", ["k", "n"], turned[1], constant)
    case.note = f"transposed={turned} constant={constant}"
    result = case.op("MatMul", left, right)
    bias = case.weight("bias", case.normal(n)) if case.chance(0.5) else None
    if bias:
        result = case.op("Relu", case.op("Add", result, bias))
    compute = lambda narrow: product("mk,kn->mn", a, b, narrow and constant)
    relu = lambda x: x.steep(lambda v: np.maximum(v, 0), 1, 0)
    case.output(result, lambda narrow: relu(compute(narrow) + bias.array) if bias else compute(narrow))


def _gelu(case, x, spelling):
    """x (1 + erf(x / sqrt 2)) / 2 with its factors in one order or another."""
    scalar = lambda name, value: case.weight(name, np.array(value, np.float32))
    if spelling == 0:
        return case.op("Gelu", x)
    root = case.op("Div", x, scalar("root", math.sqrt(2)))
    sum = case.op("Add", case.op("Erf", root), scalar("one", 1))
    if spelling == 1:
        return case.op("Mul", case.op("Mul", x, sum), scalar("half", 0.5))
    return case.op("Mul", case.op("Mul", x, scalar("half", 0.5)), sum)


@family(narrow=True)
def activated_matmul(case):
    """GELU or SiLU behind a product, alone or read by another product, for which bf16 rounds it."""
    m, k, n = case.draw_sizes("m", "k", "n", empty="mkn")
    case.poisons = False   # minus infinity: see docs/CommandLine.md
    a, b = case.input("a", ["m", "k"]), case.weight("b", case.normal(k, n, scale=case.pick(0.1, 1)))
    x = case.op("MatMul", a, b)
    spelling, isRead = case.pick(0, 1, 2, 3), case.chance(0.5)
    case.note = f"spelling={spelling} read={isRead}"
    y = _gelu(case, x, spelling) if spelling < 3 else case.op("Mul", x, case.op("Sigmoid", x))
    c = case.weight("c", case.normal(n, case.pick(8, 17, 64))) if isRead else None

    def compute(narrow):   # each product by itself
        value = product("mk,kn->mn", a.array, b.array, narrow in ("inputs", "all"))
        value = UNARY["Gelu"][0](value) if spelling < 3 else value * sigmoid(value)
        if not isRead:
            return value
        isNarrow = narrow in ("states", "all")   # the function then has 13 bits, of which 8 count
        return product("mn,nc->mc", value.rounded(2.0 ** -12) if isNarrow else value, c.array, isNarrow)
    case.output(case.op("MatMul", y, c) if isRead else y, compute)


@family(narrow=True)
def vector_times_matrix(case):
    """One row (GEMV), or few; also vectors without a dim of rows."""
    rows = case.pick(1, 1, 2, 3, 5)
    case.draw_sizes("k", "n", empty="kn", pool=(1, 7, 16, 31, 64, 97, 128, 257, 512))
    case.sizes["m"] = rows
    right, b = _operand(case, "b", ["k", "n"], case.chance(0.5), case.chance(0.7))
    if case.chance(0.3):
        a = case.input("a", ["k"])
        case.output(case.op("MatMul", a, right), lambda narrow: product("k,kn->n", a.array, b, narrow))
    else:
        a = case.input("a", ["m", "k"])
        case.output(case.op("MatMul", a, right), lambda narrow: product("mk,kn->mn", a.array, b, narrow))


@family(narrow=True)
def tall_skinny(case):
    """Many rows and few columns, or a deep sum of few: what does not fill square tiles."""
    large, few = case.pick(4096, 4099, 6007), [case.pick(1, 2, 3, 5, 8) for _ in range(2)]
    sizes = [few[0], few[1], few[0]]
    sizes[case.rng.integers(3)] = large
    case.sizes |= dict(zip("mkn", map(int, sizes)))
    constant = case.chance(0.7)
    left, a = _operand(case, "a", ["m", "k"], case.chance(0.3), False)
    right, b = _operand(case, "b", ["k", "n"], case.chance(0.3), constant)
    case.output(case.op("MatMul", left, right), lambda narrow: product("mk,kn->mn", a, b, narrow))


@family(narrow=True)
def few_panels(case):
    """Deep sums of few columns, whose rows are cut into blocks for threads; the left one may be read across."""
    case.sizes |= {"m": case.pick(12, 13, 25, 40, 97, 128, 211, 400), "k": case.pick(200, 576, 1031),
                   "n": case.pick(16, 60, 64, 100, 192, 200)}
    left, a = _operand(case, "a", ["m", "k"], case.chance(0.2), False)
    right, b = _operand(case, "b", ["k", "n"], False, case.chance(0.9))
    case.output(case.op("Relu", case.op("MatMul", left, right)),
                lambda narrow: product("mk,kn->mn", a, b, narrow).steep(lambda v: np.maximum(v, 0), 1, 0))


@family(narrow=True)
def batched_matmul(case):
    """Leading dims that are equal, 1 on one side, or missing on the right."""
    case.draw_sizes("m", "k", "n", empty="mkn", most=1 << 15)
    case.sizes |= {"p": case.pick(1, 2, 3, 5), "q": case.pick(1, 2, 7)}
    batch = case.pick(("p", "q", "p", "q"), (1, "q", "p", "q"), ("p", 1, 1, "q"), ("p", "q", 1, 1), ("p", "q"))
    constant = case.chance(0.3)
    left, a = _operand(case, "a", [*batch[:2], "m", "k"], case.chance(0.3), False)
    right, b = _operand(case, "b", [*batch[2:], "k", "n"], case.chance(0.4), constant)
    shape = np.broadcast_shapes(a.shape[:2], b.shape[:-2])
    case.note = f"leading {a.shape[:2]} {b.shape[:-2]} constant={constant}"
    widened = [np.broadcast_to(x, (*shape, *x.shape[-2:])) for x in (a, b)]
    case.output(case.op("MatMul", left, right), lambda narrow: product("pqmk,pqkn->pqmn", *widened, narrow))


@family(narrow=True)
def gemm(case):
    case.draw_sizes("m", "k", "n", empty="mkn")
    turned = case.chance(0.5), case.chance(0.5)
    alpha, beta = float(case.pick(1, 0.5)), float(case.pick(1, 2))
    a = case.input("a", ["k", "m"] if turned[0] else ["m", "k"])
    b = case.weight("b", case.normal(*case.shape("nk" if turned[1] else "kn")))
    c = case.weight("c", case.normal(*case.pick((case.sizes["n"],), (1, case.sizes["n"]), (case.sizes["m"], 1), (1,))))
    case.note = f"transposed={turned} alpha={alpha} beta={beta} c={c.array.shape}"
    y = case.op("Gemm", a, b, c, transA=int(turned[0]), transB=int(turned[1]), alpha=alpha, beta=beta)
    left, right = (a.array.T if turned[0] else a.array), (b.array.T if turned[1] else b.array)
    case.output(y, lambda narrow: product("mk,kn->mn", left, right, narrow) * alpha + of(c.array) * beta)
