# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The models of contrib.py: operators of com.microsoft as ONNX text, with the inputs they run with;
plain models that ONNX Runtime optimizes; and what has to be refused, with words of the message."""
from dataclasses import dataclass, field
from typing import Callable, Optional

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HEADER = '<ir_version: 8, opset_import: ["": {opset}, "com.microsoft": 1, "com.microsoft.nchwc": 1, "ai.onnx.ml": 3]>\n'


@dataclass
class Case:
    name: str
    graph: str                                # inputs, outputs, nodes
    feeds: list = field(default_factory=list)
    formula: Optional[Callable] = None        # instead of ONNX Runtime
    opset: int = 16
    texts: tuple = ()                         # of the message, for what is refused
    weights: dict = field(default_factory=dict)
    tolerance: Optional[float] = None         # where ONNX Runtime rounds more

    def model(self):
        model = onnx.parser.parse_model(HEADER.format(opset=self.opset) + f"{self.name} {self.graph}")
        for name, array in self.weights.items():
            is_tensor = isinstance(array, TensorProto)
            model.graph.initializer.append(array if is_tensor else numpy_helper.from_array(array, name))
        if self.opset >= 21:   # for types of fewer than 8 bits
            model.ir_version = 10
        return model


@dataclass
class Plain:
    name: str
    build: Callable
    fused: set                                # operators ONNX Runtime has to write
    feeds: list

    def model(self):
        return self.build()


def numbers(*shape, seed=3, dtype=np.float32, scale=1.0):
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(dtype)


def ints(*values):
    return np.asarray(values, np.int32)


CASES, REFUSED = [], []


def case(*args, **kwargs):
    CASES.append(Case(*args, **kwargs))
    CASES[-1].feeds = [{name: np.asarray(value) for name, value in feeds.items()} for feeds in CASES[-1].feeds]


def refused(name, graph, *texts, **kwargs):
    REFUSED.append(Case(name, graph, texts=texts, **kwargs))


# Of quantized models: scales and zero points are operands.

def bytes_of(dtype, *shape, seed=3):
    info = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(info.min, info.max + 1, shape).astype(dtype)


def real(value):
    return np.float32(value)


for kind, dtype, za, zb, zc in (("uint8", np.uint8, 3, 200, 128), ("int8", np.int8, -5, 7, 0)):
    scales = {"s": real(0.02), "za": dtype(za), "t": real(0.03), "zb": dtype(zb), "u": real(0.05), "zc": dtype(zc)}
    for op, result in (("Add", real(0.05)), ("Mul", real(0.08))):
        case(f"qlinear_{op.lower()}_{kind}", f"""({kind}[N, C, H] a, float s, {kind} za, {kind}[C, 1] b, float t, {kind} zb, float u, {kind} zc) => ({kind}[N, C, H] y) {{
  y = com.microsoft.QLinear{op}(a, s, za, b, t, zb, u, zc)
}}""", [scales | {"a": bytes_of(dtype, 2, 5, 7), "b": bytes_of(dtype, 5, 1, seed=4), "u": result}])
    one = {"x": bytes_of(dtype, 2, 6, 8, 8), "s": real(0.04), "z": dtype(za), "t": real(0.01), "w": dtype(zc)}
    for op, attributes in (("Sigmoid", ""), ("LeakyRelu", "<alpha = 0.2>"), ("GlobalAveragePool", "<channels_last = 0>"),
                           ("GlobalAveragePool", "<channels_last = 1>"), ("AveragePool", "<kernel_shape = [3, 2], strides = [2, 1], pads = [1, 0, 1, 0]>"),
                           ("Softmax", "<axis = -1, opset = 13>")):
        t = {"Sigmoid": 1 / 256, "Softmax": 1 / 256}.get(op, 0.03)
        case(f"qlinear_{op.lower()}_{kind}{'_last' if 'last = 1' in attributes else ''}",
             f"""({kind}[N, C, H, W] x, float s, {kind} z, float t, {kind} w) => ({kind}[A, B, D, E] y) {{
  y = com.microsoft.QLinear{op} {attributes} (x, s, z, t, w)
}}""", [one | {"t": real(t)}])
    case(f"qlinear_concat_{kind}", f"""(float t, {kind} w, {kind}[N, 2] a, float s, {kind} z, {kind}[N, 3] b) => ({kind}[N, 5] y) {{
  y = com.microsoft.QLinearConcat <axis = 1> (t, w, a, s, z, b, t, w)
}}""", [one | {"a": bytes_of(dtype, 4, 2), "b": bytes_of(dtype, 4, 3), "t": real(0.05)}])
for case_of in CASES:
    names = case_of.graph.split("=>")[0]
    case_of.feeds = [{k: v for k, v in feeds.items() if f" {k}," in names or f" {k})" in names} for feeds in case_of.feeds]

weight, scale, shift = bytes_of(np.int8, 8, 6, seed=4), np.linspace(0.01, 0.03, 6).astype(np.float32), numbers(6)
case("integer_to_float", """(uint8[M, 8] a, int8[8, 6] b, float s, float[6] t, uint8 z, float[6] c) => (float[M, 6] y) {
  y = com.microsoft.MatMulIntegerToFloat(a, b, s, t, z, , c)
}""", [{"a": bytes_of(np.uint8, 5, 8), "b": weight, "s": real(0.02), "t": scale, "z": np.uint8(120), "c": shift}])
case("dynamic_matmul", """(float[N, M, 8] a, int8[8, 6] b, float[6] t, float[6] c) => (float[N, M, 6] y) {
  y = com.microsoft.DynamicQuantizeMatMul(a, b, t, , c)
}""", [{"a": numbers(2, 5, 8), "b": weight, "t": scale, "c": shift}])
for name, ends in (("float", ""), ("integers", ", u, w")):
    result = "float" if name == "float" else "uint8"
    case(f"qgemm_{name}", f"""(uint8[M, 8] a, float s, uint8 z, int8[6, 8] b, float[6] t, int8[6] v, int32[6] c{'' if name == 'float' else ', float u, uint8 w'}) => ({result}[M, 6] y) {{
  y = com.microsoft.QGemm <transB = 1, alpha = 0.5> (a, s, z, b, t, v, c{ends})
}}""", [{"a": bytes_of(np.uint8, 5, 8), "s": real(0.02), "z": np.uint8(120), "b": weight.T.copy(), "t": scale, "v": np.zeros(6, np.int8),
         "c": np.arange(6, dtype=np.int32) * 100} | ({} if name == "float" else {"u": real(0.1), "w": np.uint8(90)})])

# Recurrence and attention of integers.

for direction, count in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
    for kind, each in ((np.int8, False), (np.uint8, False), (np.int8, True)):
        scales = [np.full((count, 64) if each else count, 0.01, np.float32) * np.float32(1 + i / 10) for i in range(2)]
        zeros = [np.full(s.shape, 0 if kind == np.int8 else 120, kind) for s in scales]
        case(f"lstm_{direction}_{kind.__name__}_{each}", f"""(float[S, N, 12] x, float[{count}, N, 16] h, float[{count}, N, 16] c) => (float[S, D, N, 16] y, float[D, N, 16] yh, float[D, N, 16] yc) {{
  y, yh, yc = com.microsoft.DynamicQuantizeLSTM <hidden_size = 16, direction = "{direction}"> (x, w, r, b, , h, c, , ws, wz, rs, rz)
}}""", [{"x": numbers(5, 2, 12), "h": numbers(count, 2, 16, seed=5, scale=0.3), "c": numbers(count, 2, 16, seed=6, scale=0.3)}],
             weights={"w": bytes_of(kind, count, 12, 64), "r": bytes_of(kind, count, 16, 64, seed=4), "b": numbers(count, 128, scale=0.1),
                      "ws": scales[0], "wz": zeros[0], "rs": scales[1], "rz": zeros[1]}, tolerance=2e-2)
for kind, masked, each in ((np.uint8, True, False), (np.int8, False, False), (np.uint8, False, True)):
    case(f"qattention_{kind.__name__}_{masked}_{each}", f"""(uint8[N, S, 16] x, int32[N] m) => (float[N, S, 24] y) {{
  y = com.microsoft.QAttention <num_heads = 3> (x, w, b, xs, ws, {"m" if masked else ""}, xz, wz)
}}""", [{"x": bytes_of(np.uint8, 2, 5, 16), "m": ints(5, 3)}],
         weights={"w": bytes_of(kind, 16, 72), "b": numbers(72), "xs": real(0.02), "xz": np.uint8(120),
                  "ws": np.linspace(0.004, 0.006, 72).astype(np.float32) if each else real(0.005),
                  "wz": np.full(72, 120, np.uint8) if each else kind(0 if kind == np.int8 else 120)})
case("qattention_past", """(uint8[N, S, 16] x, float[2, N, 3, P, 8] p) => (float[N, S, 24] y, float[2, N, 3, T, 8] q) {
  y, q = com.microsoft.QAttention <num_heads = 3, unidirectional = 1> (x, w, b, xs, ws, , xz, wz, p)
}""", [{"x": bytes_of(np.uint8, 2, 5, 16), "p": numbers(2, 2, 3, 4, 8)}],
     weights={"w": bytes_of(np.int8, 16, 72), "b": numbers(72), "xs": real(0.02), "xz": np.uint8(120), "ws": real(0.005), "wz": np.int8(0)})

# Weights of few bits, with a scale per block.

for bits, zeros in ((2, "codes"), (4, None), (4, "codes"), (4, "floats"), (8, "codes"), (8, None)):
    for level in (0, 4):
        stored = {"w": bytes_of(np.uint8, 24, 3, 4 * bits), "s": numbers(24, 3, scale=1 / (1 << bits))}
        if zeros:
            stored["z"] = bytes_of(np.uint8, 24, -(-3 * bits // 8), seed=5) if zeros == "codes" else np.abs(numbers(24, 3, seed=5))
        if zeros == "floats" and level == 4:
            continue   # ONNX Runtime does not round data then
        case(f"nbits_{bits}_{zeros}_{level}", f"""(float[N, M, 96] x) => (float[N, M, 24] y) {{
  y = com.microsoft.MatMulNBits <K = 96, N = 24, bits = {bits}, block_size = 32, accuracy_level = {level}> (x, w, s{", z" if zeros else ""})
}}""", [{"x": numbers(2, 5, 96)}, {"x": numbers(1, 1, 96)}], weights=stored)
case("nbits_half", """(float16[M, 64] x) => (float16[M, 24] y) {
  y = com.microsoft.MatMulNBits <K = 64, N = 24, bits = 4, block_size = 16> (x, w, s, , , b)
}""", [{"x": numbers(5, 64, dtype=np.float16)}],
     weights={"w": bytes_of(np.uint8, 24, 4, 8), "s": numbers(24, 4, scale=0.1, dtype=np.float16), "b": numbers(24, dtype=np.float16)})
order = np.random.default_rng(1).permutation(np.repeat(np.arange(3, dtype=np.int32), 32))
nibbles, scales = bytes_of(np.uint8, 24, 3, 16), numbers(24, 3, scale=0.1)


def ungrouped(feeds):
    """By the definition: scale and zero of column k are those of g_idx[k]."""
    codes = np.stack([nibbles & 15, nibbles >> 4], -1).reshape(24, 96)
    return {"y": feeds["x"] @ ((codes.astype(np.float32) - 8) * scales[:, order]).T}


case("nbits_order", """(float[M, 96] x) => (float[M, 24] y) {
  y = com.microsoft.MatMulNBits <K = 96, N = 24, bits = 4, block_size = 32> (x, w, s, , g)
}""", [{"x": numbers(5, 96)}], formula=ungrouped, weights={"w": nibbles, "s": scales, "g": order})
case("nbits_rest", """(float[M, 70] x) => (float[M, 24] y) {
  y = com.microsoft.MatMulNBits <K = 70, N = 24, bits = 4, block_size = 32> (x, w, s)
}""", [{"x": numbers(5, 70)}], weights={"w": nibbles, "s": scales})
for bits, zeros in ((4, False), (4, True), (8, True)):
    case(f"gather_blocks_{bits}_{zeros}", f"""(int64[N, M] i) => (float[N, M, 64] y) {{
  y = com.microsoft.GatherBlockQuantized <bits = {bits}, block_size = 32> (w, i, s{", z" if zeros else ""})
}}""", [{"i": np.array([[0, 29, 5], [-1, 7, 7]], np.int64)}],
         weights={"w": bytes_of(np.uint8, 30, 8 * bits), "s": numbers(30, 2)} | ({"z": bytes_of(np.uint8, 30, bits // 4)} if zeros else {}))
for kind, axis in ((TensorProto.INT4, 0), (TensorProto.UINT4, 1), (TensorProto.INT8, 0)):
    shape, blocked = (64, 24), ((2, 24) if axis == 0 else (64, 2))
    block = 32 if axis == 0 else 12
    least, count = {TensorProto.INT4: (-8, 16), TensorProto.UINT4: (0, 16), TensorProto.INT8: (-128, 256)}[kind]
    values, middles = (np.random.default_rng(seed).integers(least, least + count, s) for seed, s in ((2, shape), (3, blocked)))
    product = "p = MatMul(x, d)" if axis == 0 else "t = Transpose <perm = [1, 0]> (d) p = MatMul(x, t)"

    def multiplied(feeds, values=values, axis=axis, block=block, scale=numbers(*blocked, scale=1 / count), zeros=middles):
        """ONNX Runtime rounds the data of such products to bytes unless a session asks it not to."""
        weight = (values - np.repeat(zeros, block, axis)) * np.repeat(scale, block, axis)
        return {"p": feeds["x"] @ (weight if axis == 0 else weight.T).astype(np.float32)}

    case(f"blocks_{TensorProto.DataType.Name(kind).lower()}", f"""(float[M, {64 if axis == 0 else 24}] x) => (float[M, {24 if axis == 0 else 64}] p) {{
  d = DequantizeLinear <axis = {axis}, block_size = {block}> (w, s, z)
  {product}
}}""", [{"x": numbers(5, 64 if axis == 0 else 24)}], opset=21, formula=multiplied,
         weights={"w": helper.make_tensor("w", kind, shape, values.ravel()), "s": numbers(*blocked, scale=1 / count),
                  "z": helper.make_tensor("z", kind, blocked, middles.ravel())})
for name, graph, *texts in (
        ("nbits_weight", "(float[M, 64] x, uint8[24, 2, 16] w) => (float[M, 24] y) { [\"/m\"] y = com.microsoft.MatMulNBits <K = 64, N = 24, block_size = 32> (x, w, s) }", "/m", "constant of uint8"),
        ("nbits_size", "(float[M, 64] x) => (float[M, 25] y) { [\"/m\"] y = com.microsoft.MatMulNBits <K = 64, N = 25, block_size = 32> (x, w, s) }", "/m", "768 bytes", "800"),
        ("nbits_block", "(float[M, 64] x) => (float[M, 24] y) { [\"/m\"] y = com.microsoft.MatMulNBits <K = 64, N = 24, block_size = 24> (x, w, s) }", "/m", "power of two"),
        ("nbits_scales", "(float[M, 64] x) => (float[M, 24] y) { [\"/m\"] y = com.microsoft.MatMulNBits <K = 64, N = 24, block_size = 32> (x, w, t) }", "/m", "24 x 2 scales"),
        ("nbits_layout", "(float[M, 64] x) => (float[M, 24] y) { [\"/m\"] y = com.microsoft.MatMulNBits <K = 64, N = 24, block_size = 32, weight_prepacked = 1> (x, w, s) }", "/m", "weight_prepacked"),
        ("gather_columns", "(int64[M] i) => (float[M, 24] y) { [\"/g\"] y = com.microsoft.GatherBlockQuantized <gather_axis = 1, block_size = 32> (w, i, s) }", "/g", "rows of a matrix")):
    refused(name, graph, *texts, weights={key: array for key, array in {
        "w": bytes_of(np.uint8, 24, 2, 16), "s": numbers(24, 2), "t": numbers(24, 3)}.items() if f" {key} " not in graph.split("=>")[0].replace(")", " ").replace(",", " ") and f"{key}" in graph.split("(")[-1]})

# Products.

image, filters, channels = numbers(2, 4, 9, 7), numbers(6, 4, 3, 3, seed=4, scale=0.2), numbers(6, seed=5)
for activation, params in (("Relu", ""), ("Sigmoid", ""), ("Tanh", ""), ("LeakyRelu", "0.3"), ("Clip", "-0.5, 0.7"),
                           ("HardSigmoid", "0.3, 0.4"), ("", "")):
    text = f', activation = "{activation}"' if activation else ""
    text += f", activation_params = [{params}]" if params else ""
    case(f"conv_{activation.lower()}", f"""(float[N, 4, H, W] x, float[6, 4, 3, 3] w, float[6] b) => (float[N, 6, K, L] y) {{
  y = com.microsoft.FusedConv <kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [2, 1]{text}> (x, w, b)
}}""", [{"x": image, "w": filters, "b": channels}])
case("conv_sum", """(float[N, 4, H, W] x, float[6, 4, 3, 3] w, float[6] b, float[N, 6, K, L] z) => (float[N, 6, K, L] y) {
  y = com.microsoft.FusedConv <auto_pad = "SAME_UPPER", activation = "Relu"> (x, w, b, z)
}""", [{"x": image, "w": filters, "b": channels, "z": numbers(2, 6, 9, 7, seed=6)}])
case("conv_group", """(float[N, 4, H, W] x, float[6, 2, 3, 3] w) => (float[N, 6, K, L] y) {
  y = com.microsoft.FusedConv <group = 2, dilations = [2, 2], activation = "Relu"> (x, w)
}""", [{"x": image, "w": numbers(6, 2, 3, 3)}])

for activation, more in (("Relu", ""), ("LeakyRelu", ", activation_alpha = 0.2"), ("HardSigmoid", ", activation_alpha = 0.3, activation_beta = 0.4"),
                         ("Elu", ", activation_alpha = 0.7"), ("Tanh", "")):
    case(f"gemm_{activation.lower()}", f"""(float[M, K] a, float[N, K] b, float[N] c) => (float[M, N] y) {{
  y = com.microsoft.FusedGemm <transB = 1, alpha = 0.5, beta = 2.0, activation = "{activation}"{more}> (a, b, c)
}}""", [{"a": numbers(3, 5), "b": numbers(4, 5, seed=4), "c": numbers(4)}])

A, B = (2, 3, 4, 5), (2, 3, 5, 6)
for ta in (0, 1):
    for tb in (0, 1):
        swap = lambda shape, t: (*shape[:-2], shape[-1], shape[-2]) if t else shape
        case(f"matmul_{ta}{tb}", f"""(float[B, C, D, E] a, float[B, C, F, G] b) => (float[B, C, H, K] y) {{
  y = com.microsoft.FusedMatMul <transA = {ta}, transB = {tb}, alpha = 0.25> (a, b)
}}""", [{"a": numbers(*swap(A, ta)), "b": numbers(*swap(B, tb), seed=4)}])
        batch = lambda shape, t: (swap(shape, t)[2], *shape[:2], swap(shape, t)[3])   # rows first
        case(f"matmul_batch_{ta}{tb}", f"""(float[A0, A1, A2, A3] a, float[B0, B1, B2, B3] b) => (float[B, C, H, K] y) {{
  y = com.microsoft.FusedMatMul <transA = {ta}, transB = {tb}, transBatchA = 1, transBatchB = 1> (a, b)
}}""", [{"a": numbers(*batch(A, ta)), "b": numbers(*batch(B, tb), seed=4)}])
case("matmul_vector", """(float[K] a, float[B, N, K] b) => (float[B, N] y) {
  y = com.microsoft.FusedMatMul <transA = 1, transB = 1, alpha = 2.0> (a, b)
}""", [{"a": numbers(5), "b": numbers(2, 4, 5)}])
case("transpose_matmul", """(float[K, M] a, float[K, N] b) => (float[M, N] y) {
  y = com.microsoft.TransposeMatMul <transA = 1> (a, b)
}""", [{"a": numbers(5, 3), "b": numbers(5, 4)}])

# Elementwise.

wide = numbers(3, 4, 8, scale=3)
for op, attributes in (("Gelu", ""), ("QuickGelu", ""), ("QuickGelu", "<alpha = 1.0>"), ("FastGelu", "")):
    case(f"{op.lower()}{len(attributes)}", f"(float[A, B, 8] x) => (float[A, B, 8] y) {{ y = com.microsoft.{op} {attributes} (x) }}", [{"x": wide}])
for op in ("BiasGelu", "FastGelu"):
    case(f"bias_{op.lower()}", f"(float[A, B, 8] x, float[8] b) => (float[A, B, 8] y) {{ y = com.microsoft.{op} (x, b) }}", [{"x": wide, "b": numbers(8)}])


def softmax(x, axes=-1):
    e = np.exp(x - x.max(axes, keepdims=True))
    return e / e.sum(axes, keepdims=True)


def erf(x):
    from math import erf as one
    return np.vectorize(one, otypes=[np.float64])(x)


def split_gelu(feeds):
    x = feeds["x"].astype(np.float64) + feeds["b"]
    left, right = np.split(x, 2, -1)
    return {"y": (left * 0.5 * right * (1 + erf(right / np.sqrt(2)))).astype(np.float32)}


case("bias_add", "(float[A, B, 8] x, float[8] b, float[A, B, 8] s) => (float[A, B, 8] y) { y = com.microsoft.BiasAdd(x, b, s) }",
     [{"x": wide, "b": numbers(8), "s": numbers(3, 4, 8)}], lambda f: {"y": f["x"] + f["b"] + f["s"]})
case("bias_split_gelu", "(float[A, B, 8] x, float[8] b) => (float[A, B, 4] y) { y = com.microsoft.BiasSplitGelu(x, b) }",
     [{"x": wide, "b": numbers(8)}], split_gelu)
case("bias_softmax", "(float[A, B, C] x, float[A, 1, C] b) => (float[A, B, C] y) { y = com.microsoft.BiasSoftmax <axis = 2, is_inner_broadcast = 1> (x, b) }",
     [{"x": wide, "b": numbers(3, 1, 8)}], lambda f: {"y": softmax(f["x"] + f["b"])})
case("bias_softmax_flat", "(float[A, B, C] x, float[B, C] b) => (float[A, B, C] y) { y = com.microsoft.BiasSoftmax <axis = 1, is_inner_broadcast = 0> (x, b) }",
     [{"x": wide, "b": numbers(4, 8)}], lambda f: {"y": softmax(f["x"] + f["b"], (1, 2))})
case("bias_dropout", "(float[A, B, 8] x, float[8] b, float[A, B, 8] r) => (float[A, B, 8] y) { y = com.microsoft.BiasDropout(x, b, r) }",
     [{"x": wide, "b": numbers(8), "r": numbers(3, 4, 8)}], lambda f: {"y": f["x"] + f["b"] + f["r"]})

# Normalizations.

rows = {"x": numbers(2, 5, 16), "s": numbers(2, 5, 16, seed=4), "g": numbers(16, seed=5), "b": numbers(16, seed=6), "c": numbers(16, seed=7)}


def only(*names):
    return [{name: rows[name] for name in names}]


case("skip_norm", """(float[B, S, 16] x, float[B, S, 16] s, float[16] g, float[16] b, float[16] c) => (float[B, S, 16] y, float[B, S, 16] z) {
  y, , , z = com.microsoft.SkipLayerNormalization <epsilon = 1e-5> (x, s, g, b, c)
}""", only("x", "s", "g", "b", "c"))
case("skip_norm_short", """(float[B, S, 16] x, float[B, S, 16] s, float[16] g) => (float[B, S, 16] y) {
  y = com.microsoft.SkipLayerNormalization(x, s, g)
}""", only("x", "s", "g"))
case("skip_rms", """(float[B, S, 16] x, float[B, S, 16] s, float[16] g, float[16] c) => (float[B, S, 16] y, float[B, S, 16] z) {
  y, , , z = com.microsoft.SkipSimplifiedLayerNormalization <epsilon = 1e-5> (x, s, g, c)
}""", only("x", "s", "g", "c"))
case("rms_of_ai_onnx", """(float[B, S, 16] x, float[16] g) => (float[B, S, 16] y) {
  y = SimplifiedLayerNormalization <axis = -1, epsilon = 1e-4, stash_type = 1> (x, g)
}""", only("x", "g"), opset=12)
case("norm_of_ai_onnx", """(float[B, S, 16] x, float[16] g, float[16] b) => (float[B, S, 16] y) {
  n = LayerNormalization <axis = -1, epsilon = 1e-4> (x, g, b)
  y = Softmax <axis = 1> (n)
}""", only("x", "g", "b"), opset=12)
case("skip_norm_one_batch", """(float[B, S, 16] x, float[1, S, 16] s, float[16] g, float[16] b) => (float[B, S, 16] y) {
  y = com.microsoft.SkipLayerNormalization(x, s, g, b)
}""", [{**only("x", "g", "b")[0], "s": rows["s"][:1]}])

tables = {"w": numbers(11, 8), "p": numbers(7, 8, seed=4), "t": numbers(2, 8, seed=5), "g": numbers(8, seed=6), "b": numbers(8, seed=7)}
words = {"i": ints([1, 10, 3, 0], [5, 5, 2, 9]), "k": ints([0, 0, 1, 1], [0, 1, 1, 0])}
case("embed", """(int32[B, S] i, int32[B, S] k, float[11, 8] w, float[7, 8] p, float[2, 8] t, float[8] g, float[8] b, int32[B, S] m)
    => (float[B, S, 8] y, int32[B] n, float[B, S, 8] e) {
  y, n, e = com.microsoft.EmbedLayerNormalization(i, k, w, p, t, g, b, m)
}""", [{**words, **tables, "m": ints([1, 1, 1, 0], [1, 0, 0, 0])}])
case("embed_short", """(int32[B, S] i, float[11, 8] w, float[7, 8] p, float[8] g, float[8] b, int32[B, S] q) => (float[B, S, 8] y, int32[B] n) {
  y, n = com.microsoft.EmbedLayerNormalization <epsilon = 1e-3> (i, , w, p, , g, b, , q)
}""", [{"i": words["i"], "q": ints([3, 1, 0, 6], [2, 2, 2, 2]), **{name: tables[name] for name in "wpgb"}}])


def group_norm(x, feeds, groups, swish):
    """Of [N, H, W, C]."""
    n, h, w, c = x.shape
    parts = x.astype(np.float64).reshape(n, h * w, groups, c // groups)
    parts = (parts - parts.mean((1, 3), keepdims=True)) / np.sqrt(parts.var((1, 3), keepdims=True) + 1e-5)
    y = parts.reshape(x.shape) * feeds["g"] + feeds["b"]
    return (y / (1 + np.exp(-y)) if swish else y).astype(np.float32)


pixels = {"x": numbers(2, 5, 3, 8), "g": numbers(8), "b": numbers(8, seed=4)}
case("group_norm", """(float[N, H, W, 8] x, float[8] g, float[8] b) => (float[N, H, W, 8] y) {
  y = com.microsoft.GroupNorm <groups = 4, activation = 1> (x, g, b)
}""", [pixels], lambda f: {"y": group_norm(f["x"], f, 4, True)})
case("group_norm_first", """(float[N, 8, H, W] x, float[8] g, float[8] b) => (float[N, 8, H, W] y) {
  y = com.microsoft.GroupNorm <groups = 2, activation = 0, channels_last = 0> (x, g, b)
}""", [{**pixels, "x": numbers(2, 8, 5, 3)}], lambda f: {"y": np.moveaxis(group_norm(np.moveaxis(f["x"], 1, 3), f, 2, False), 3, 1)})
case("skip_group_norm", """(float[N, H, W, 8] x, float[8] g, float[8] b, float[N, 8] s, float[8] c) => (float[N, H, W, 8] y, float[N, H, W, 8] z) {
  y, z = com.microsoft.SkipGroupNorm <groups = 4, activation = 0> (x, g, b, s, c)
}""", [{**pixels, "s": numbers(2, 8, seed=5), "c": numbers(8, seed=6)}],
     lambda f: {"z": (z := f["x"] + f["s"][:, None, None] + f["c"]), "y": group_norm(z, f, 4, False)})

# Attention.

hidden = {"x": numbers(2, 5, 16), "w": numbers(16, 48, seed=4, scale=0.3), "b": numbers(48, seed=5)}
signature = "float[B, S, 16] x, float[16, 48] w, float[48] b"
masks = {
    "none": ("", "", {}),
    "keys": (", int32[B, S] m", "m", {"m": ints([1, 1, 1, 0, 0], [0, 0, 1, 1, 1])}),
    "all_masked": (", int32[B, S] m", "m", {"m": ints([0, 0, 0, 0, 0], [1, 0, 0, 0, 0])}),
    "lengths": (", int32[B] m", "m", {"m": ints(3, 5)}),
    "ends_starts": (", int32[4] m", "m", {"m": ints(4, 5, 1, 3)}),
    "queries": (", int32[B, S, S] m", "m", {"m": (numbers(2, 5, 5) > -0.5).astype(np.int32)}),
}
for name, (declared, operand, feed) in masks.items():
    batch = "2" if name == "ends_starts" else "B"
    for causal in (0, 1):
        case(f"attention_{name}{causal}", f"""({signature.replace('[B', '[' + batch)}{declared}) => (float[B, S, 16] y) {{
  y = com.microsoft.Attention <num_heads = 4, unidirectional = {causal}> (x, w, b{', ' + operand if operand else ''})
}}""", [{**hidden, **feed}])
case("attention_bias", f"""({signature}, int32[B, S] m, float[1, 4, S, S] r) => (float[B, S, 16] y) {{
  y = com.microsoft.Attention <num_heads = 4, scale = 0.3, mask_filter_value = -100.0> (x, w, b, m, , r)
}}""", [{**hidden, "m": masks["keys"][2]["m"], "r": numbers(1, 4, 5, 5)}])
case("attention_sizes", """(float[B, S, 12] x, float[12, 40] w, float[40] b) => (float[B, S, 8] y) {
  y = com.microsoft.Attention <num_heads = 4, qkv_hidden_sizes = [16, 16, 8]> (x, w, b)
}""", [{"x": numbers(2, 5, 12), "w": numbers(12, 40, scale=0.3), "b": numbers(40)}])
for causal in (0, 1):
    case(f"attention_past{causal}", f"""({signature}, float[2, B, 4, P, 4] p) => (float[B, S, 16] y, float[2, B, 4, T, 4] q) {{
  y, q = com.microsoft.Attention <num_heads = 4, unidirectional = {causal}> (x, w, b, , p)
}}""", [{**hidden, "p": numbers(2, 2, 4, past, 4)} for past in (3, 0)])
case("attention_past_mask", f"""({signature}, float[2, B, 4, P, 4] p, int32[B, T] m) => (float[B, S, 16] y, float[2, B, 4, T, 4] q) {{
  y, q = com.microsoft.Attention <num_heads = 4, unidirectional = 1> (x, w, b, m, p)
}}""", [{**hidden, "p": numbers(2, 2, 4, 3, 4), "m": ints([0, 1, 1, 1, 1, 1, 1, 1], [1] * 8)}])
case("attention_no_bias", "(float[B, S, 16] x, float[16, 48] w) => (float[B, S, 16] y) { y = com.microsoft.Attention <num_heads = 2> (x, w) }",
     [{"x": hidden["x"], "w": hidden["w"]}])

qkv = {"q": numbers(2, 5, 16), "k": numbers(2, 7, 16, seed=4), "v": numbers(2, 7, 24, seed=5)}
heads = "float[B, S, 16] q, float[B, L, 16] k, float[B, L, 24] v"
case("heads", f"({heads}) => (float[B, S, 24] y) {{ y = com.microsoft.MultiHeadAttention <num_heads = 4> (q, k, v) }}", [qkv])
case("heads_bias", f"({heads}, float[56] b) => (float[B, S, 24] y) {{ y = com.microsoft.MultiHeadAttention <num_heads = 4> (q, k, v, b) }}",
     [{**qkv, "b": numbers(56)}])
case("heads_mask", f"({heads}, int32[B, L] m) => (float[B, S, 24] y) {{ y = com.microsoft.MultiHeadAttention <num_heads = 4> (q, k, v, , m) }}",
     [{**qkv, "m": ints([1, 1, 0, 1, 1, 0, 0], [1] * 7)}])
case("heads_lengths", f"({heads}, int32[B] m) => (float[B, S, 24] y) {{ y = com.microsoft.MultiHeadAttention <num_heads = 4> (q, k, v, , m) }}",
     [{**qkv, "m": ints(3, 7)}])
case("heads_scores", f"({heads}, float[B, 1, S, L] r) => (float[B, S, 24] y) {{ y = com.microsoft.MultiHeadAttention <num_heads = 4> (q, k, v, , , r) }}",
     [{**qkv, "r": numbers(2, 1, 5, 7)}])
case("heads_causal", """(float[B, S, 16] q, float[B, S, 16] k, float[B, S, 16] v, float[B, 4, P, 4] pk, float[B, 4, P, 4] pv)
    => (float[B, S, 16] y, float[B, 4, T, 4] nk, float[B, 4, T, 4] nv) {
  y, nk, nv = com.microsoft.MultiHeadAttention <num_heads = 4, unidirectional = 1> (q, k, v, , , , pk, pv)
}""", [{"q": numbers(2, 5, 16), "k": numbers(2, 5, 16, seed=4), "v": numbers(2, 5, 16, seed=5), "pk": numbers(2, 4, past, 4), "pv": numbers(2, 4, past, 4, seed=6)}
       for past in (3, 0)])
case("heads_crossed", """(float[B, S, 16] q, float[B, 4, L, 4] k, float[B, 4, L, 4] v) => (float[B, S, 16] y) {
  y = com.microsoft.MultiHeadAttention <num_heads = 4> (q, k, v)
}""", [{"q": numbers(2, 5, 16), "k": numbers(2, 4, 7, 4), "v": numbers(2, 4, 7, 4, seed=4)}])
case("heads_packed", "(float[B, S, 4, 3, 4] q) => (float[B, S, 16] y) { y = com.microsoft.MultiHeadAttention <num_heads = 4> (q) }",
     [{"q": numbers(2, 5, 4, 3, 4)}],
     lambda f: {"y": np.einsum("bnst,btnd->bsnd", softmax(np.einsum("bsnd,btnd->bnst", f["q"][:, :, :, 0], f["q"][:, :, :, 1]) / 2),
                               f["q"][:, :, :, 2]).reshape(2, 5, 16)})

# Heads of 16, two groups of two; ONNX Runtime takes one row of several tokens behind a past, or several of one token.
tables = {"c": np.cos(numbers(12, 8)), "s": np.sin(numbers(12, 8))}


def grouped(past, packed=False, new=3, **more):
    rows = 2 if new == 1 or past == 0 else 1
    feeds = {"q": numbers(rows, new, 64), "k": numbers(rows, new, 32, seed=4), "v": numbers(rows, new, 32, seed=5)}
    if packed:
        feeds = {"q": numbers(rows, new, 128)}
    return {**feeds, "pk": numbers(rows, 2, past, 16, seed=6), "pv": numbers(rows, 2, past, 16, seed=7), "l": np.full(rows, past + new - 1, np.int32),
            "t": np.array(past + new, np.int32), **more}


def groups_case(name, attributes, operands="", declared="", feeds=None, parts="q, k, v", **kwargs):
    new = "float[B, S, 128] q" if parts == "q, , " else "float[B, S, 64] q, float[B, S, 32] k, float[B, S, 32] v"
    case(f"groups_{name}", f"""({new}, float[B, 2, P, 16] pk, float[B, 2, P, 16] pv, int32[B] l, int32 t{declared})
    => (float[B, S, 64] y, float[B, 2, T, 16] nk, float[B, 2, T, 16] nv) {{
  y, nk, nv = com.microsoft.GroupQueryAttention <num_heads = 4, kv_num_heads = 2{attributes}> ({parts}, pk, pv, l, t{operands})
}}""", feeds or [grouped(0), grouped(4), grouped(4, new=1)], **kwargs)


turned = ", float[12, 8] c, float[12, 8] s"
groups_case("plain", "")
groups_case("scale", ", scale = 0.7, softcap = 5.0")
groups_case("window", ", local_window_size = 3")
groups_case("packed", "", parts="q, , ", feeds=[grouped(past, packed=True) for past in (0, 4)])
for interleaved in (0, 1):
    groups_case(f"turned{interleaved}", f", do_rotary = 1, rotary_interleaved = {interleaved}", ", c, s", turned, [grouped(past, **tables) for past in (0, 4)])
groups_case("packed_turned", ", do_rotary = 1", ", c, s", turned, [grouped(past, packed=True, **tables) for past in (0, 4)], parts="q, , ")
groups_case("bias", "", ", , , , r", ", float[B, 4, S, T] r", [grouped(past, r=numbers(1 if past else 2, 4, 3, past + 3, seed=8)) for past in (0, 4)])
for name, attribute, words in (("smooth", "smooth_softmax = 1", "smooth_softmax"), ("heads", "kv_num_heads = 3", "are in no 3 groups")):
    attributes = attribute if name == "heads" else f"kv_num_heads = 2, {attribute}"
    refused(f"groups_{name}", f"""(float[B, S, 32] q, float[B, S, 16] k, float[B, S, 16] v, int32[B] l, int32 t) => (float[B, S, 32] y) {{
  y = com.microsoft.GroupQueryAttention <num_heads = 4, {attributes}> (q, k, v, , , l, t)
}}""", words)
refused("groups_sinks", """(float[B, S, 32] q, float[B, S, 16] k, float[B, S, 16] v, int32[B] l, int32 t, float[4] h) => (float[B, S, 32] y) {
  y = com.microsoft.GroupQueryAttention <num_heads = 4, kv_num_heads = 2> (q, k, v, , , l, t, , , , , h)
}""", "sinks of heads")

turns = {"c": np.cos(numbers(9, 4)), "s": np.sin(numbers(9, 4))}
for interleaved in (0, 1):
    case(f"rotary{interleaved}", f"""(float[B, S, 16] x, int64[B, S] p, float[9, 4] c, float[9, 4] s) => (float[B, S, 16] y) {{
  y = com.microsoft.RotaryEmbedding <interleaved = {interleaved}> (x, p, c, s)
}}""", [{"x": numbers(2, 5, 16), "p": np.asarray([[0, 1, 2, 3, 4], [4, 5, 6, 7, 8]]), **turns}])
    case(f"rotary_heads{interleaved}", f"""(float[B, 2, S, 8] x, int64[1] p, float[9, 4] c, float[9, 4] s) => (float[B, 2, S, 8] y) {{
  y = com.microsoft.RotaryEmbedding <interleaved = {interleaved}> (x, p, c, s)
}}""", [{"x": numbers(2, 2, 5, 8), "p": np.asarray([first]), **turns} for first in (0, 3)])
case("rotary_part", """(float[B, S, 24] x, int64[1] p, float[9, 4] c, float[9, 4] s) => (float[B, S, 24] y) {
  y = com.microsoft.RotaryEmbedding <num_heads = 2, rotary_embedding_dim = 8> (x, p, c, s)
}""", [{"x": numbers(2, 5, 24), "p": np.asarray([2]), **turns}])

# Refused.

refused("quantized", "(float[S, 8] x) => (float[S, 8] y) { [\"/q\"] y = com.microsoft.QMoE(x) }", "/q", "com.microsoft:QMoE", "QDQ")
refused("lstm_weights", "(float[S, N, 12] x, int8[1, 12, 64] w, int8[1, 16, 64] r) => (float[S, 1, N, 16] y) { [\"/l\"] y = com.microsoft.DynamicQuantizeLSTM <hidden_size = 16> (x, w, r, , , , , , s, z, s, z) }",
        "/l", "constant of bytes", weights={"s": np.full(1, 0.01, np.float32), "z": np.zeros(1, np.int8)})
refused("unknown", "(float[S, 8] x) => (float[S, 8] y) { [\"/u\"] y = com.microsoft.Frobnicate(x) }", "/u", "com.microsoft:Frobnicate", "optimized")
refused("blocked", "(float[N, 8, H, W] x) => (float[N, 8, H, W] y) { [\"/r\"] y = com.microsoft.nchwc.ReorderInput(x) }",
        "/r", "com.microsoft.nchwc:ReorderInput", "ORT_ENABLE_EXTENDED")
refused("trees", "(float[N, 8] x) => (float[N, 8] y) { [\"/s\"] y = ai.onnx.ml.Scaler(x) }", "/s", "ai.onnx.ml:Scaler", "classical")
refused("attribute", "(float[N, 8] x, float[8, 24] w) => (float[N, 8] y) { [\"/a\"] y = com.microsoft.Attention(x, w) }", "num_heads")
refused("activation", "(float[N, 4] x, float[4, 4] w) => (float[N, 4] y) { [\"/g\"] y = com.microsoft.FusedGemm <activation = \"Nothing\"> (x, w) }",
        "/g", "com.microsoft:FusedGemm", "Nothing")
refused("columns", "(float[B, S, 8] x, float[8, 20] w) => (float[B, S, 8] y) { [\"/a\"] y = com.microsoft.Attention <num_heads = 4> (x, w) }", "/a", "20")

# Plain models.


class Graph:
    """Nodes in the order in which they are added, with weights as initializers."""

    def __init__(self, seed=7):
        self.nodes, self.weights, self.rng = [], [], np.random.default_rng(seed)

    def weight(self, value):
        self.weights.append(numpy_helper.from_array(np.asarray(value), f"w{len(self.weights)}"))
        return self.weights[-1].name

    def random(self, *shape, scale=0.3):
        return self.weight((self.rng.standard_normal(shape) * scale).astype(np.float32))

    def add(self, op, *inputs, **attributes):
        self.nodes.append(helper.make_node(op, list(inputs), [f"v{len(self.nodes)}"], f"{op}_{len(self.nodes)}", **attributes))
        return self.nodes[-1].output[0]

    def model(self, inputs, output, opset):
        self.nodes.append(helper.make_node("Identity", [output], ["y"]))
        graph = helper.make_graph(self.nodes, "plain", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def network():
    """Convolutions with every activation that is fused, and a sum."""
    g = Graph()
    x = g.add("Relu", g.add("Conv", "x", g.random(8, 3, 3, 3), g.random(8), pads=[1] * 4))
    y = g.add("LeakyRelu", g.add("Conv", x, g.random(8, 8, 3, 3), g.random(8), pads=[1] * 4), alpha=0.1)
    y = g.add("Conv", y, g.random(8, 8, 1, 1), g.random(8))
    x = g.add("Relu", g.add("Add", y, x))
    x = g.add("Sigmoid", g.add("Conv", x, g.random(8, 1, 3, 3), g.random(8), group=8, strides=[2, 2]))
    x = g.add("Clip", g.add("Conv", x, g.random(4, 8, 1, 1), g.random(4)), g.weight(np.float32(0)), g.weight(np.float32(6)))
    x = g.add("Flatten", g.add("GlobalAveragePool", x))
    x = g.add("Relu", g.add("Gemm", x, g.random(4, 5), g.random(5)))
    return g.model([helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, "H", "W"])], x, 13)


def layer_norm(g, x, size):
    centered = g.add("Sub", x, g.add("ReduceMean", x, axes=[-1]))
    variance = g.add("ReduceMean", g.add("Pow", centered, g.weight(np.float32(2))), axes=[-1])
    deviation = g.add("Sqrt", g.add("Add", variance, g.weight(np.float32(1e-5))))
    return g.add("Add", g.add("Mul", g.add("Div", centered, deviation), g.random(size)), g.random(size))


def linear(g, x, rows, columns):
    return g.add("Add", g.add("MatMul", x, g.random(rows, columns)), g.random(columns))


def gelu(g, x):
    inner = g.add("Erf", g.add("Div", x, g.weight(np.float32(np.sqrt(2)))))
    return g.add("Mul", g.add("Mul", x, g.add("Add", inner, g.weight(np.float32(1)))), g.weight(np.float32(0.5)))


def encoder(layers=2, size=32, count=4):
    """As BERT is exported: embeddings, a mask of keys, layers of attention and gelu."""
    g = Graph()
    words = g.add("Gather", g.random(30, size), "ids", axis=0)
    kinds = g.add("Gather", g.random(2, size), "kinds", axis=0)
    places = g.add("Gather", g.random(6, size), g.weight(np.arange(6)[None]), axis=0)
    x = layer_norm(g, g.add("Add", g.add("Add", words, kinds), places), size)
    mask = g.add("Cast", g.add("Unsqueeze", g.add("Unsqueeze", "mask", axes=[1]), axes=[2]), to=TensorProto.FLOAT)
    mask = g.add("Mul", g.add("Sub", g.weight(np.float32(1)), mask), g.weight(np.float32(-10000)))
    shape = g.weight(np.asarray([0, 0, count, size // count]))
    for _ in range(layers):
        q, k, v = (g.add("Reshape", linear(g, x, size, size), shape) for _ in range(3))
        q, v, k = g.add("Transpose", q, perm=[0, 2, 1, 3]), g.add("Transpose", v, perm=[0, 2, 1, 3]), g.add("Transpose", k, perm=[0, 2, 3, 1])
        scores = g.add("Div", g.add("MatMul", q, k), g.weight(np.float32(np.sqrt(size // count))))
        weights = g.add("Softmax", g.add("Add", scores, mask), axis=3)
        y = g.add("Transpose", g.add("MatMul", weights, v), perm=[0, 2, 1, 3])
        x = layer_norm(g, g.add("Add", linear(g, g.add("Reshape", y, g.weight(np.asarray([0, 0, size]))), size, size), x), size)
        y = linear(g, gelu(g, linear(g, x, size, 4 * size)), 4 * size, size)
        x = layer_norm(g, g.add("Add", y, x), size)
    names = [helper.make_tensor_value_info(name, TensorProto.INT64, ["B", 6]) for name in ("ids", "kinds", "mask")]
    return g.model(names, x, 11)


def scaled_products():
    """Transposes, scales, biases and activations around products."""
    g = Graph()
    x = g.add("MatMul", "x", g.add("Transpose", "z", perm=[0, 1, 3, 2]))
    x = g.add("Mul", x, g.weight(np.float32(0.125)))
    x = g.add("MatMul", g.add("Softmax", x, axis=-1), "z")
    x = gelu(g, linear(g, x, 8, 6))
    x = g.add("Mul", x, g.add("Sigmoid", g.add("Mul", x, g.weight(np.float32(1.702)))))
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["B", 2, length, 8]) for name, length in (("x", "S"), ("z", "T"))]
    return g.model(infos, x, 13)


sentence = {"ids": np.asarray([[3, 17, 4, 9, 0, 0], [1, 2, 3, 4, 5, 6]]), "kinds": np.asarray([[0, 0, 1, 1, 0, 0], [0] * 6]),
            "mask": np.asarray([[1, 1, 1, 1, 0, 0], [1] * 6])}
PLAIN = [
    Plain("network", network, {"FusedConv"}, [{"x": numbers(n, 3, h, w)} for n, h, w in ((1, 12, 10), (2, 7, 9))]),
    Plain("encoder", encoder, {"Attention", "SkipLayerNormalization", "BiasGelu"},
          [sentence, {name: value[:1] for name, value in sentence.items()}]),
    Plain("products", scaled_products, {"FusedMatMul", "BiasGelu"},
          [{"x": numbers(b, 2, s, 8), "z": numbers(b, 2, t, 8, seed=4)} for b, s, t in ((1, 3, 5), (2, 4, 4))]),
]
