# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pools and resizes."""
import numpy as np

from .bounded import ROUNDING, Bounded, of, product
from .case import family
from .conv import SIDES, windows


def _image(case, channels=(1, 3, 8, 16, 17, 33)):
    """An image of unknown batch and sides."""
    case.draw_sizes("n", "h", "w", empty="n", most=6000, pool=SIDES)
    case.sizes["channels"] = int(case.pick(*channels))
    return case.input("x", ["n", case.sizes["channels"], "h", "w"])


@family()
def max_pool(case):
    x, kernel = _image(case), case.pick([2, 2], [3, 3], [1, 3], [3, 2], [5, 5])
    kernel = [min(k, case.sizes[s]) for k, s in zip(kernel, "hw")]
    strides, pads = case.pick([1, 1], [2, 2], [1, 2]), [int(case.rng.integers(0, k // 2 + 1)) for k in kernel * 2]
    case.note = f"kernel={kernel} strides={strides} pads={pads}"
    y = case.op("MaxPool", x, kernel_shape=kernel, strides=strides, pads=pads)
    case.own_nan = True
    case.output(y, lambda narrow: windows(x.array, kernel, strides, [1, 1], pads, -np.inf).max((-1, -2)))


@family()
def average_pool(case):
    x, kernel = _image(case), case.pick([2, 2], [3, 3], [1, 3], [4, 3])
    kernel = [min(k, case.sizes[s]) for k, s in zip(kernel, "hw")]
    strides, pads = case.pick([1, 1], [2, 2], [1, 2]), [int(case.rng.integers(0, k // 2 + 1)) for k in kernel * 2]
    counted = case.chance(0.5)
    case.note = f"kernel={kernel} strides={strides} pads={pads} count_include_pad={counted}"
    y = case.op("AveragePool", x, kernel_shape=kernel, strides=strides, pads=pads, count_include_pad=int(counted))
    place = lambda a: windows(a, kernel, strides, [1, 1], pads)
    counts = np.prod(kernel) if counted else place(np.ones_like(x.array)).sum((-1, -2))
    case.output(y, lambda narrow: of(place(x.array)).sum((-1, -2)) / of(counts))


@family()
def global_pool(case):
    x = _image(case)
    if case.chance(0.5):
        case.own_nan = True
        case.output(case.op("GlobalMaxPool", x), lambda narrow: x.array.max((2, 3), keepdims=True))
    else:
        case.output(case.op("GlobalAveragePool", x), lambda narrow: of(x.array).mean((2, 3), keepdims=True))


def _resized(x, axis, scale, places, linear):
    """Along one axis: the weights of each output's inputs."""
    size = x.value.shape[axis]
    count = int(np.floor(size * scale))
    at = places(np.arange(count), scale)
    rows = np.zeros((count, size))
    if linear:
        at = np.clip(at, 0, size - 1)
        low = np.floor(at).astype(int)
        np.add.at(rows, (np.arange(count), low), 1 - (at - low))
        np.add.at(rows, (np.arange(count), np.minimum(low + 1, size - 1)), at - low)
    else:
        rows[np.arange(count), np.clip(np.floor(at).astype(int), 0, size - 1)] = 1
    axes = "ncij"
    result = product(f"{axes},k{axes[axis]}->{axes.replace(axes[axis], 'k')}", x, rows)
    # Places are computed in f32: a weight is off by some roundings of the place.
    scale_of = np.abs(x.value).max(initial=0)
    return Bounded(result.value, result.error + (8 * ROUNDING * size * scale_of if linear else 0))


@family(spreads="always")
def resize(case):
    """Linear ones multiply the neighbour behind the edge, which is the edge, by 0."""
    x = _image(case)
    scales = [float(case.pick(1, 2, 3, 0.5, 4)) for _ in range(2)]
    scales = [s if s * case.sizes[name] >= 1 else 1.0 for s, name in zip(scales, "hw")]
    linear, half = case.chance(0.5), case.chance(0.5)
    mode = {"mode": "linear"} if linear else {"mode": "nearest", "nearest_mode": "floor"}
    way = "half_pixel" if half else "asymmetric"
    case.note = f"{mode['mode']} {way} scales={scales}"
    # ONNX Runtime multiplies the next row by 0 along a side that keeps its size.
    case.poisons = not linear or 1.0 not in scales
    factors = case.weight("scales", np.array([1, 1, *scales], np.float32))
    places = (lambda i, s: (i + 0.5) / s - 0.5) if half else (lambda i, s: i / s)
    y = case.op("Resize", x, None, factors, coordinate_transformation_mode=way, **mode)
    case.output(y, lambda narrow: _resized(_resized(of(x.array), 2, scales[0], places, linear), 3, scales[1], places, linear))
