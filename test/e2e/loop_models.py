# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The models of loops.py, as ONNX text, with the inputs they run with."""
from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np


@dataclass
class LoopModel:
    name: str
    graph: str                                # inputs, outputs, nodes
    feeds: list
    rows: Optional[Callable[[int], dict]] = None   # inputs for so many iterations

    def __post_init__(self):
        self.feeds = [{name: np.asarray(value) for name, value in feeds.items()} for feeds in self.feeds]

    def iterations(self, count):
        return {name: np.asarray(value) for name, value in self.rows(count).items()}

    def text(self):
        return f'<ir_version: 10, opset_import: ["" : 21]>\n{self.name} {self.graph}'


def numbers(*shape, seed=3):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def trips(*counts, **others):
    return [{"n": np.int64(count), **others} for count in counts]


# Rows of every kind of type; the number of rows is known before the loop.
types = LoopModel("types", """(int64 n, float[D] x) =>
    (float[D] last, float[K, D] f, int64[K] i, bool[K, D] b, float16[K, 2, D] h, double[K, D] d, uint8[K] u, float[K, D] same)
    <bool go = {1}, int64 two = {2}, int64[2] twice = {2, 1}, float half = {0.5}> {
  last, f, i, b, h, d, u, same = Loop(n, go, x) <body = step (int64 k, bool c, float[D] s)
      => (bool e, float[D] t, float[D] f, int64 i, bool[D] b, float16[2, D] h, double[D] d, uint8 u, float[D] f2) {
    e = Identity(c)
    half_ = Mul(s, half)
    kf = Cast <to = 1> (k)
    t = Add(half_, kf)
    f = Neg(s)
    f2 = Identity(f)
    i = Mul(k, k)
    b = Less(s, kf)
    s16 = Cast <to = 10> (s)
    zero = Constant <value = int64[1] {0}> ()
    s16row = Unsqueeze(s16, zero)
    h = Tile(s16row, twice)
    d = Cast <to = 11> (s)
    odd = Mod(k, two)
    u = Cast <to = 2> (odd)
  }>
}""", trips(0, 1, 2, 37, -3, x=numbers(5)) + trips(4, x=numbers(0)),
                  lambda n: {"n": np.int64(n), "x": numbers(16)})

# The data ends the loop, or its first condition, or the number of trips, whichever is first.
condition = LoopModel("condition", """(int64 n, bool go, float[L, D] x, float most) => (float[D] y, float[K, D] rows, float[K] sums) {
  zero = Constant <value = int64[1] {0}> ()
  first = Constant <value = int64 {0}> ()
  start = Gather(x, first)
  y, rows, sums = Loop(n, go, start) <body = step (int64 k, bool c, float[D] s) => (bool e, float[D] t, float[D] row, float sum) {
    row = Gather(x, k)
    t = Add(s, row)
    sum = ReduceSum <keepdims = 0> (t)
    e = Less(sum, most)
  }>
}""", [{"n": np.int64(n), "go": np.bool_(go), "x": np.ones((40, 3), np.float32), "most": np.float32(most)}
       for n, go, most in ((40, 1, 50), (40, 0, 50), (7, 1, 50), (0, 1, 50), (40, 1, -1), (40, 1, 1e9))],
                      lambda n: {"n": np.int64(10 * n), "go": np.bool_(1), "x": np.ones((n, 16), np.float32),
                                 "most": np.float32(16 * (n - 1))})

# No number of trips at all.
until = LoopModel("until", """(int64 most) => (int64 last, int64[K] all, bool[K] odd)
    <int64 zero = {0}, int64 one = {1}, int64 two = {2}, bool go = {1}> {
  last, all, odd = Loop(, go, zero) <body = step (int64 k, bool c, int64 s) => (bool e, int64 t, int64 row, bool odd) {
    t = Add(s, two)
    e = Less(t, most)
    row = Identity(s)
    half = Mod(k, two)
    odd = Equal(half, one)
  }>
}""", [{"most": np.int64(most)} for most in (-1, 0, 2, 3, 101)], lambda n: {"most": np.int64(2 * n)})

# The data decides how long a row is: a list collects rows. Without any row, a size nobody knows is 0.
sizes = LoopModel("sizes", """(int64 n, float[L, D] x, bool[L] keep) => (float[K, R, D] rows, int64[K, 2] shapes, float[K, R] largest)
    <bool go = {1}> {
  rows, shapes, largest = Loop(n, go) <body = step (int64 k, bool c) => (bool e, float[R, D] row, int64[2] shape, float[R] large) {
    e = Identity(c)
    kept = Compress <axis = 0> (x, keep)
    kf = Cast <to = 1> (k)
    row = Mul(kept, kf)
    shape = Shape(row)
    axes = Constant <value = int64[1] {1}> ()
    large = ReduceMax <keepdims = 0> (row, axes)
  }>
}""", [{"n": np.int64(n), "x": numbers(*shape), "keep": np.arange(shape[0]) % 2 == 0}
       for n, shape in ((3, (5, 2)), (1, (1, 7)), (9, (6, 0)), (4, (0, 3)), (31, (64, 33)))],
                  lambda n: {"n": np.int64(n), "x": numbers(4, 8), "keep": np.array([1, 0, 1, 1], np.bool_)})

# Rows that have not one size are an error.
unequal = LoopModel("unequal", """(int64 n, float[L] x) => (float[K, R] rows) <bool go = {1}> {
  rows = Loop(n, go) <body = step (int64 k, bool c) => (bool e, float[R] row) {
    e = Identity(c)
    zero = Constant <value = int64[1] {0}> ()
    end = Unsqueeze(k, zero)
    row = Slice(x, zero, end)
  }>
}""", trips(0, 1, 2, 3, x=numbers(4)))

# The state grows; rows tell how long it was.
grows = LoopModel("grows", """(int64 n, float[L, D] x) => (float[M, D] y, int64[K, 2] lengths) <bool go = {1}> {
  y, lengths = Loop(n, go, x) <body = step (int64 k, bool c, float[M, D] s) => (bool e, float[P, D] t, int64[2] length) {
    e = Identity(c)
    t = Concat <axis = 0> (s, x)
    length = Shape(t)
  }>
}""", [{"n": np.int64(n), "x": numbers(*shape)} for n, shape in ((0, (2, 3)), (1, (2, 3)), (6, (1, 1)), (5, (0, 4)), (3, (7, 0)))])

# Loops in a loop: one runs as often as asked, one as the iteration says.
nested = LoopModel("nested", """(int64 n, int64 m, float[D] x) => (float[D] y, float[K, J, D] rows, float[K] sums, int64[K] counts) <bool go = {1}> {
  y, rows, sums, counts = Loop(n, go, x) <body = outer (int64 k, bool c, float[D] s)
      => (bool e, float[D] t, float[J, D] row, float sum, int64 count) {
    e = Identity(c)
    t, row = Loop(m, c, s) <body = inner (int64 j, bool d, float[D] a) => (bool f, float[D] b, float[D] o) {
      f = Identity(d)
      ten = Constant <value = float {0.1}> ()
      b = Mul(a, ten)
      kf = Cast <to = 1> (k)
      jf = Cast <to = 1> (j)
      kj = Sub(kf, jf)
      o = Add(a, kj)
    }>
    seven = Constant <value = int64 {7}> ()
    less = Mod(k, seven)
    some = Loop(less, c) <body = short (int64 j, bool d) => (bool f, int64 o) {
      f = Identity(d)
      o = Add(j, k)
    }>
    count = Size(some)
    all = ReduceSum <keepdims = 0> (some)
    sum = Cast <to = 1> (all)
  }>
}""", [{"n": np.int64(n), "m": np.int64(m), "x": numbers(d)} for n, m, d in ((3, 4, 5), (1, 1, 1), (0, 4, 2), (4, 0, 2), (7, 3, 0), (33, 17, 9))],
                   lambda n: {"n": np.int64(n // 10), "m": np.int64(4), "x": numbers(8)})

# A branch in the body makes rows of one size in two ways, and may end the loop.
branch = LoopModel("branch", """(int64 n, float[L, D] x, int64 last) => (float[K, D] rows, bool[K] turns)
    <bool go = {1}, int64 two = {2}, int64 zero = {0}> {
  rows, turns = Loop(n, go) <body = step (int64 k, bool c) => (bool e, float[D] row, bool turn) {
    odd = Mod(k, two)
    turn = Equal(odd, zero)
    e = Less(k, last)
    row = If(turn) <then_branch = yes () => (float[D] a) {
      a = Gather(x, odd)
    }, else_branch = no () => (float[D] b) {
      axes = Constant <value = int64[1] {0}> ()
      b = ReduceSum <keepdims = 0> (x, axes)
    }>
  }>
}""", [{"n": np.int64(n), "x": numbers(*shape), "last": np.int64(last)}
       for n, shape, last in ((6, (2, 3), 99), (6, (2, 3), 2), (1, (1, 1), 99), (0, (2, 3), 9), (20, (31, 17), 11), (5, (4, 0), 99))],
                   lambda n: {"n": np.int64(2 * n), "x": numbers(2, 16), "last": np.int64(n - 1)})

# Rows the body does not make: of outside, of a weight, its own input; one row twice.
handed = LoopModel("handed", """(int64 n, float[D] x) =>
    (float[D] y, float[K, D] a, float[K, 2] b, float[K, D] c1, float[K, D] c2, bool[K] d, int64[K] k1)
    <bool go = {1}, float[2] w = {1.5, -2}> {
  y, a, b, c1, c2, d, k1 = Loop(n, go, x) <body = step (int64 k, bool c, float[D] s)
      => (bool e, float[D] t, float[D] a, float[2] b, float[D] s1, float[D] s2, bool d, int64 k1) {
    e = Identity(c)
    d = Identity(c)
    a = Identity(x)
    b = Identity(w)
    s1 = Identity(s)
    s2 = Identity(s)
    k1 = Identity(k)
    t = Add(s, x)
  }>
}""", trips(0, 1, 5, x=numbers(3)) + trips(3, x=numbers(0)))

# Scans forwards and backwards along every axis, with rows of several types (without any element
# ONNX Runtime crashes).
scan = LoopModel("scan", """(float[D] h, float[S, D] x, int64[D, S] z) => (float[D] y, float[S, D] a, float[D, S] b, bool[D, S] e, int64[S, D] i) {
  y, a, b, e, i = Scan <num_scan_inputs = 2, scan_input_axes = [0, 1], scan_input_directions = [1, 0],
                        scan_output_axes = [0, 1, -1, 0], scan_output_directions = [1, 0, 1, 0],
      body = step (float[D] s, float[D] u, int64[D] v) => (float[D] t, float[D] a, float[D] b, bool[D] e, int64[D] i) {
    half = Constant <value = float {0.5}> ()
    less = Mul(s, half)
    t = Add(less, u)
    a = Neg(t)
    b = Mul(u, s)
    e = Less(u, s)
    i = Add(v, v)
  }> (h, x, z)
}""", [{"h": numbers(d), "x": numbers(s, d), "z": np.arange(s * d).reshape(d, s)} for s, d in ((4, 3), (1, 1), (13, 67), (31, 1))],
                 lambda n: {"h": numbers(2), "x": numbers(n, 2), "z": np.arange(n * 2).reshape(2, n)})

# A scan in a scan over a batch, without states inside.
scans = LoopModel("scans", """(float[B, S, D] x) => (float[B, S, D] y, float[B] sums) {
  y, sums = Scan <num_scan_inputs = 1, body = outer (float[S, D] u) => (float[S, D] v, float sum) {
    zero = Constant <value = float {0.0}> ()
    sum, v = Scan <num_scan_inputs = 1, body = inner (float acc, float[D] r) => (float acc2, float[D] o) {
      one = ReduceSum <keepdims = 0> (r)
      acc2 = Add(acc, one)
      o = Add(r, acc2)
    }> (zero, u)
  }> (x)
}""", [{"x": numbers(*shape)} for shape in ((2, 3, 4), (1, 1, 1), (5, 7, 13), (3, 2, 0))],
                  lambda n: {"x": numbers(n // 100, 100, 4)})

# A loop's rows give another loop its number of trips, and its data.
chained = LoopModel("chained", """(int64 n, float[D] x) => (float[J] firsts, int64[1] count) <bool go = {1}, int64 zero = {0}> {
  rows = Loop(n, go) <body = step (int64 k, bool c) => (bool e, float[D] row) {
    six = Constant <value = int64 {6}> ()
    e = Less(k, six)
    kf = Cast <to = 1> (k)
    row = Mul(x, kf)
  }>
  count = Shape <start = 0, end = 1> (rows)
  firsts = Loop(count, go) <body = pick (int64 j, bool c) => (bool e, float first) {
    e = Identity(c)
    row = Gather(rows, j)
    first = ReduceMax <keepdims = 0> (row)
  }>
}""", trips(0, 1, 4, 40, x=numbers(3)))

# The inner loop hands on what the outer one has made and goes on using.
shared = LoopModel("shared", """(int64 n, float[D] x, bool[D] keep) => (float[R] y, float[K, R] rows)
    <bool go = {1}, int64 zero = {0}, int64 three = {3}, float half = {0.5}> {
  first = Compress <axis = 0> (x, keep)
  y, rows = Loop(n, go, first) <body = outer (int64 k, bool c, float[R] s) => (bool e, float[R] t, float[R] row) {
    e = Identity(c)
    p = Mul(s, half)
    q = Add(p, half)
    last = Loop(three, c, q) <body = inner (int64 j, bool d, float[R] a) => (bool f, float[R] b) {
      f = Identity(d)
      start = Equal(j, zero)
      b = If(start) <then_branch = yes () => (float[R] u) {
        u = Identity(p)
      }, else_branch = no () => (float[R] v) {
        v = Exp(a)
      }>
    }>
    other = Neg(last)
    t = Tanh(other)
    row = Sub(t, p)
  }>
}""", [{"n": np.int64(n), "x": numbers(d), "keep": np.arange(d) % 3 != 0} for n, d in ((1, 7), (4, 50), (0, 3), (9, 1))],
                   lambda n: {"n": np.int64(n // 10), "x": numbers(8), "keep": np.ones(8, np.bool_)})

# The same with a state of another size in every iteration, which two outputs hand on.
varied = LoopModel("varied", """(int64 n, float[D] x, bool[D] keep) => (float[R] y, float[R] z, float[K] sums)
    <bool go = {1}, int64 one = {1}, int64 four = {4}, float half = {0.5}> {
  first = Compress <axis = 0> (x, keep)
  y, z, sums = Loop(n, go, first, first) <body = outer (int64 k, bool c, float[R] s, float[R] s2)
      => (bool e, float[R] t, float[R] t2, float sum) {
    e = Identity(c)
    p = Mul(s, half)
    q = Sub(p, s2)
    a, b = Loop(four, c, q, p) <body = inner (int64 j, bool d, float[A] a, float[B] b) => (bool f, float[A1] a1, float[B1] b1) {
      f = Identity(d)
      start = Equal(j, one)
      a1 = If(start) <then_branch = yes () => (float[U] u) {
        u = Identity(p)
      }, else_branch = no () => (float[V] v) {
        v = Concat <axis = 0> (a, b)
      }>
      b1 = Identity(a)
    }>
    ab = Concat <axis = 0> (a, b)
    all = Concat <axis = 0> (ab, p)
    sum = ReduceMax <keepdims = 0> (all)
    zero = Constant <value = int64[1] {0}> ()
    length = Shape(s)
    t = Slice(all, zero, length)
    t2 = Tanh(p)
  }>
}""", [{"n": np.int64(n), "x": numbers(d), "keep": np.arange(d) % 3 != 0} for n, d in ((1, 7), (4, 50), (0, 3), (9, 4))],
                   lambda n: {"n": np.int64(n // 10), "x": numbers(8), "keep": np.ones(8, np.bool_)})

MODELS = (shared, varied, types, condition, until, sizes, unequal, grows, nested, branch, handed, scan, scans, chained)
