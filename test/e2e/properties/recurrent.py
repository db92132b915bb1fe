# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""LSTM and GRU: cells step by step."""
import numpy as np

from . import bounded
from .bounded import of, product, stack
from .case import family


def _inputs(case, gates):
    case.draw_sizes("steps", "batch", empty=("batch",), large=("batch",), pool=(1, 2, 3, 5, 7, 13), most=5000)
    inputs, hidden = case.pick(1, 3, 8, 17, 64), case.pick(1, 5, 8, 16, 31, 64)
    directions = case.pick(1, 1, 2)
    case.sizes |= {"inputs": inputs, "hidden": hidden, "directions": directions}
    case.own_nan = True
    x = case.input("x", ["steps", "batch", inputs])
    weight = lambda name, *shape: case.weight(name, case.normal(*shape, scale=0.5 / np.sqrt(shape[-1])))
    w, r = weight("w", directions, gates * hidden, inputs), weight("r", directions, gates * hidden, hidden)
    b = weight("b", directions, 2 * gates * hidden)
    return x, w, r, b, hidden, directions


def _parts(x, count):
    size = x.value.shape[-1] // count
    return [x[..., i * size:(i + 1) * size] for i in range(count)]


def _walk(x, directions, step, states):
    """All outputs [steps, directions, batch, hidden] of `step(direction, x_t, states) -> states`."""
    ways = []
    for d in range(directions):
        backward, now, seen = d == 1, [s[d] for s in states], []
        order = range(len(x))[::-1] if backward else range(len(x))
        for t in order:
            now = step(d, x[t], now)
            seen.append(now[0])
        ways.append(stack(seen[::-1] if backward else seen))
    return stack(ways, 1)


@family(narrow=True)
def lstm(case):
    x, w, r, b, hidden, directions = _inputs(case, 4)
    h = case.input("h", [directions, "batch", hidden])
    c = case.input("c", [directions, "batch", hidden])
    y = case.op("LSTM", x, w, r, b, None, h, c, hidden_size=hidden, direction="bidirectional" if directions == 2 else "forward")

    def compute(narrow):
        def step(d, now, states):
            before, cell = states
            bias = b.array[d].reshape(2, -1).astype(np.float64).sum(0)
            z = product("bi,gi->bg", now, w.array[d], narrow in ("inputs", "all")) + product("bh,gh->bg", before, r.array[d], narrow in ("states", "all")) + of(bias)
            i, o, f, g = _parts(z, 4)
            cell = bounded.sigmoid(f) * cell + bounded.sigmoid(i) * bounded.tanh(g)
            return [bounded.sigmoid(o) * bounded.tanh(cell), cell]
        return _walk(x.array, directions, step, [[of(s.array[d]) for d in range(directions)] for s in (h, c)])
    case.output(y, compute)


@family(narrow=True)
def gru(case):
    x, w, r, b, hidden, directions = _inputs(case, 3)
    h = case.input("h", [directions, "batch", hidden])
    late = case.chance(0.5)
    case.note = f"linear_before_reset={late}"
    y = case.op("GRU", x, w, r, b, None, h, hidden_size=hidden, linear_before_reset=int(late),
                direction="bidirectional" if directions == 2 else "forward")

    def compute(narrow):
        def step(d, now, states):
            before = states[0]
            wb, rb = (of(part) for part in b.array[d].reshape(2, -1))
            wz, wr, wh = _parts(product("bi,gi->bg", now, w.array[d], narrow in ("inputs", "all")) + wb, 3)
            rz, rr, rh = (r.array[d][i * hidden:(i + 1) * hidden] for i in range(3))
            bz, br, bh = _parts(rb, 3)
            recurrent = lambda state, weights: product("bh,gh->bg", state, weights, narrow in ("states", "all"))
            z = bounded.sigmoid(wz + recurrent(before, rz) + bz)
            reset = bounded.sigmoid(wr + recurrent(before, rr) + br)
            if late:
                new = bounded.tanh(wh + reset * (recurrent(before, rh) + bh))
            else:
                new = bounded.tanh(wh + recurrent(reset * before, rh) + bh)
            return [(of(1.0) - z) * new + z * before]
        return _walk(x.array, directions, step, [[of(h.array[d]) for d in range(directions)]])
    case.output(y, compute)
