# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models with If for branches.py: name, model in ONNX's text form, feeds, and what is expected of
each feed: None for what ONNX Runtime says, else a part of the error that optc has to give."""
import numpy as np


def values(*shape, dtype=np.float32):
    return np.arange(1, 1 + int(np.prod(shape))).reshape(shape).astype(dtype)


X213, X243 = values(2, 1, 3), values(2, 4, 3)


class Model:
    def __init__(self, name, text, feeds, errors=None):
        self.name, self.text, self.feeds = name, text, feeds
        self.errors = errors or [None] * len(feeds)


def flagged(name, branch, other="o = Identity(x)", behind="y = Identity(r)", dims="2, 1, 3", weights="", feeds=None):
    """An If on an input flag, and what follows."""
    text = f"""{name} (bool c, float[{dims}] x) => (float[] y) <int64[1] one = {{1}}, int64[1] zero = {{0}}, int64[1] all = {{-1}}{weights}> {{
      ["/if"] r = If(c) <then_branch = yes () => (float[] t) {{ {branch} }}, else_branch = no () => (float[] o) {{ {other} }}>
      {behind}
    }}"""
    return Model(name, text, feeds or [{"c": np.array(c), "x": X213} for c in (True, False)])


def unlike_ranks():
    shapes = {"squeeze": "t = Squeeze(x, one)", "reshape": "t = Reshape(x, all)", "flatten": "t = Flatten <axis = 1> (x)",
              "unsqueeze": "t = Unsqueeze(x, zero)", "reduce": "t = ReduceSum <keepdims = 0> (x, one)",
              "scalar": "t = ReduceMax <keepdims = 0> (x)"}
    for name, branch in shapes.items():
        for dims in ("2, 1, 3", "n, 1, 3"):
            yield flagged(f"{name}_{len(dims)}", branch, dims=dims)
            yield flagged(f"{name}_{len(dims)}_else", "t = Identity(x)", branch.replace("t =", "o ="), dims=dims)


def followed():
    """What is computed of a result of two ranks."""
    flat = "t = Reshape(x, all)"
    yield flagged("relu", flat, behind="y = Relu(r)")
    yield flagged("softmax_max", flat, behind="p = Softmax <axis = -1> (r) y = ReduceMax <keepdims = 0> (p)")
    yield flagged("shape", flat, behind="s = Shape(r) f = Cast <to = 1> (s) y = Sqrt(f)")
    yield flagged("size", flat, behind="s = Size(r) f = Cast <to = 1> (s) y = Sqrt(f)")
    yield flagged("matmul", "t = Squeeze(x, one)", weights=", float[3, 2] w = {1, 2, 3, 4, 5, 6}", behind="y = MatMul(r, w)")
    # What does not depend on the branch stays outside, also where another branch follows.
    yield flagged("beside", flat, behind="e = Exp(x) f = Reshape(e, all) g = Relu(r) h = Reshape(g, all) y = Add(f, h)")
    yield flagged("twice", flat, behind="""q = If(c) <then_branch = y2 () => (float[] u) { u = Neg(r) },
                  else_branch = n2 () => (float[] v) { v = Unsqueeze(r, zero) }> y = Relu(q)""")
    yield flagged("inner_use", flat, behind="""z = Cast <to = 9> (x) s = Slice(z, zero, one) k = ReduceMax <keepdims = 0> (x) b = Greater(k, k)
                  y = If(b) <then_branch = y2 () => (float[] u) { u = Neg(r) }, else_branch = n2 () => (float[] v) { v = Exp(r) }>""")
    yield Model("many_outputs", """many (bool c, float[2, 1, 3] x) => (float[] y, int64[] s, float[] z, float[] w) <int64[1] one = {1}> {
      r, q = If(c) <then_branch = yes () => (float[] t, float[2, 1, 3] a) { t = Squeeze(x, one) a = Neg(x) },
                    else_branch = no () => (float[] o, float[2, 1, 3] b) { o = Identity(x) b = Exp(x) }>
      y = Neg(r)
      s = Shape(r)
      z = Add(q, x)
      w = ReduceSum(r)
    }""", [{"c": np.array(c), "x": X213} for c in (True, False)])
    yield Model("integers", """ints (bool c, int32[n, 1] x) => (bool[] y, int32[] z) <int64[1] one = {1}> {
      z = If(c) <then_branch = yes () => (int32[] t) { t = Squeeze(x, one) }, else_branch = no () => (int32[] o) { o = Neg(x) }>
      w = Cast <to = 1> (z)
      y = Cast <to = 9> (w)
    }""", [{"c": np.array(c), "x": values(n, 1, dtype=np.int32)} for c in (True, False) for n in (0, 1, 5)])


def about_sizes():
    """torch.squeeze(x, 1), as exporters write it."""
    head = """(float[2, n, 3] x) => (float[] y) <int64[1] one = {1}, int64 at = {1}> {
      s = Shape(x)
      d = Gather(s, at)
      c = Equal(d, at)
      ["/if"] r = If(c) <then_branch = yes () => (float[] t) { t = Squeeze(x, one) }, else_branch = no () => (float[] o) { o = Identity(x) }>
      """
    both = [{"x": X213}, {"x": X243}]
    yield Model("size_one", "size_one " + head + "y = Relu(r) }", both)
    yield Model("size_one_2d", "size_one_2d " + head + '["/turn"] y = Transpose <perm = [1, 0]> (r) }', both, [None, "/if"])
    yield Model("size_one_3d", "size_one_3d " + head + '["/turn"] y = Transpose <perm = [1, 0, 2]> (r) }', both, ["/if", None])
    yield Model("size_one_long", "size_one_long " + head + " ".join(f"v{i + 1} = Neg(v{i})" for i in range(1, 230)).replace("Neg(v1)", "Neg(r)")
                + " y = Relu(v230) }", both, [None, "/if"])
    yield Model("batch_not_one", """batch (float[n, 3] x) => (float[] y) <int64 one = {1}, int64 zero = {0}, int64[1] all = {-1}> {
      s = Shape(x)
      d = Gather(s, zero)
      c = Greater(d, one)
      y = If(c) <then_branch = yes () => (float[] t) { t = Reshape(x, all) }, else_branch = no () => (float[] o) { o = Identity(x) }>
    }""", [{"x": values(n, 3)} for n in (0, 1, 2, 5)])


def decided():
    """Conditions that ranks and sizes decide, whatever the run; the other branch need not fit."""
    conditions = {
        "rank": "s = Shape(x) d = Size(s) c = Equal(d, three)",
        "rank_of_shape": "s = Shape(x) ss = Shape(s) v = Squeeze(ss, zeros) c = Equal(v, three)",
        "not": "s = Shape(x) d = Size(s) e = Less(d, three) c = Not(e)",
        "and_or": "s = Shape(x) d = Size(s) e = Less(d, three) f = Greater(three, d) g = Or(e, f) h = And(g, flag) c = Not(h)",
        "or_flag": "s = Shape(x) d = Size(s) e = LessOrEqual(d, three) c = Or(flag, e)",
        "casts": "s = Shape(x) d = Size(s) i = Cast <to = 6> (d) j = Cast <to = 6> (three) e = Equal(i, j) k = Cast <to = 6> (e) c = Cast <to = 9> (k)",
        "never_negative": "s = Shape(x) d = Gather(s, zero) m = Neg(three) c = Greater(d, m)",
        "more": "s = Shape(x) d = Gather(s, zero) e = Add(d, three) c = GreaterOrEqual(e, three)",
        "equal_sizes": "s = Shape(x) d = Gather(s, zero) z = Exp(x) t1 = Shape(z) e = Gather(t1, zero) c = Equal(d, e)",
        "two_of_three": "s = Shape(x) f = Gather(s, two) g = Mul(f, three) h = Add(g, three) c = Less(g, h)",
        "where": "s = Shape(x) d = Size(s) e = Equal(d, three) v = Where(e, three, zero) c = Equal(v, three)",
        "xor": "s = Shape(x) d = Size(s) e = Equal(d, three) f = Equal(d, zero) c = Xor(e, f)",
        "least": "s = Shape(x) m = ReduceMin <keepdims = 0> (s) k = Neg(three) c = Greater(m, k)",
    }
    for name, condition in conditions.items():
        text = f"""{name} (bool flag, float[n, m, k] x) => (float[n, m, k] y)
          <int64 three = {{3}}, int64 two = {{2}}, int64 zero = {{0}}, int64[1] zeros = {{0}}, float[1, 1, 9] w = {{1, 1, 1, 1, 1, 1, 1, 1, 1}}> {{
          {condition}
          y = If(c) <then_branch = yes () => (float[] t) {{ t = Neg(x) }}, else_branch = no () => (float[] o) {{ o = Conv(x, w) }}>
        }}"""
        yield Model("decided_" + name, text, [{"flag": np.array(f), "x": values(2, 1, k)}
                                              for f in (True, False) for k in (3, 5)])


def never_valid():
    """A branch that breaks a rule is an error when it is taken, as in ONNX Runtime."""
    text = """deep (bool c, float[1, 1, 3] x) => (float[] y) <float[1, 1, 5] k = {1, 1, 1, 1, 1}> {
      ["/if"] y = If(c) <then_branch = yes () => (float[] t) { t = Neg(x) }, else_branch = no () => (float[] o) { ["/conv"] o = Conv(x, k) }>
    }"""
    feeds = [{"c": np.array(c), "x": values(1, 1, 3)} for c in (True, False)]
    yield Model("too_short", text, feeds, [None, "/if"])
    yield Model("too_short_then", text.replace("then", "THEN").replace("else", "then").replace("THEN", "else"), feeds, ["/if", None])
    pads = """pads (bool c, float[2, 3] x) => (float[] y) <int64[4] k = {0, -4, 0, 0}> {
      ["/if"] y = If(c) <then_branch = yes () => (float[] t) { t = Neg(x) }, else_branch = no () => (float[] o) { o = Pad(x, k) }>
    }"""
    yield Model("cut_too_much", pads, [{"c": np.array(c), "x": values(2, 3)} for c in (True, False)], [None, "/if"])


def inside():
    """An If of one rank in a branch of another If, and in a loop."""
    yield flagged("nested", "k = ReduceMax <keepdims = 0> (x) b = Greater(k, k) t = If(b) <then_branch = a () => (float[2, 1, 3] u) { u = Neg(x) }, "
                  "else_branch = b () => (float[2, 1, 3] v) { v = Exp(x) }>", "o = Squeeze(x, one)")


    for other in ("o = Identity(x)", "o = Neg(x)", "o = Squeeze(x, one)"):
        for behind in ("y = Identity(r)", "e = Exp(r) y = Add(e, r)", "y = MatMul(r, w)"):
            yield flagged("nested_ranks", "k = ReduceMax <keepdims = 0> (x) b = Greater(k, four) u = Neg(x) "
                          "v = If(b) <then_branch = a () => (float[] p) { p = Squeeze(u, one) }, "
                          "else_branch = b () => (float[] q) { q = Exp(u) }> t = Relu(v)", other, behind,
                          weights=", float four = {4}, float[3, 2] w = {1, 2, 3, 4, 5, 6}",
                          feeds=[{"c": np.array(c), "x": x} for c in (True, False) for x in (X213, X213 - 5)])
    yield Model("decided_around", """around (bool c, float[n, 1, 3] x) => (float[] y) <int64 three = {3}, int64[1] one = {1}> {
      s = Shape(x)
      d = Size(s)
      e = Equal(d, three)
      r = If(e) <then_branch = yes () => (float[] t) {
                   v = If(c) <then_branch = a () => (float[] p) { p = Squeeze(x, one) }, else_branch = b () => (float[] q) { q = Exp(x) }>
                   t = Neg(v)
                 }, else_branch = no () => (float[] o) { o = Identity(x) }>
      y = Relu(r)
    }""", [{"c": np.array(c), "x": -X213} for c in (True, False)])
    flat = "b = Greater(k, k) t = If(b) <then_branch = a () => (float[] u) { u = Reshape(x, all) }, else_branch = b () => (float[] v) { v = Exp(x) }>"
    yield flagged("both_nested", "k = ReduceMax <keepdims = 0> (x) " + flat,
                  "l = ReduceMin <keepdims = 0> (x) g = Equal(l, l) o = If(g) <then_branch = a2 () => (float[] u2) { u2 = Squeeze(x, one) }, "
                  "else_branch = b2 () => (float[] v2) { v2 = Abs(x) }>", "s = Shape(r) f = Cast <to = 1> (s) y = Sqrt(f)")


MODELS = [model for family in (unlike_ranks, followed, about_sizes, decided, never_valid, inside) for model in family()]
