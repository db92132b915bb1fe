#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""DFT, STFT, window functions and MelWeightMatrix against numpy and the ONNX reference.

  signal_ops.py [NAME...]

Real and complex signals, both directions, one-sided spectra, every axis, cut and padded lengths; lengths
that are one matrix, are split, have a large prime factor; all of them static and dynamic."""
import itertools
import sys

import numpy as np
from onnx.reference import ReferenceEvaluator
from op_cases import OpCase, main, model

RNG = np.random.default_rng(11)
TYPES = {"float": np.float32, "double": np.float64, "float16": np.float16}


def signal(shape, parts, kind="float"):
    return RNG.standard_normal((*shape, parts)).astype(TYPES[kind])


def as_complex(x):
    return x[..., 0] + (1j * x[..., 1] if x.shape[-1] == 2 else 0)


def as_parts(x):
    return np.stack([x.real, x.imag], -1)


def transform(axis, inverse, onesided, length=None):
    """numpy's, of the operand x."""
    def run(feeds):
        x = feeds["x"]
        n = int(feeds["n"]) if "n" in feeds else length
        at = int(feeds["a"]) if "a" in feeds else axis
        at = at if at >= 0 else at + x.ndim
        z = as_complex(x.astype(np.float64))
        if inverse and onesided:
            y = np.fft.irfft(z, n, at)[..., None]
        elif onesided:
            y = as_parts(np.fft.rfft(z.real, n, at))
        else:
            y = as_parts((np.fft.ifft if inverse else np.fft.fft)(z, n, at))
        return [y.astype(x.dtype)]
    return run


def dft_model(rank, sizes, parts, attributes="", length="", axis="", kind="float", opset=20):
    """`sizes` are those of the signal, or None: dynamic; length and axis are a number or the name of an input."""
    shape = ", ".join([*(str(s) for s in sizes), str(parts)] if sizes else [*(f"S{i}" for i in range(rank)), "P"])
    given, constants, operands = f"{kind}[{shape}] x", [], ["x"]
    for name, what in (("n", length), ("a", axis)):
        if what == name:
            given += f", int64 {name}"
        elif what != "":
            constants.append(f"int64 {name} = {{{what}}}")
        operands.append(name if what != "" else '""')
    while operands[-1] == '""':
        operands.pop()
    extra = f"<{', '.join(constants)}>" if constants else ""
    results = ", ".join(f"R{i}" for i in range(rank + 1))
    attributes = attributes and f"<{attributes}>"
    return model(f"dft ({given}) => ({kind}[{results}] y) {extra} {{ y = DFT {attributes} ({', '.join(operands)}) }}", opset)


FORMS = {"real": (1, 0, 0), "complex": (2, 0, 0), "half": (1, 0, 1), "inverse": (2, 1, 0), "inverse of real": (1, 1, 0),
         "inverse half": (2, 1, 1)}


def lengths():
    """One matrix; split once, twice; large primes, alone and as a factor."""
    some, all_forms = ("half", "inverse", "inverse half"), ("complex", "half", "inverse", "inverse half")
    chosen = {1: some, 2: some, 3: some, 16: some, 400: some, 1009: some, 2018: some, 1500: all_forms, 2048: all_forms, 5003: all_forms}
    for n, name in ((n, name) for n, names in chosen.items() for name in names):
        parts, inverse, onesided = FORMS[name]
        sizes = (3, n // 2 + 1) if name == "inverse half" else (3, n)
        length = n if name == "inverse half" else ""
        yield OpCase(f"dft of {n} {name}", dft_model(2, sizes, parts, f"inverse = {inverse}, onesided = {onesided}", length),
                     [{"x": signal(sizes, parts)}], transform(1, inverse, onesided, length or None), 1e-4, 1.2e-5 * np.sqrt(n))


def forms():
    for (name, (parts, inverse, onesided)), kind in itertools.product(FORMS.items(), ("float", "double", "float16")):
        attributes = f"inverse = {inverse}, onesided = {onesided}"
        tolerance = {"float": 1e-5, "double": 1e-12, "float16": 2e-2}[kind]
        for axis, length in ((0, 3), (1, 8), (-2, "")) if kind == "float" else ((1, ""),):
            oracle = transform(axis, inverse, onesided, length or None)
            yield OpCase(f"dft {name} {kind} axis {axis} length {length}", dft_model(3, (4, 5, 6), parts, attributes, length, axis, kind),
                         [{"x": signal((4, 5, 6), parts, kind)}], oracle, tolerance, tolerance * 5)
    for name, (parts, inverse, onesided) in FORMS.items():
        feeds = [{"x": signal(shape, parts)} for shape in ((4, 5, 6), (1, 2, 30), (2, 40, 3))]
        yield OpCase(f"dft {name} dynamic", dft_model(3, None, parts, f"inverse = {inverse}, onesided = {onesided}"), feeds,
                     transform(-2, inverse, onesided), 1e-5, 2e-4)


def operands():
    """Length and axis that only the run knows."""
    for name, (parts, inverse, onesided) in FORMS.items():
        attributes = f"inverse = {inverse}, onesided = {onesided}"
        feeds = [{"x": signal((4, 5, 6), parts), "n": np.int64(n), "a": np.int64(a)} for n in (2, 5, 9) for a in (0, 1, 2, -2, -4)]
        for sizes in (None, (4, 5, 6)):
            yield OpCase(f"dft {name} operands, sizes {sizes}", dft_model(3, sizes, parts, attributes, "n", "a"), feeds,
                         transform(0, inverse, onesided), 1e-4, 1e-4)
    for opset in (17, 19):
        yield OpCase(f"dft opset {opset}", model("g (float[A, B, C, 1] x) => (float[D, E, F, 2] y) { y = DFT <axis = 2, onesided = 1> (x) }", opset),
                     [{"x": signal((2, 3, 7), 1)}], transform(2, 0, 1), 1e-4, 1e-4)
        yield OpCase(f"dft opset {opset} default axis", model("g (float[A, B, C, 2] x) => (float[D, E, F, 2] y) { y = DFT(x) }", opset),
                     [{"x": signal((2, 3, 7), 2)}], transform(1, 0, 0), 1e-4, 1e-4)


def stft_oracle(step, length, onesided):
    def run(feeds):
        x, window = feeds["x"], feeds.get("w")
        s = int(feeds.get("s", step))
        n = length or len(window)
        z = as_complex(x.astype(np.float64))
        frames = np.stack([z[:, i * s:i * s + n] for i in range((z.shape[1] - n) // s + 1)], 1)
        frames = frames * (window if window is not None else 1)
        y = np.fft.rfft(frames.real) if onesided else np.fft.fft(frames)
        return [as_parts(y).astype(x.dtype)]
    return run


def short_time():
    for (parts, onesided), (windowed, length), sizes in itertools.product(((1, 1), (1, 0), (2, 0)), ((True, ""), (False, 400), (True, 16)), ((2, 1000), None)):
        n = length or 64
        shape = f"{sizes[0]}, {sizes[1]}, {parts}" if sizes else f"B, N, {'P' if parts == 2 else 1}"
        window = f", float[{n}] w" if windowed else ""
        operands = 'x, s' + (", w" if windowed else ', ""' if length else "") + (", n" if length else "")
        constants = "<int64 s = {10}" + (f", int64 n = {{{length}}}" if length else "") + ">"
        proto = model(f"g (float[{shape}] x{window}) => (float[C, F, K, 2] y) {constants} {{ y = STFT <onesided = {onesided}> ({operands}) }}")
        feeds = {"x": signal((2, 1000), parts)}
        if windowed:
            feeds["w"] = np.hanning(n).astype(np.float32)
        yield OpCase(f"stft parts {parts} onesided {onesided} window {windowed} length {length} sizes {sizes}", proto, [feeds],
                     stft_oracle(10, length, onesided), 1e-4, 2e-4)
    yield OpCase("stft all operands", model("""g (float[B, N, 1] x, int64 s, float[W] w, int64 n) => (float[C, F, K, 2] y) {
      y = STFT <onesided = 1> (x, s, w, n) }"""), [{"x": signal((2, 300), 1), "s": np.int64(s), "w": np.hamming(n).astype(np.float32),
                                                      "n": np.int64(n)} for s, n in ((7, 20), (1, 33), (300, 300))], all_operands, 1e-4, 1e-4)


def all_operands(feeds):
    return stft_oracle(int(feeds["s"]), int(feeds["n"]), 1)({"x": feeds["x"], "w": feeds["w"]})


def reference(proto):
    evaluator = ReferenceEvaluator(proto)
    return lambda feeds: evaluator.run(None, feeds)


def others():
    for op, periodic in itertools.product(("HannWindow", "HammingWindow", "BlackmanWindow"), (0, 1)):
        proto = model(f"g (int64 n) => (float[N] y) {{ y = {op} <periodic = {periodic}> (n) }}")
        yield OpCase(f"{op} {periodic}", proto, [{"n": np.int64(n)} for n in (2, 5, 400)], reference(proto), 1e-5, 1e-6)
    for kind, dtype in (("float", 1), ("double", 11)):
        for declared, constants in (("int64 a, int64 b, int64 c, float d, float e", ""),
                                    ("", "<int64 a = {80}, int64 b = {400}, int64 c = {16000}, float d = {0.0}, float e = {8000.0}>")):
            proto = model(f"g ({declared}) => ({kind}[I, J] y) {constants} {{ y = MelWeightMatrix <output_datatype = {dtype}> (a, b, c, d, e) }}")
            given = [(8, 16, 8192, 0, 4096), (80, 400, 16000, 0, 8000), (40, 512, 22050, 20, 7600)]
            feeds = [dict(zip("abcde", (*(np.int64(v) for v in g[:3]), np.float32(g[3]), np.float32(g[4])))) for g in given]
            yield OpCase(f"mel {kind} {'operands' if declared else 'constants'}", proto, feeds if declared else [{}], reference(proto), 1e-5, 1e-6)


def refusals():
    yield OpCase("refuses a short signal", model("g (float[B, N, 1] x) => (float[C, F, K, 2] y) <int64 s = {10}, int64 n = {64}> { y = STFT(x, s, \"\", n) }"),
                 [{"x": signal((1, 63), 1)}], refused="the signal is shorter than a frame")
    yield OpCase("refuses a step of 0", model("g (float[B, N, 1] x, int64 s) => (float[C, F, K, 2] y) <int64 n = {64}> { y = STFT(x, s, \"\", n) }"),
                 [{"x": signal((1, 99), 1), "s": np.int64(0)}], refused="frame_step must be at least 1")
    yield OpCase("refuses a length of 0", dft_model(2, (3, 5), 1, length="n"), [{"x": signal((3, 5), 1), "n": np.int64(0)}],
                 refused="dft_length must be at least 1")
    yield OpCase("refuses an axis", dft_model(2, (3, 5), 1, axis="a"), [{"x": signal((3, 5), 1), "a": np.int64(a)} for a in (2, -1, -9)],
                 refused="its axis is none of the signal's")
    yield OpCase("refuses a known axis", dft_model(2, None, 1, axis=2), [], refused="axis attribute value 2 is invalid")
    yield OpCase("refuses three parts", dft_model(2, None, 1), [{"x": signal((3, 5), 3)}], refused="must have the size 1 or 2")
    yield OpCase("refuses half of complex", dft_model(2, None, 1, "onesided = 1"), [{"x": signal((3, 5), 2)}], refused="must be 1, it is 2")


def cases():
    for part in (lengths, forms, operands, short_time, others, refusals):
        yield from part()


if __name__ == "__main__":
    sys.exit(main("signal", cases(), __doc__))
