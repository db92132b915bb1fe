#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random operators: distribution, determinism, shape and type.

  random_ops.py [NAME...]

What is promised (README.md): the type, shape and distribution that ONNX states; equal values in every
run, for equal seeds, and for every level of CPU and number of threads; not those of ONNX Runtime. A
distribution is judged by its mean and variance, by the largest difference of its distribution function
from the stated one (Kolmogorov and Smirnov; 1.95 / sqrt(n) happens once in a thousand times by chance, and
the values are always the same), and by the correlation of neighbours."""
import argparse
import math
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from harness import engines
from op_cases import model

COUNT = 50000
SEVEN_SIGMA = 7
ERF = np.vectorize(math.erf)


class Runs:
    """Compiles and runs models; counts checks."""

    def __init__(self, folder):
        self.folder, self.passed, self.failed, self.number = folder, 0, 0, 0

    def engine(self, text, opset=22, arguments=()):
        self.number += 1
        path = self.folder / f"{self.number}.onnx"
        path.write_bytes(model(text, opset).SerializeToString())
        engines.compile_model(path, path.with_suffix(".optc"), arguments=arguments)
        return engines.OptcLibrary(path.with_suffix(".optc"))

    def check(self, holds, what):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        if not holds:
            print(f"MISS {what}", flush=True)


def judge(runs, what, values, cdf, mean, variance):
    """A sample against the distribution that it is said to have."""
    x = np.sort(values.astype(np.float64).ravel())
    n = x.size
    stated, steps = cdf(x), np.arange(n + 1) / n
    distance = max(np.abs(stated - steps[1:]).max(), np.abs(stated - steps[:-1]).max())
    # Rounding to f16 or bf16 puts many values into one step of the distribution function.
    rounding = {"float16": 2.0 ** -10, "bfloat16": 2.0 ** -7}.get(values.dtype.name, 0)
    runs.check(distance < 1.95 / math.sqrt(n) + rounding, f"{what}: Kolmogorov-Smirnov distance {distance:.4f} of {n}")
    off = abs(x.mean() - mean) / math.sqrt(variance / n)
    runs.check(off < SEVEN_SIGMA + rounding * 100, f"{what}: mean {x.mean()}, stated {mean}")
    spread = x.var() / variance
    runs.check(abs(spread - 1) < SEVEN_SIGMA * math.sqrt(2 / n) + 2 * rounding, f"{what}: variance {x.var()}, stated {variance}")
    flat = values.astype(np.float64).ravel() - mean
    correlation = (flat[1:] * flat[:-1]).mean() / variance
    runs.check(abs(correlation) < SEVEN_SIGMA / math.sqrt(n), f"{what}: neighbours correlate by {correlation}")


def normal_cdf(mean=0.0, scale=1.0):
    return lambda x: 0.5 * (1 + ERF((x - mean) / (scale * math.sqrt(2))))


def uniform_cdf(low=0.0, high=1.0):
    return lambda x: np.clip((x - low) / (high - low), 0, 1)


def distributions(runs):
    types = {1: "float32", 11: "float64", 10: "float16", 16: "bfloat16"}
    names = {1: "float", 11: "double", 10: "float16", 16: "bfloat16"}
    for number, dtype in types.items():
        for seed in ("", "seed = 5.0, "):
            normal = runs.engine(f"g () => ({names[number]}[100, {COUNT // 100}] y) {{ y = RandomNormal <{seed}dtype = {number}, "
                                 f"mean = 1.5, scale = 3.0, shape = [100, {COUNT // 100}]> () }}").run({})["y"]
            runs.check(normal.dtype.name == dtype and normal.shape == (100, COUNT // 100), f"normal {dtype}: type and shape")
            judge(runs, f"normal {dtype} {seed}", normal, normal_cdf(1.5, 3.0), 1.5, 9.0)
            uniform = runs.engine(f"g () => ({names[number]}[{COUNT}] y) {{ y = RandomUniform <{seed}dtype = {number}, "
                                  f"low = -2.0, high = 6.0, shape = [{COUNT}]> () }}").run({})["y"]
            judge(runs, f"uniform {dtype} {seed}", uniform, uniform_cdf(-2, 6), 2.0, 64 / 12)
            runs.check(uniform.min() >= -2 and uniform.max() <= 6, f"uniform {dtype}: its range")


def like(runs):
    for kind, dtype in (("float", 1), ("double", 11)):
        engine = runs.engine(f"""g ({kind}[A, B, C] x) => ({kind}[A, B, C] y, float[A, B, C] z) {{
          y = RandomNormalLike(x)
          z = RandomUniformLike <dtype = 1, low = 0.0, high = 1.0> (x) }}""")
        numpy_type = np.float32 if dtype == 1 else np.float64
        for shape in ((3, 50, 400), (1, 1, 1), (2, 0, 3)):
            out = engine.run({"x": np.zeros(shape, numpy_type)})
            runs.check(out["y"].shape == shape and out["y"].dtype == numpy_type, f"normal like {kind} {shape}: type and shape")
            runs.check(out["z"].shape == shape and out["z"].dtype == np.float32, f"uniform like {kind} {shape}: type and shape")
            if math.prod(shape) > 1000:
                judge(runs, f"normal like {kind}", out["y"], normal_cdf(), 0.0, 1.0)
                judge(runs, f"uniform like {kind}", out["z"], uniform_cdf(), 0.5, 1 / 12)
    scalar = runs.engine("g (float x) => (float y) { y = RandomNormalLike(x) }").run({"x": np.float32(0)})["y"]
    runs.check(scalar.shape == () and np.isfinite(scalar), "normal like a scalar")


def seeds(runs):
    text = "g (float[N] x) => (float[N] a, float[N] b, float[N] c, float[N] d, float[N] e) {{\n" \
           "a = RandomNormalLike <seed = 3.0> (x)\n b = RandomNormalLike <seed = 3.0> (x)\n" \
           "c = RandomNormalLike <seed = 4.0> (x)\n {} d = RandomNormalLike(x)\n {} e = RandomNormalLike(x) }}"
    feeds = {"x": np.zeros(1000, np.float32)}
    engine = runs.engine(text.format('["one"]', '["two"]'))
    first, second = engine.run(feeds), engine.run(feeds)
    again = runs.engine(text.format('["one"]', '["two"]'), arguments=("--level", "x86-64-v3")).run(feeds)
    for name in "abcde":
        runs.check((first[name] == second[name]).all(), f"seeds: {name} differs between runs")
        runs.check(np.allclose(first[name], again[name], rtol=1e-5, atol=1e-6), f"seeds: {name} differs between builds")
    runs.check((first["a"] == first["b"]).all(), "seeds: one seed, two sequences")
    for one, other in ("ac", "ad", "de"):
        shared = np.corrcoef(first[one], first[other])[0, 1]
        runs.check(abs(shared) < 0.15, f"seeds: {one} and {other} correlate by {shared}")
    # A longer tensor begins with the same values: an element depends on its position alone.
    longer = engine.run({"x": np.zeros(5000, np.float32)})
    runs.check(np.allclose(longer["d"][:1000], first["d"], rtol=1e-5, atol=1e-6), "seeds: values depend on the size")


def loops(runs):
    engine = runs.engine("""g (int64 n, float[D] x) => (float[K, D] y) <bool go = {1}> {
      y = Loop(n, go) <body = step (int64 k, bool c) => (bool e, float[D] r) {
        e = Identity(c)
        r = RandomNormalLike(x) }> }""")
    rows = engine.run({"n": np.int64(6), "x": np.zeros(5000, np.float32)})["y"]
    shared = np.corrcoef(rows) - np.eye(6)
    runs.check(np.abs(shared).max() < 0.1, f"loops: iterations correlate by {np.abs(shared).max()}")
    judge(runs, "loops", rows, normal_cdf(), 0.0, 1.0)


def bernoulli(runs):
    for kind, result in (("float", 1), ("double", 9), ("float", 7), ("float16", 10)):
        engine = runs.engine(f"g ({kind}[N] p) => ({ {1: 'float', 9: 'bool', 7: 'int64', 10: 'float16'}[result]}[N] y) {{ y = Bernoulli <dtype = {result}> (p) }}")
        numpy_type = {"float": np.float32, "double": np.float64, "float16": np.float16}[kind]
        for p in (0.0, 0.125, 0.5, 0.9, 1.0):
            y = engine.run({"p": np.full(COUNT, p, numpy_type)})["y"].astype(np.float64)
            runs.check(set(np.unique(y)) <= {0.0, 1.0}, f"bernoulli {kind} {p}: its values")
            limit = SEVEN_SIGMA * math.sqrt(p * (1 - p) / COUNT)
            runs.check(abs(y.mean() - p) <= limit + 1e-3, f"bernoulli {kind} {p}: mean {y.mean()}")


def multinomial(runs):
    engine = runs.engine(f"g (float[B, C] x) => (int64[B, {COUNT}] y) {{ y = Multinomial <dtype = 7, sample_size = {COUNT}> (x) }}")
    chances = np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.5, 0.0, 0.5], [1.0, 0.0, 0.0, 0.0]])
    with np.errstate(divide="ignore"):
        logits = (np.log(chances) + 3).astype(np.float32)
    y = engine.run({"x": logits})["y"]
    for row, chance in zip(y, chances):
        found = np.bincount(row, minlength=4) / COUNT
        runs.check(len(found) == 4, f"multinomial: classes {np.unique(row)}")
        limit = SEVEN_SIGMA * np.sqrt(chance * (1 - chance) / COUNT) + 1e-12
        runs.check((np.abs(found - chance) <= limit).all(), f"multinomial: frequencies {found}, stated {chance}")
    short = runs.engine("g (float[B, C] x) => (int32[B, S] y) { y = Multinomial(x) }").run({"x": logits})["y"]
    runs.check(short.shape == (3, 1) and short.dtype == np.int32 and short[2, 0] == 0, "multinomial: its defaults")


def dropout(runs):
    engine = runs.engine("g (float[N] x, float r, bool t) => (float[N] y, bool[N] m) { y, m = Dropout(x, r, t) }")
    x = np.random.default_rng(1).standard_normal(COUNT).astype(np.float32)
    for ratio in (0.0, 0.25, 0.75):
        out = engine.run({"x": x, "r": np.float32(ratio), "t": np.bool_(True)})
        y, mask = out["y"], out["m"]
        runs.check(abs(mask.mean() - (1 - ratio)) < SEVEN_SIGMA * math.sqrt(0.25 / COUNT) and (ratio or mask.all()), f"dropout {ratio}: mask")
        runs.check(np.allclose(y, np.where(mask, x / np.float32(1 - ratio), 0), rtol=1e-6), f"dropout {ratio}: values")
    out = engine.run({"x": x, "r": np.float32(0.5), "t": np.bool_(False)})
    runs.check((out["y"] == x).all() and out["m"].all(), "dropout: without training")
    fixed = runs.engine("g (float[N] x) => (float[N] y) <bool t = {1}> { y = Dropout <seed = 1> (x, , t) }".replace("(x, , t)", '(x, "", t)'))
    y = fixed.run({"x": x})["y"]
    runs.check(abs((y == 0).mean() - 0.5) < SEVEN_SIGMA * math.sqrt(0.25 / COUNT), "dropout: the default ratio")


PARTS = (distributions, like, seeds, loops, bernoulli, multinomial, dropout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(part.__name__ for part in PARTS)}")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="optc-random-") as scratch:
        runs = Runs(Path(scratch))
        for part in PARTS:
            if not args.names or part.__name__ in args.names:
                part(runs)
    print(f"random: {runs.passed} passed, {runs.failed} failed")
    return 1 if runs.failed else 0


if __name__ == "__main__":
    sys.exit(main())
