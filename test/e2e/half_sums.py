#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What adds more than two halves does it in f32: every such operator, in float16 and bfloat16,
against the same sum in float64.

  half_sums.py [-v]

Sums are long (4096 ones), large (squares of 300, 30000 times 9) or cancel, so that one kept in the type
stops growing, overflows or loses all digits. The bound: the result may be off by its own rounding,
half a unit in the last place, and what f32 loses of the sum of magnitudes."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import ml_dtypes
import numpy as np
import onnx
from harness import engines
from onnx import helper, numpy_helper

TYPES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}
OPSET = 23
F64 = np.float64




def centered(x, axes):
    deviation = x - x.mean(axes, keepdims=True)
    return deviation / np.sqrt((deviation ** 2).mean(axes, keepdims=True))


def windows(x, size):
    """[1, 1, n - size + 1, size] of [1, 1, n]."""
    return np.lib.stride_tricks.sliding_window_view(x, size, axis=-1)


def log_sum(x):
    return np.log(np.exp(x - x.max()).sum()) + x.max()


ONES, RAMP = np.ones((1, 4096)), (np.arange(4096.0) % 500).reshape(1, 1, 64, 64)
AXIS = np.array([1])


def neighbours(x, size=3):
    """Sums of squares over nearby channels, as LRN has them."""
    padded = np.pad(x ** 2, ((0, 0), (size // 2, size // 2), (0, 0), (0, 0)))
    return sum(padded[:, i:i + x.shape[1]] for i in range(size))


def table():
    """(operator, operands, attributes, what it is of float64 operands)"""
    square = np.full((1, 1, 64, 64), 20.0)
    for kernel, x in (([64, 64], np.ones((1, 1, 64, 64))), ([64, 64], square), ([3, 3], np.full((1, 1, 3, 3), 3e4)), ([4096], ONES[None]),
                      ([16] * 3, np.ones((1, 1, 16, 16, 16))), ([7, 7], np.full((2, 17, 7, 7), 1.1))):
        spatial = tuple(range(2, x.ndim))
        yield "AveragePool", [x], {"kernel_shape": kernel}, lambda x, s=spatial: x.mean(s, keepdims=True)
    yield "GlobalAveragePool", [square], {}, lambda x: x.mean((2, 3), keepdims=True)
    yield "LpPool", [square], {"kernel_shape": [64, 64]}, lambda x: np.sqrt((x ** 2).sum((2, 3), keepdims=True))
    yield "LpPool", [np.ones((1, 1, 64, 64))], {"kernel_shape": [64, 64], "p": 1}, lambda x: x.sum((2, 3), keepdims=True)
    yield "LpPool", [np.full((1, 1, 9), 300.0)], {"kernel_shape": [4]}, lambda x: np.sqrt((windows(x, 4) ** 2).sum(-1))
    yield "GlobalLpPool", [square], {}, lambda x: np.sqrt((x ** 2).sum((2, 3), keepdims=True))
    yield "LpNormalization", [np.full((1, 3), 300.0)], {}, lambda x: x / np.sqrt((x ** 2).sum(-1, keepdims=True))
    yield "LpNormalization", [30 * ONES], {"p": 1}, lambda x: x / x.sum(-1, keepdims=True)
    yield "LRN", [np.full((1, 3, 2, 2), 300.0)], {"size": 3}, lambda x: x / (1 + 1e-4 / 3 * neighbours(x)) ** 0.75
    yield "ReduceSum", [ONES, AXIS], {}, lambda x, _: x.sum(1, keepdims=True)
    yield "ReduceMean", [20 * ONES, AXIS], {}, lambda x, _: x.mean(1, keepdims=True)
    yield "ReduceProd", [np.array([[256.0] * 3 + [1 / 256] * 3]), AXIS], {}, lambda x, _: x.prod(1, keepdims=True)
    yield "ReduceL1", [-ONES, AXIS], {}, lambda x, _: np.abs(x).sum(1, keepdims=True)
    yield "ReduceL2", [np.full((1, 64), 300.0), AXIS], {}, lambda x, _: np.sqrt((x ** 2).sum(1, keepdims=True))
    yield "ReduceSumSquare", [np.full((2, 63), 30.0), AXIS], {}, lambda x, _: (x ** 2).sum(1, keepdims=True)
    yield "ReduceLogSum", [20 * ONES, AXIS], {}, lambda x, _: np.log(x.sum(1, keepdims=True))
    yield "ReduceLogSumExp", [12 * ONES, AXIS], {}, lambda x, _: np.array([[log_sum(x)]])
    yield "Sum", [np.full(19, 2048.0)] + [np.ones(19)] * 6, {}, lambda *x: sum(x)
    yield "Mean", [np.full(19, 6e4)] * 3, {}, lambda *x: sum(x) / 3
    yield "CumSum", [ONES, np.array(1)], {}, lambda x, _: x.cumsum(1)
    yield "CumSum", [ONES, np.array(1)], {"reverse": 1}, lambda x, _: x[:, ::-1].cumsum(1)[:, ::-1]
    for reduction, update in (("add", np.ones((1, 4096))), ("mul", np.where(np.arange(4096) % 2, 0.99, 1 / 0.99)[None])):
        total = (lambda u: 1 + u.sum()) if reduction == "add" else np.prod
        yield "ScatterElements", [np.ones((1, 3)), np.ones((1, 4096), np.int64), update], {"axis": 1, "reduction": reduction}, \
            lambda x, _, u, t=total: np.array([[1, t(u), 1]])
        yield "ScatterND", [np.ones((2, 3)), np.zeros((4096, 2), np.int64), update[0]], {"reduction": reduction}, \
            lambda x, _, u, t=total: np.array([[t(u), 1, 1], [1, 1, 1]])
    for kind, attributes in (("InstanceNormalization", {}), ("GroupNormalization", {"num_groups": 1})):
        yield kind, [RAMP, np.ones(1), np.zeros(1)], attributes, lambda x, s, b: centered(x, (2, 3))
    yield "LayerNormalization", [RAMP.reshape(1, -1), np.ones(4096)], {}, lambda x, s: centered(x, (1,))
    yield "RMSNormalization", [np.full((1, 64), 300.0), np.ones(64)], {}, lambda x, s: x / np.sqrt((x ** 2).mean(-1, keepdims=True))
    yield "Softmax", [0 * ONES], {}, lambda x: np.full_like(x, 1 / x.size)
    yield "LogSoftmax", [0 * ONES], {}, lambda x: np.full_like(x, -np.log(x.size))
    yield "MatMul", [ONES, np.ones((4096, 2))], {}, lambda x, w: x @ w
    yield "Gemm", [ONES, np.ones((4096, 2)), np.ones(2)], {}, lambda x, w, b: x @ w + b
    yield "Conv", [np.ones((1, 64, 8, 8)), np.ones((2, 64, 8, 8))], {}, lambda x, w: np.full((1, 2, 1, 1), 4096.0)
    yield "Conv", [np.ones((1, 8, 64, 64)), np.ones((8, 1, 64, 64))], {"group": 8}, lambda x, w: np.full((1, 8, 1, 1), 4096.0)
    yield "ConvTranspose", [np.ones((1, 4096, 1, 1)), np.ones((4096, 1, 1, 1))], {}, lambda x, w: np.full((1, 1, 1, 1), 4096.0)
    same = np.ones((1, 1, 4096, 8))
    yield "Attention", [np.ones((1, 1, 2, 8)), same, same], {}, lambda q, k, v: np.ones((1, 1, 2, 8))
    yield "Resize", [np.full((1, 1, 2, 2), 6e4), None, np.array([1, 1, 1.5, 1.5], np.float32)], {"mode": "linear"}, lambda x, *_: np.full((1, 1, 3, 3), 6e4)
    weights = np.ones((1, 1, 512)), np.zeros((1, 1, 1))
    yield "RNN", [np.full((1, 1, 512), 8.0), *weights], {"hidden_size": 1, "activations": ["Relu"]}, lambda x, w, r: x.sum(-1)[None, None]


def build(element):
    """The model of all nodes, its inputs, and the expected outputs."""
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(element))
    nodes, inputs, weights, feeds, expected = [], [], [], {}, {}
    for i, (op, operands, attributes, function) in enumerate(table()):
        given, wide = [], []
        for j, operand in enumerate(operands):
            name = f"{op}_{i}.{j}"
            if operand is None:
                given.append("")
                continue
            given.append(name)
            if operand.dtype == F64:
                feeds[name] = operand.astype(element)
                inputs.append(helper.make_tensor_value_info(name, kind, operand.shape))
                operand = feeds[name].astype(F64)
            else:
                weights.append(numpy_helper.from_array(operand, name))
            wide.append(operand)
        nodes.append(helper.make_node(op, given, [f"{op}_{i}"], name=f"{op}_{i}", **attributes))
        expected[f"{op}_{i}"] = np.asarray(function(*wide), F64)
    graph = helper.make_graph(nodes, "sums", inputs, [helper.ValueInfoProto(name=name) for name in expected], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=11), feeds, expected


def compare(name, want, got, element):
    if want.shape != got.shape:
        return f"{name}: shape {got.shape}, expected {want.shape}"
    info, got = ml_dtypes.finfo(element), got.astype(F64)
    # 2^-12: f32's error of 4096 additions; functions of the sum have a few units of it.
    bound = np.abs(want) * (float(info.eps) / 2 + 2.0 ** -12) + float(info.smallest_subnormal)
    wrong = ~(np.abs(want - got) <= bound)
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0])
        return f"{name}: {wrong.sum()} of {wrong.size} off, at {at} {got[at]} for {want[at]}, allowed {bound[at]:.2e}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-v", action="store_true", dest="verbose")
    options = parser.parse_args()
    done, failures = 0, []
    for name, element in TYPES.items():
        model, feeds, expected = build(element)
        with tempfile.TemporaryDirectory() as folder:
            path, artifact = Path(folder, "sums.onnx"), Path(folder, "sums.optc")
            onnx.save(model, path)
            engines.compile_model(path, artifact)
            got = engines.OptcLibrary(artifact).run(feeds)
        for output, want in expected.items():
            message = compare(f"{name} {output}", want, got[output], element)
            done += not message
            failures += [message] if message else []
            if options.verbose:
                print(f"  {name} {output}: {'ok' if not message else message}")
    print(*(f"MISS {message}" for message in failures), sep="\n", end="\n" if failures else "")
    print(f"half-sums: {done} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
