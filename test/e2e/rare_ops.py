#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators that few models have, against ONNX Runtime or the ONNX reference: BatchNormalization when
training, DeformConv, MaxUnpool, Col2Im, Det, BitCast, TfIdfVectorizer, sequences, steps of optimizers.

  rare_ops.py [NAME...]"""
import itertools
import sys

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator
from op_cases import OpCase, main, model

RNG = np.random.default_rng(5)


def numbers(*shape, dtype=np.float32):
    return RNG.standard_normal(shape).astype(dtype)


def reference(proto):
    evaluator = ReferenceEvaluator(proto)
    return lambda feeds: evaluator.run(None, feeds)


def against_reference(name, proto, feeds, rtol=1e-5, atol=1e-5):
    return OpCase(name, proto, feeds, reference(proto), rtol, atol)


def batch_norm():
    def feeds(shape, dtype=np.float32):
        c = shape[1]
        return {"x": numbers(*shape, dtype=dtype) * 3 + 2, "s": numbers(c, dtype=dtype), "b": numbers(c, dtype=dtype),
                "m": numbers(c, dtype=dtype), "v": np.abs(numbers(c, dtype=dtype))}

    for kind, dtype, tolerance in (("float", np.float32, 1e-4), ("double", np.float64, 1e-9)):
        for dims in ("N, C, H, W", "N, 3, H, W", "N, C", "N, C, L", "2, 3, 4, 5", "N, C, D, H, W"):
            proto = model(f"""g ({kind}[{dims}] x, {kind}[C] s, {kind}[C] b, {kind}[C] m, {kind}[C] v) => ({kind}[{dims}] y, {kind}[E] rm, {kind}[E] rv) {{
              y, rm, rv = BatchNormalization <training_mode = 1, momentum = 0.7> (x, s, b, m, v) }}""".replace("[C]", "[3]"))
            rank = dims.count(",") + 1
            shapes = [(2, 3, 4, 5, 6)[:rank]] if dims[0] == "2" else [(2, 3, 4, 5, 6)[:rank], (5, 3, 1, 2, 3)[:rank], (1, 3, 7, 7, 2)[:rank]]
            yield against_reference(f"batch norm {kind} {dims}", proto, [feeds(s, dtype) for s in shapes if len(s) > 1], tolerance, tolerance)
    yield against_reference("batch norm of constants", model("""g (float[8] m, float[8] v) => (float[1, 8, 9] y) {
      x = Constant <value = float[1, 8, 9] {%s}> ()
      s = Constant <value = float[8] {1, 2, 3, 4, 5, 6, 7, 8}> ()
      b = Constant <value = float[8] {1, 2, 3, 4, 5, 6, 7, 8}> ()
      y, rm, rv = BatchNormalization <training_mode = 1, epsilon = 1e-3> (x, s, b, m, v) }""" % ", ".join(f"{x:.4f}" for x in numbers(72))),
                            [{"m": numbers(8), "v": np.abs(numbers(8))}], 1e-4, 1e-4)


def deform_conv():
    for (group, offsets), pads, (stride, dilation) in itertools.product(((1, 1), (2, 2)), ("0, 0, 0, 0", "1, 0, 1, 2"), ((1, 1), (2, 2))):
        c, m, kh, kw, h, w = 4, 6, 3, 2, 9, 8
        top, left, bottom, right = map(int, pads.split(","))
        oh = (h + top + bottom - dilation * (kh - 1) - 1) // stride + 1
        ow = (w + left + right - dilation * (kw - 1) - 1) // stride + 1
        attributes = f"group = {group}, offset_group = {offsets}, pads = [{pads}], strides = [{stride}, {stride}], dilations = [{dilation}, {dilation}]"
        feeds = {"x": numbers(2, c, h, w), "w": numbers(m, c // group, kh, kw), "o": 2 * numbers(2, offsets * kh * kw * 2, oh, ow),
                 "b": numbers(m), "k": numbers(2, offsets * kh * kw, oh, ow)}
        for static in (False, True):
            shape = lambda name, spare: ", ".join(map(str, feeds[name].shape)) if static else spare
            proto = model(f"""g (float[{shape('x', 'N, C, H, W')}] x, float[{shape('w', f'M, D, {kh}, {kw}')}] w, float[{shape('o', 'N, O, I, J')}] o,
              float[M] b, float[{shape('k', 'N, K, I, J')}] k) => (float[P, Q, R, S] y) {{
              y = DeformConv <{attributes}> (x, w, o, b, k) }}""")
            yield against_reference(f"deform conv groups {group} {offsets} pads {pads} stride {stride} static {static}", proto, [feeds], 1e-4, 1e-4)
    proto = model("g (float[N, 4, H, W] x, float[2, 4, 3, 3] w, float[N, 18, I, J] o) => (float[N, 2, I, J] y) { y = DeformConv(x, w, o) }")
    yield against_reference("deform conv without bias and mask", proto, [{"x": numbers(1, 4, 5, 6), "w": numbers(2, 4, 3, 3), "o": numbers(1, 18, 3, 4)}], 1e-4, 1e-4)
    yield OpCase("deform conv refuses other offsets", proto.FromString(model("""g (float[N, 4, H, W] x, float[2, 4, 3, 3] w, float[N, O, I, J] o) => (float[N, 2, I, J] y) {
      y = DeformConv(x, w, o) }""").SerializeToString()), [{"x": numbers(1, 4, 5, 6), "w": numbers(2, 4, 3, 3), "o": numbers(1, 16, 3, 4)}],
                 refused="size 1 of the offsets must be 18, it is 16")


def unpool():
    for dims in ("2, 3, 6, 8", "N, C, H, W"):
        proto = model(f"""g (float[{dims}] x) => (float[A, B, D, E] y) {{
          p, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
          y = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (p, i) }}""")
        yield OpCase(f"unpool {dims}", proto, [{"x": numbers(2, 3, 6, 8)}])
    proto = model("""g (float[N, C, H, W] x, int64[N, C, H, W] i, int64[4] s) => (float[A, B, D, E] y) {
      y = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (x, i, s) }""")
    indices = np.array([[[[5, 7], [13, 15]]]])
    yield against_reference("unpool to a shape", proto, [{"x": numbers(1, 1, 2, 2), "i": indices, "s": np.array([1, 1, 5, 6])}])
    yield OpCase("unpool refuses an index", proto, [{"x": numbers(1, 1, 2, 2), "i": indices + 9, "s": np.array([1, 1, 5, 6])}], refused="out of range")


def col2im():
    for attributes, image, block in (("", (5, 5), (1, 5)), ("strides = [2, 2]", (5, 5), (3, 3)), ("pads = [0, 1, 0, 1]", (5, 5), (1, 5)),
                                     ("dilations = [1, 5]", (6, 6), (2, 2)), ("strides = [2, 1], pads = [1, 0, 2, 1]", (7, 6), (3, 2)),
                                     ("", (4, 3, 5), (2, 1, 3))):
        rank = len(image)
        text = "{" + attributes + "}"
        values = dict(part.split(" = ") for part in attributes.split("], ") if part)
        ints = lambda name, count, fallback: eval(values[name].rstrip("]") + "]") if name in values else [fallback] * count
        strides, pads, dilations = ints("strides", rank, 1), ints("pads", 2 * rank, 0), ints("dilations", rank, 1)
        counts = [(image[i] + pads[i] + pads[rank + i] - dilations[i] * (block[i] - 1) - 1) // strides[i] + 1 for i in range(rank)]
        x = numbers(2, 3 * int(np.prod(block)), int(np.prod(counts)))
        listed = lambda values: ", ".join(map(str, values))
        spatial = ", ".join("ABCD"[i] for i in range(rank))
        for dynamic in (False, True):
            given = f", int64[{rank}] i, int64[{rank}] b" if dynamic else ""
            constants = "" if dynamic else f"<int64[{rank}] i = {{{listed(image)}}}, int64[{rank}] b = {{{listed(block)}}}>"
            proto = model(f"g (float[{'N, K, L' if dynamic else listed(x.shape)}] x{given}) => (float[N, C, {spatial}] y) {constants} {{ y = Col2Im {attributes and f'<{attributes}>'} (x, i, b) }}".replace("[N, C, ", "[P, Q, "))
            feeds = {"x": x, **({"i": np.array(image), "b": np.array(block)} if dynamic else {})}
            yield against_reference(f"col2im {image} {block} {text} dynamic {dynamic}", proto, [feeds], 1e-5, 1e-5)


def det():
    matrices = [numbers(3, n, n) for n in (1, 2, 5, 9)] + [np.zeros((2, 4, 4), np.float32), np.array([[[0, 1], [1, 0]]], np.float32)]
    yield OpCase("det dynamic", model("g (float[B, N, N] x) => (float[B] y) { y = Det(x) }"), [{"x": m} for m in matrices], rtol=1e-4, atol=1e-4)
    yield OpCase("det of one", model("g (float[4, 4] x) => (float y) { y = Det(x) }"), [{"x": numbers(4, 4)}], rtol=1e-4, atol=1e-4)
    yield OpCase("det refuses", model("g (float[B, N, M] x) => (float[B] y) { y = Det(x) }"), [{"x": numbers(1, 3, 4)}], refused="they are 3 and 4")


def bit_cast():
    kinds = {"float": np.float32, "int32": np.int32, "uint32": np.uint32, "double": np.float64, "int64": np.int64, "uint64": np.uint64,
             "float16": np.float16, "int16": np.int16, "uint16": np.uint16, "int8": np.int8, "uint8": np.uint8}
    for one, other in (("float", "int32"), ("uint32", "float"), ("double", "uint64"), ("int64", "double"), ("float16", "uint16"),
                       ("int16", "float16"), ("int8", "uint8"), ("uint32", "int32")):
        a, b = kinds[one], kinds[other]
        x = (numbers(3, 17) * 50).astype(np.float64 if np.dtype(a).kind == "f" else np.int64).astype(a)
        number = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(b))
        yield OpCase(f"bit cast {one} to {other}", model(f"g ({one}[A, B] x) => ({other}[A, B] y) {{ y = BitCast <to = {number}> (x) }}", 26, 13),
                     [{"x": x}], lambda feeds, b=b: [feeds["x"].view(b)])


def tfidf():
    pool = "ngram_counts = [0, 4], ngram_indexes = [0, 1, 2, 3, 4, 5, 6], pool_int64s = [2, 3, 5, 4, 5, 6, 7, 8, 6, 7]"
    weights = "weights = [1.5, 2.0, 0.5, 1.0, 3.0, 0.25, 4.0]"
    for mode, low, skips, dims in itertools.product(("TF", "IDF", "TFIDF"), (1, 2), (0, 5), ("N, C", "C")):
        proto = model(f"g (int64[{dims}] x) => (float[{dims.replace('C', 'D')}] y) {{ y = TfIdfVectorizer <max_gram_length = 2, min_gram_length = {low}, "
                      f"max_skip_count = {skips}, mode = \"{mode}\", {pool}, {weights}> (x) }}")
        shape = (3, 12) if "N" in dims else (12,)
        yield OpCase(f"tfidf {mode} from {low} skips {skips} {dims}", proto, [{"x": RNG.integers(2, 9, shape)}])


def sequences():
    yield OpCase("sequence of parts", model("""g (float[N, 6] x) => (float[N, 2] y, float[N, 6] z, int64 n) <int64[3] sizes = {1, 2, 3}, int64 at = {-2}> {
      s = SplitToSequence <axis = 1> (x, sizes)
      y = SequenceAt(s, at)
      z = ConcatFromSequence <axis = -1> (s)
      n = SequenceLength(s) }"""), [{"x": numbers(n, 6)} for n in (1, 5)])
    yield OpCase("sequence with a last part", model("""g (float[N, 7] x) => (float[N, 1] y, int64 n) <int64 size = {3}, int64 at = {2}> {
      s = SplitToSequence <axis = 1> (x, size)
      y = SequenceAt(s, at)
      n = SequenceLength(s) }"""), [{"x": numbers(2, 7)}])
    yield OpCase("sequence stacked", model("""g (float[3, N] x) => (float[N, 3] y) {
      s = SplitToSequence <keepdims = 0> (x)
      y = ConcatFromSequence <axis = -1, new_axis = 1> (s) }"""), [{"x": numbers(3, 4)}])
    runtime = model("""g (float[N] a, float[N] b, int64 p, int64 q) => (float[N] y, float[N] z) {
      s = SequenceConstruct(a, b, a)
      t = SequenceInsert(s, b, p)
      u = SequenceErase(t, q)
      y = SequenceAt(t, q)
      z = SequenceAt(u, p) }""")
    a, b = numbers(4), numbers(4)
    yield OpCase("sequence positions of the run", runtime, [{"a": a, "b": b, "p": np.int64(p), "q": np.int64(q)}
                                                            for p, q in itertools.product((0, 1, 2, -1, -3), (0, 3, -1, -4))])
    yield OpCase("sequence refuses a position", runtime, [{"a": a, "b": b, "p": np.int64(0), "q": np.int64(q)} for q in (4, -5)], refused="its position is none of 4")


def optimizers():
    def proto(op, states, attributes, count):
        names = [f"{kind}{i}" for kind in ("x", "g", *"vh"[:states]) for i in range(count)]
        results = [f"{kind}{i}" for kind in ("y", *"wk"[:states]) for i in range(count)]
        text = f"o (float r, int64 t, {', '.join(f'float[N] {n}' for n in names)}) => ({', '.join(f'float[N] {n}' for n in results)}) {{ " \
               f"{', '.join(results)} = ai.onnx.preview.training.{op} <{attributes}> (r, t, {', '.join(names)}) }}"
        return names, onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 21, "ai.onnx.preview.training" : 1]>\n{text}')

    for (op, states, attributes), count in itertools.product((
            ("Adagrad", 1, "norm_coefficient = 0.01, epsilon = 1e-4, decay_factor = 0.1"),
            ("Momentum", 1, 'norm_coefficient = 0.01, alpha = 0.9, beta = 0.5, mode = "standard"'),
            ("Momentum", 1, 'norm_coefficient = 0.01, alpha = 0.9, beta = 0.5, mode = "nesterov"'),
            ("Adam", 2, "norm_coefficient = 0.01, norm_coefficient_post = 0.1, alpha = 0.9, beta = 0.8, epsilon = 1e-4")), (1, 2)):
        names, made = proto(op, states, attributes, count)
        feeds = [{"r": np.float32(0.1), "t": np.int64(t), **{n: np.abs(numbers(5)) for n in names}} for t in (0, 1, 7)]
        run = reference(made)   # in f64 where a scalar of numpy is
        yield OpCase(f"{op} {attributes[-20:]} of {count}", made, feeds, lambda feeds, run=run: [y.astype(np.float32) for y in run(feeds)], 1e-4, 1e-5)


def open_filters():
    """Filters and weights whose sizes only the run knows."""
    numbers = np.random.default_rng(7)
    array = lambda *shape: numbers.standard_normal(shape).astype(np.float32)
    sides = ("N, C, L", "N, C, H, W", "N, C, D, H, W"), ("O, G, l", "O, G, h, w", "O, G, d, h, w")

    def conv(rank, attributes, shapes, op="Conv", refused=""):
        text = f"""g (float[{sides[0][rank - 1]}] x, float[{sides[1][rank - 1]}] w, float[B] b) => (float[{', '.join('z' * i for i in range(1, rank + 3))}] y)
                   {{ y = {op}{f"<{attributes}>" if attributes else ""}(x, w, b) }}"""
        made = lambda w: w[0] if op == "Conv" else w[1] * (2 if "group = 2" in attributes else 1)
        return OpCase(f"open {op} {rank} {attributes} {refused}", model(text), [{"x": array(*x), "w": array(*w), "b": array(made(w))} for x, w in shapes],
                      atol=1e-4, refused=refused)

    yield conv(1, "", [((2, 3, 9), (4, 3, 3)), ((1, 1, 5), (2, 1, 5))])
    yield conv(2, "pads = [1, 0, 2, 1], strides = [2, 1], dilations = [1, 2]", [((2, 3, 7, 8), (4, 3, 3, 2)), ((1, 2, 4, 5), (1, 2, 1, 3))])
    yield conv(2, "group = 2, auto_pad = \"SAME_LOWER\", strides = [2, 3]", [((2, 4, 7, 8), (6, 2, 3, 2)), ((1, 2, 5, 9), (2, 1, 4, 5))])
    yield conv(2, "auto_pad = \"SAME_UPPER\", kernel_shape = [3, 2]", [((1, 2, 7, 8), (3, 2, 3, 2))])
    yield conv(3, "pads = [1, 1, 1, 1, 1, 1]", [((1, 2, 4, 3, 5), (3, 2, 3, 2, 2))])
    yield conv(2, "", [((1, 2, 2, 5), (1, 2, 3, 3))], refused="spatial dimension 0 of the padded input has 2 elements, the filter spans 3")
    yield conv(2, "kernel_shape = [3, 3]", [((1, 2, 5, 5), (1, 2, 2, 3))], refused="size 2 of the filter must be 3, it is 2")
    yield conv(1, "", [((1, 2, 5), (1, 3, 3))], refused="the input has 2 channels, the filter is for 3")
    yield conv(1, "", [((2, 4, 9), (4, 3, 3))], "ConvTranspose")
    yield conv(2, "pads = [1, 0, 2, 1], strides = [2, 3], dilations = [1, 2], output_padding = [1, 0]", [((2, 4, 7, 8), (4, 3, 3, 2))], "ConvTranspose")
    yield conv(2, "group = 2, auto_pad = \"SAME_UPPER\", strides = [2, 1]", [((2, 4, 3, 8), (4, 3, 3, 3))], "ConvTranspose")
    yield conv(2, "strides = [3, 2], output_shape = [9, 12]", [((1, 2, 3, 5), (2, 2, 3, 4))], "ConvTranspose")
    yield conv(3, "strides = [2, 2, 2]", [((1, 2, 2, 3, 2), (2, 1, 3, 2, 1))], "ConvTranspose")

    def causal(feeds):
        x, w, b, s = (feeds[name].astype(np.float64) for name in "xwbs")
        whole = np.concatenate([s, x], axis=2)
        y = sum(whole[:, :, t:t + x.shape[2]] * w[None, :, 0, t, None] for t in range(w.shape[2])) + b[None, :, None]
        return (y / (1 + np.exp(-y))).astype(np.float32), whole[:, :, whole.shape[2] - s.shape[2]:].astype(np.float32)

    text = """g (float[N, C, L] x, float[%s] w, float[%s] b, float[N, %s, K] s) => (float[N, D, L] y, float[N, D, M] z)
              { y, z = CausalConvWithState<activation = "silu">(x, w, b, s) }"""
    shapes = [((2, 3, 5), (3, 1, 4)), ((1, 3, 1), (3, 1, 4))]
    for sizes in ("C, 1, T", "C", "C"), ("3, 1, 4", "3", "3"):
        yield OpCase(f"causal convolution {sizes}", model(text % sizes, opset=27, ir=13),
                     [{"x": array(*x), "w": array(*w), "b": array(w[0]), "s": array(x[0], x[1], w[2] - 1)} for x, w in shapes], causal)
    yield OpCase("causal convolution refuses a state", model(text % ("C, 1, T", "C", "C"), opset=27, ir=13),
                 [{"x": array(1, 3, 2), "w": array(3, 1, 4), "b": array(3), "s": array(1, 3, 2)}], causal, refused="can not be reshaped")

    lstm = model("""g (float[S, B, I] x, float[D, A, I] w, float[D, A, H] r, float[D, E] b) => (float[S, D, B, H] y, float[D, B, H] h)
                    { y, h = LSTM<hidden_size = 4, direction = "bidirectional">(x, w, r, b) }""")
    weights = lambda hidden, inputs: {"w": array(2, 4 * hidden, inputs), "r": array(2, 4 * hidden, hidden), "b": array(2, 8 * hidden)}
    yield OpCase("open LSTM", lstm, [{"x": array(5, 2, inputs), **weights(4, inputs)} for inputs in (3, 8)])
    yield OpCase("open LSTM refuses weights", lstm, [{"x": array(5, 2, 3), **weights(5, 3)}], refused="can not be reshaped")


def checks():
    """Sizes are checked before an operand's producer writes into the result: beyond its end if they differ."""
    joined = model("""g (float[N, C] x, float[M, D] y) => (float[K, E] z, float[M, D] s)
                      { s = Softmax(y) t = Exp(s) z = Concat<axis = 0>(x, t) }""")
    x, wide = np.ones((4, 1), np.float32), np.ones((4, 3000000), np.float32)
    yield OpCase("checks come first", joined, [{"x": x, "y": np.ones((3, 1), np.float32)}])
    yield OpCase("checks come first: refused", joined, [{"x": x, "y": wide}], refused="of concatenated inputs differ")


def cases():
    for part in (open_filters, checks, batch_norm, deform_conv, unpool, col2im, det, bit_cast, tfidf, sequences, optimizers):
        yield from part()


if __name__ == "__main__":
    sys.exit(main("rare", cases(), __doc__))
