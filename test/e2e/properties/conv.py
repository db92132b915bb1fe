# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions in 1, 2 and 3 dims, transposed ones too: loops over windows in numpy."""
import functools

import numpy as np

from .bounded import NARROW_ROUNDING, Bounded, of, product, roundings
from .case import family

SIDES = (1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 19, 28)


def windows(array, kernel, strides, dilations, pads, fill=0.0):
    """[batch, channels, *places, *kernel]: what each place of the output sees."""
    rank = len(kernel)
    array = np.pad(array, [(0, 0), (0, 0), *zip(pads[:rank], pads[rank:])], constant_values=fill)
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    axes = tuple(range(2, 2 + rank))
    seen = np.lib.stride_tricks.sliding_window_view(array, extents, axes)
    seen = seen[(slice(None), slice(None), *(slice(None, None, s) for s in strides))]
    return seen[(Ellipsis, *(slice(None, None, d) for d in dilations))]


def convolve(x, w, strides, dilations, pads, group=1, narrow=False):
    seen = windows(x, w.shape[2:], strides, dilations, pads)
    batch, places, kernel = x.shape[0], seen.shape[2:2 + len(strides)], int(np.prod(w.shape[2:]))
    seen = seen.reshape(batch, group, w.shape[1], int(np.prod(places)), kernel)
    filters = w.reshape(group, w.shape[0] // group, w.shape[1], kernel)
    return product("ngcpk,gock->ngop", seen, filters, narrow).reshape(batch, w.shape[0], *places)


# ------------------------------------------------------------------- Winograd's larger errors

@functools.cache
def _winograd(points):
    """Matrices A^T, G, B^T of F(len(points) * 2, 3) at the points 0, +-a, infinity."""
    at = [0.0, *(sign * a for a in points for sign in (1, -1))]
    size, tile = len(at) + 1, len(at) - 1
    a_t = np.array([[p ** i for p in at] + [float(i == tile - 1)] for i in range(tile)])
    g = np.array([[p ** i for i in range(3)] for p in at] + [[0, 0, 1]])
    # Rows of B^T: the polynomial that is 0 at all other points, 1 at this; and that which is 0 at all.
    b_t = np.zeros((size, size))
    for row, p in enumerate(at):
        others = [q for q in at if q != p]
        b_t[row, :size - 1] = np.poly(others)[::-1] / np.prod([p - q for q in others])
    b_t[-1] = np.poly(at)[::-1]
    return np.abs(a_t), np.abs(g), np.abs(b_t)


def winograd_magnitude(x, w, pads, points):
    """For each output, the sum of magnitudes that Winograd's algorithm adds up: its rounding
    errors are relative to that."""
    a_t, g, b_t = _winograd(points)
    tile, size = a_t.shape
    (n, c), (o, _) = x.shape[:2], w.shape[:2]
    h, v = (x.shape[2 + i] + pads[i] + pads[2 + i] - 2 for i in range(2))
    rows, columns = -(-h // tile), -(-v // tile)
    room = np.zeros((n, c, rows * tile + 2, columns * tile + 2))
    room[:, :, pads[0]:pads[0] + x.shape[2], pads[1]:pads[1] + x.shape[3]] = np.abs(x)
    tiles = np.lib.stride_tricks.sliding_window_view(room, (size, size), (2, 3))[:, :, ::tile, ::tile]
    inputs = np.einsum("si,ncyxij,tj->ncyxst", b_t, tiles, b_t, optimize=True)
    filters = np.einsum("si,ocij,tj->ocst", g, np.abs(w), g, optimize=True)
    sums = np.einsum("ncyxst,ocst->noyxst", inputs, filters, optimize=True)
    magnitude = np.einsum("is,noyxst,jt->noyixj", a_t, sums, a_t, optimize=True)
    return magnitude.reshape(n, o, rows * tile, columns * tile)[:, :, :h, :v]


def with_winograd(result, x, w, pads, narrow):
    """`result` with the larger of the bounds for tiles of 2x2 and 4x4. `narrow` products are of transformed
    operands that are rounded to bfloat16 both, each by half of NARROW_ROUNDING at most."""
    if 0 in result.value.shape:
        return result
    magnitude = np.maximum(winograd_magnitude(x, w, pads, (1.0,)), winograd_magnitude(x, w, pads, (0.625, 1.5)))
    terms = x.shape[1] + 4 * 6           # channels, and the four transforms' additions
    relative = roundings(terms)
    if narrow:
        relative += NARROW_ROUNDING * min(1, 6 / x.shape[1] ** 0.5)
    return Bounded(result.value, result.error + relative * magnitude)


# ------------------------------------------------------------------- families

def _activated(case, result, compute, channels, rank):
    """Perhaps an activation behind it, which joins the kernel."""
    kind = case.pick(None, None, "Relu", "Clip", "scale")
    if kind == "Relu":
        return case.op("Relu", result), lambda narrow: compute(narrow).steep(lambda v: np.maximum(v, 0), 1, 0)
    if kind == "Clip":
        low, high = case.weight("low", np.float32(-0.5)), case.weight("high", np.float32(1.5))
        return (case.op("Clip", result, low, high),
                lambda narrow: compute(narrow).steep(lambda v: np.clip(v, -0.5, 1.5), 1, 0))
    if kind == "scale":
        scale = case.weight("scale", case.normal(channels, *[1] * rank))
        # A filter is multiplied before it is rounded, if at all.
        folded = lambda narrow: compute(narrow, scale.array) if narrow == "all" else compute(narrow) * scale.array
        return case.op("Mul", result, scale), folded
    return result, compute


def _conv(case, channels, outputs, kernel, strides=None, dilations=None, group=1, pads=None, sides=SIDES, most=6000,
          winograd=False):
    """A Conv whose batch and sides a symbolic model does not know."""
    rank = len(kernel)
    strides, dilations = strides or [1] * rank, dilations or [1] * rank
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    pads = [int(case.pick(0, k // 2, k - 1)) for k in extents] * 2 if pads is None else pads
    names = ["h", "w", "d"][:rank]
    while True:
        case.draw_sizes("n", *names, empty="n", most=most, pool=sides)
        fits = all(case.sizes[a] + pads[i] + pads[rank + i] >= extents[i] for i, a in enumerate(names))
        if fits and case.sizes["n"] <= 8:
            break
    case.sizes |= {"channels": int(channels), "outputs": int(outputs)}
    scale = 1 / np.sqrt(channels // group * np.prod(kernel))
    x = case.input("x", ["n", int(channels), *names])
    w = case.weight("w", case.normal(outputs, channels // group, *kernel, scale=scale))
    bias = case.weight("b", case.normal(outputs)) if case.chance(0.6) else None
    case.note = f"kernel={kernel} strides={strides} dilations={dilations} pads={pads} group={group}"
    result = case.op("Conv", x, w, bias, strides=strides, dilations=dilations, pads=pads, group=int(group))

    def compute(narrow, scale=None):
        by = 1 if scale is None else scale
        y = convolve(x.array, w.array * np.reshape(by, (-1, *[1] * (rank + 1))), strides, dilations, pads, group, narrow)
        if winograd:
            y = with_winograd(y, x.array, w.array * np.reshape(by, (-1, 1, 1, 1)), pads, narrow)
        return y + of(bias.array.reshape(-1, *[1] * rank)) * by if bias else y
    case.output(*_activated(case, result, compute, outputs, rank))


@family(narrow=True)
def conv_1x1(case):
    strides = case.pick([1, 1], [1, 1], [2, 2], [1, 3])
    _conv(case, case.pick(1, 3, 8, 17, 64, 97), case.pick(1, 5, 16, 24, 40, 67, 128), [1, 1], strides, pads=[0] * 4)


@family(narrow=True, weight=2, spreads="unless exact")
def conv_3x3(case):
    """Of enough channels and places that Winograd pays, and of few."""
    channels, outputs = case.pick(1, 3, 8, 16, 31, 64, 96), case.pick(1, 8, 17, 24, 64, 88)
    pads = case.pick([1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0], [0, 1, 2, 1])
    _conv(case, channels, outputs, [3, 3], pads=pads, sides=(1, 2, 3, 4, 5, 7, 13, 14, 28, 37), most=4000, winograd=True)


@family(narrow=True)
def conv_5x5(case):
    kernel = case.pick([5, 5], [7, 7], [1, 5], [5, 1], [4, 2])
    _conv(case, case.pick(1, 4, 16, 19), case.pick(1, 8, 23, 32), kernel, case.pick([1, 1], [2, 2], [1, 2]))


@family(narrow=True)
def conv_strided_dilated(case):
    strides, dilations = case.pick(([2, 2], [1, 1]), ([3, 1], [1, 1]), ([1, 1], [2, 2]), ([1, 1], [1, 3]), ([2, 1], [4, 2]))
    _conv(case, case.pick(2, 8, 13, 32), case.pick(3, 16, 24, 31), [3, 3], strides, dilations)


@family(narrow=True, weight=2)
def conv_wide_border(case):
    """Dilated windows that reach far beyond small images: taps that meet the border only are left out."""
    rank = case.pick(1, 2, 2, 2, 3)
    kernel = [int(case.pick(2, 3, 3, 4)) for _ in range(rank)]
    dilations = [int(case.pick(1, 4, 7, 12, 18)) for _ in range(rank)]
    reach = [(k - 1) * d for k, d in zip(kernel, dilations)]
    pads = [int(case.pick(0, r // 2, r, r + 3)) for r in reach * 2]
    group = case.pick(1, 1, 2)
    _conv(case, group * case.pick(2, 8, 13, 40), group * case.pick(3, 16, 31), kernel,
          [int(case.pick(1, 1, 2, 3)) for _ in range(rank)], dilations, group, pads, sides=(1, 2, 3, 5, 8, 14, 23),
          most=1500)


@family(narrow=True)
def conv_few_panels(case):
    """Many channels, few outputs: rows of the image are cut into blocks for threads."""
    _conv(case, case.pick(128, 240, 301), case.pick(8, 17, 60, 70, 136), case.pick([1, 3], [3, 1], [2, 3]),
          case.pick([1, 1], [1, 1], [2, 1]), sides=(1, 2, 3, 7, 14, 20, 40), most=1200)


@family(narrow=True)
def conv_grouped(case):
    group = case.pick(2, 3, 4)
    _conv(case, group * case.pick(1, 2, 5, 8, 16), group * case.pick(1, 3, 8, 12), case.pick([3, 3], [1, 1], [5, 3]),
          case.pick([1, 1], [2, 2]), group=group)


@family(narrow=True)
def conv_depthwise(case):
    channels = case.pick(1, 2, 7, 8, 16, 24, 33, 67)
    _conv(case, channels, channels * case.pick(1, 1, 1, 2), case.pick([3, 3], [5, 5], [3, 1], [2, 2], [5, 5], [6, 5], [7, 7], [13, 2]),
          case.pick([1, 1], [2, 2], [1, 2]), case.pick([1, 1], [1, 1], [2, 2]), group=channels)


@family(narrow=True, weight=0.5)
def conv_depthwise_parts(case):
    """Few rows of many places and channels: threads share rows."""
    channels, rank = case.pick(160, 247, 480), case.pick(1, 2, 2, 3)
    _conv(case, channels, channels, [case.pick(3, 5)] * rank if rank < 3 else [1, 3, 3], [1] * (rank - 1) + [case.pick(1, 2)],
          group=channels, sides=(1, 2, 3, 5, 6, 61, 80, 127), most=800)


@family(narrow=True)
def conv_1d_3d(case):
    if case.chance(0.5):
        group = case.pick(1, 1, 2)
        _conv(case, group * case.pick(1, 5, 16, 40), group * case.pick(1, 8, 17), [case.pick(1, 3, 5, 8)], [case.pick(1, 2)],
              [case.pick(1, 2)], group, most=1 << 15)
    else:
        _conv(case, case.pick(1, 3, 8), case.pick(1, 5, 16), case.pick([3, 3, 3], [1, 2, 3], [1, 1, 1]),
              case.pick([1, 1, 1], [2, 1, 2]), sides=(1, 2, 3, 5, 8), most=1500)


@family(narrow=True)
def conv_stem(case):
    """Few channels, large windows, strides of 2: the first layer."""
    _conv(case, case.pick(1, 2, 3, 4), case.pick(8, 16, 24, 64), case.pick([3, 3], [7, 7], [5, 5]), [2, 2],
          sides=(16, 31, 32, 47, 64), most=10000)


@family(narrow=True, spreads="always")
def conv_transpose(case):
    """As a convolution, with taps of zeros where strides or dilations leave gaps."""
    rank = case.pick(2, 2, 2, 1)
    group = case.pick(1, 1, 1, 2)
    channels, outputs = group * case.pick(1, 3, 8, 24), group * case.pick(1, 3, 5, 16)
    kernel = [int(case.pick(1, 2, 3, 4)) for _ in range(rank)]
    strides, dilations = [int(case.pick(1, 2, 3)) for _ in range(rank)], [int(case.pick(1, 1, 2)) for _ in range(rank)]
    # Padded inputs of the equal convolution must not be negative.
    room = [(k - 1) * d for k, d in zip(kernel, dilations)]
    pads = [int(case.rng.integers(0, min(r, 1) + 1)) for r in room * 2]
    extra = [int(case.rng.integers(0, s)) if case.chance(0.3) else 0 for s in strides]
    names = ["h", "w"][:rank]
    case.draw_sizes("n", *names, empty="n", most=1000, pool=(2, 2, 3, 5, 8, 13))
    x = case.input("x", ["n", channels, *names])
    w = case.weight("w", case.normal(channels, outputs // group, *kernel, scale=channels ** -0.5))
    bias = case.weight("b", case.normal(outputs)) if case.chance(0.5) else None
    case.note = f"kernel={kernel} strides={strides} dilations={dilations} pads={pads} extra={extra} group={group}"
    y = case.op("ConvTranspose", x, w, bias, strides=strides, dilations=dilations, pads=pads, output_padding=extra,
                group=group)

    def compute(narrow):
        """A convolution of the input with gaps of zeros by the turned filter."""
        apart = np.zeros((*x.array.shape[:2], *((s - 1) * t + 1 for s, t in zip(x.array.shape[2:], strides))), np.float32)
        apart[(slice(None), slice(None), *(slice(None, None, t) for t in strides))] = x.array
        turned = np.flip(w.array, tuple(range(2, 2 + rank)))
        turned = turned.reshape(group, channels // group, outputs // group, *kernel).swapaxes(1, 2)
        turned = turned.reshape(outputs, channels // group, *kernel)
        around = [r - p for r, p in zip(room, pads)] + [r - p + e for r, p, e in zip(room, pads[rank:], extra)]
        z = convolve(apart, turned, [1] * rank, dilations, around, group, narrow)
        return z + bias.array.reshape(-1, *[1] * rank) if bias else z
    case.output(y, compute)
