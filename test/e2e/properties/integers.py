# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of integers and what they stand for: every bit is that of numpy's integers, at every level.

They are `narrow` for the levels alone: those with instructions for bf16 also have others for bytes."""
import numpy as np
from onnx import TensorProto

from .bounded import Bounded, roundings
from .case import FLOAT, family
from .conv import SIDES, windows

KINDS = {np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8, np.int32: TensorProto.INT32}
DEPTHS = (1, 3, 4, 8, 12, 16, 20, 63, 64, 68, 100, 256)


def drawn(case, dtype, *shape):
    """Extremes are as likely as anything else: sums of them are the largest there are."""
    info = np.iinfo(dtype)
    values = case.rng.integers(info.min, info.max + 1, shape)
    return np.where(case.rng.random(shape) < 0.3, case.rng.choice([info.min, info.max], shape), values).astype(dtype)


def kinds(case):
    return case.pick((np.uint8, np.int8), (np.uint8, np.int8), (np.uint8, np.uint8), (np.int8, np.int8))


def wide(array, zero=0):
    return array.astype(np.int64) - np.asarray(zero, np.int64)


def wrapped(sums):
    return sums.astype(np.int64).astype(np.int32)


def convolved(x, w, strides, pads, group):
    seen = windows(x, w.shape[2:], strides, [1] * len(strides), pads)
    places = seen.shape[2:2 + len(strides)]
    seen = seen.reshape(x.shape[0], group, w.shape[1], int(np.prod(places)), int(np.prod(w.shape[2:])))
    filters = w.reshape(group, w.shape[0] // group, w.shape[1], -1)
    # Of integers that f64 holds.
    sums = np.einsum("ngcpk,gock->ngop", seen.astype(np.float64), filters.astype(np.float64), optimize=True)
    return sums.astype(np.int64).reshape(x.shape[0], w.shape[0], *places)


def requantized(sums, scale, zero, low, high):
    """The product of an i32 and an f32 scale is exact in f64 while sums are below 2^29."""
    product = sums.astype(np.float64) * scale.astype(np.float64)
    return np.clip(np.rint(product) + zero, low, high)


@family(narrow=True)
def matmul_integer(case):
    (data, weight), depth = kinds(case), int(case.pick(*DEPTHS))
    m, n = case.draw_sizes("m", "n", empty="m", most=1 << 14)
    x = case.input("x", ["m", depth], drawn(case, data, m, depth))
    w = case.weight("w", drawn(case, weight, depth, n))
    zeros = [None, None]
    if case.chance(0.6):
        zeros[0] = case.weight("xz", drawn(case, data))
    if case.chance(0.4):
        zeros[1] = case.weight("wz", drawn(case, weight, *case.pick((), (n,))))
    case.note = f"{data.__name__} x {weight.__name__}, zero points {zeros[0] is not None} {zeros[1] is not None}, depth {depth}"
    y = case.op("MatMulInteger", x, w, *zeros)
    zero_of = lambda i: zeros[i].array if zeros[i] else 0
    case.output(y, lambda narrow: wrapped(wide(x.array, zero_of(0)) @ wide(w.array, zero_of(1))), KINDS[np.int32])


def conv_case(case, data):
    """x with sizes, and the attributes of a convolution of it."""
    group = int(case.pick(1, 1, 1, 2, 4))
    channels, outputs = group * int(case.pick(1, 3, 4, 8, 16, 20)), group * int(case.pick(1, 5, 8, 24, 33))
    if case.chance(0.25):   # depthwise
        group = channels = outputs = int(case.pick(3, 8, 16, 20, 33, 64))
    kernel = [int(k) for k in case.pick((1, 1), (3, 3), (3, 3), (1, 5))]
    strides, pads = [int(case.pick(1, 1, 2))] * 2, [int(case.pick(0, k // 2)) for k in kernel] * 2
    while True:
        case.draw_sizes("n", "h", "w", empty="n", most=1500, pool=SIDES)
        if all(case.sizes[a] + 2 * pads[i] >= kernel[i] for i, a in enumerate("hw")) and case.sizes["n"] <= 4:
            break
    return ["n", channels, "h", "w"], (outputs, channels // group, *kernel), dict(strides=strides, pads=pads, group=group)


@family(narrow=True)
def conv_integer(case):
    data, weight = kinds(case)
    dims, filters, attributes = conv_case(case, data)
    x = case.input("x", dims, drawn(case, data, *case.shape(dims)))
    w = case.weight("w", drawn(case, weight, *filters))
    zeros = [None, None]
    if case.chance(0.6):
        zeros[0] = case.weight("xz", drawn(case, data))
    if case.chance(0.3):
        zeros[1] = case.weight("wz", drawn(case, weight, *case.pick((), (filters[0],))))
    case.note = f"{data.__name__} x {weight.__name__} {filters} {attributes}"
    y = case.op("ConvInteger", x, w, *zeros, **attributes)

    def compute(narrow):
        zero = zeros[1].array if zeros[1] else 0
        shift = np.reshape(zero, (-1, 1, 1, 1)) if np.ndim(zero) else zero
        return wrapped(convolved(wide(x.array, zeros[0].array if zeros[0] else 0), wide(w.array, shift),
                                 attributes["strides"], attributes["pads"], attributes["group"]))
    case.output(y, compute, KINDS[np.int32])


@family(narrow=True, weight=2)
def quantized_conv(case):
    """Quantize, dequantize, convolve, add a bias, perhaps a bound, quantize: as exporters write it."""
    data, result = case.pick(np.uint8, np.int8), case.pick(np.uint8, np.int8)
    dims, filters, attributes = conv_case(case, data)
    depth = int(np.prod(filters[1:]))
    x = case.input("x", dims)
    scales = {"x": np.float32(0.02), "y": np.float32(case.pick(0.01, 0.5) * np.sqrt(depth))}
    each = case.weight("ws", case.rng.uniform(0.002, 0.01, filters[0]).astype(np.float32) if case.chance(0.7) else np.float32(0.01))
    xs, ys = case.weight("xs", scales["x"]), case.weight("ys", scales["y"])
    xz, yz = case.weight("xz", drawn(case, data)), case.weight("yz", drawn(case, result))
    w, bias = case.weight("w", drawn(case, np.int8, *filters)), case.weight("b", case.normal(filters[0]))
    bound = case.pick(None, "Relu", "Clip")
    case.note = f"{data.__name__} -> {result.__name__} {filters} {attributes} {bound}"
    case.poisons = False   # what NaN is as an integer nobody says
    q = case.op("QuantizeLinear", x, xs, xz)
    y = case.op("Conv", case.op("DequantizeLinear", q, xs, xz), case.op("DequantizeLinear", w, each, axis=0), bias, **attributes)
    if bound == "Relu":
        y = case.op("Relu", y)
    elif bound:
        y = case.op("Clip", y, case.weight("low", np.float32(-0.25)), case.weight("high", np.float32(1.0)))
    y = case.op("QuantizeLinear", y, ys, yz)

    def compute(narrow):
        info = np.iinfo(data)
        stored = np.clip(np.rint(x.array / scales["x"]).astype(np.int64) + xz.array, info.min, info.max)
        sums = convolved(wide(stored, xz.array), wide(w.array), attributes["strides"], attributes["pads"], attributes["group"])
        scale = (scales["x"] * each.array).astype(np.float32)
        of_sums = np.broadcast_to(scale, filters[0]).astype(np.float64)
        sums = sums + np.rint(bias.array.astype(np.float64) / of_sums).astype(np.int64)[:, None, None]
        info = np.iinfo(result)
        low, high = info.min, info.max
        at = lambda real: int(np.clip(np.rint(np.float32(real) / scales["y"]) + yz.array, info.min, info.max))
        if bound == "Relu":
            low = at(0)
        elif bound:
            low, high = at(-0.25), at(1.0)
        ratio = (of_sums / np.float64(scales["y"])).astype(np.float32)[:, None, None]
        return requantized(sums, ratio, int(yz.array), low, high).astype(result)
    case.output(y, compute, KINDS[result])


@family(narrow=True)
def quantize(case):
    """A division, rounded, for scales of all sizes; also of numbers that saturate."""
    result = case.pick(np.uint8, np.int8)
    n, c = case.draw_sizes("n", "c", empty="n")
    scale = np.float32(case.pick(0.1, 1 / 3, 0.0078125, 3.0, 1e-3, 1e30, 1e-30))
    x = case.input("x", ["n", "c"], (case.normal(n, c).astype(np.float64) * scale * 90).astype(np.float32))
    s, z = case.weight("s", scale), case.weight("z", drawn(case, result))
    case.poisons = False
    case.note = f"scale {scale} to {result.__name__}"
    y = case.op("QuantizeLinear", x, s, z)
    back = case.op("DequantizeLinear", y, s, z)

    def compute(narrow):
        info = np.iinfo(result)
        return np.clip(np.rint(x.array / scale).astype(np.int64) + z.array, info.min, info.max).astype(result)
    case.output(y, compute, KINDS[result])
    case.output(back, lambda narrow: (wide(compute(narrow), z.array).astype(np.float32) * scale).astype(np.float32), FLOAT)


def packed(codes, bits):
    """[.., n] numbers of so many bits, the first in the lowest bits of the first byte."""
    taken = (codes[..., None] >> np.arange(bits)) & 1
    return np.packbits(taken.reshape(*codes.shape[:-1], -1).astype(np.uint8), axis=-1, bitorder="little")


@family(narrow=True, weight=2)
def block_matmul(case):
    """Weights of few bits with a scale per block; data are floats, or rounded with a scale per block of each row."""
    bits, block = int(case.pick(2, 4, 4, 4, 8)), int(case.pick(16, 32, 32, 64))
    blocks, isInteger = int(case.pick(1, 2, 3, 8)), case.chance(0.6)
    cut = int(case.pick(0, 0, 5)) if blocks > 1 else 0
    depth = blocks * block - cut
    m, n = case.draw_sizes("m", "n", empty="m", most=1 << 13)
    x = case.input("x", ["m", depth])
    codes = case.rng.integers(0, 1 << bits, (n, blocks, block))
    scale = case.weight("s", case.rng.normal(0, 0.1, (n, blocks)).astype(np.float32))
    kind = case.pick(None, "codes", "floats" if bits < 8 else "codes")   # ONNX Runtime has no floats for 8
    inputs, zeros = [x, case.weight("w", packed(codes, bits)), scale], np.float64(1 << (bits - 1))
    if kind == "codes":
        zeros = case.rng.integers(0, 1 << bits, (n, blocks))
        inputs.append(case.weight("z", packed(zeros, bits)))
    elif kind == "floats":
        zeros = case.rng.uniform(0, 1 << bits, (n, blocks)).astype(np.float32)
        inputs.append(case.weight("z", zeros))
    bias = case.weight("b", case.normal(n)) if case.chance(0.4) else None
    if bias:
        inputs += [""] * (5 - len(inputs)) + [bias]
    case.poisons = False   # what NaN is as an integer nobody says
    case.note = f"{bits} bits, {blocks} blocks of {block}, zeros {kind}, bytes {isInteger}"
    y = case.op("MatMulNBits", *inputs, domain="com.microsoft", K=depth, N=n, bits=bits, block_size=block,
                accuracy_level=4 if isInteger else 0)

    def compute(narrow):
        data = np.pad(x.array, ((0, 0), (0, cut))).reshape(-1, blocks, block)
        if isInteger:
            step = np.maximum(np.abs(data).max(-1, keepdims=True) * np.float32(1 / 127), np.float32(1e-30))
            data = np.rint(data / step) * step.astype(np.float64)
        data, each = data.astype(np.float64), scale.array[..., None].astype(np.float64)
        zero = np.broadcast_to(zeros, (n, blocks))[..., None].astype(np.float64)
        sums = np.einsum("mbk,nbk->mn", data, (codes - zero) * each)
        # Products with codes and with zeros are summed apart.
        magnitudes = np.einsum("mbk,nbk->mn", np.abs(data), (codes + np.abs(zero)) * np.abs(each))
        result = Bounded(sums, magnitudes * roundings(2 * depth + 8))
        return result + bias.array if bias else result
    case.output(y, compute, FLOAT)
