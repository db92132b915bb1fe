# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention of opset 23: masks, causal, groups of heads that share keys, caps on scores."""
import numpy as np

from . import bounded
from .bounded import NARROW_ROUNDING, Bounded, of, product
from .case import family
from .rows import softmax


@family(narrow=True, weight=0.75)
def attention(case):
    case.draw_sizes("batch", "queries", "keys", most=1 << 14, pool=(1, 1, 2, 3, 7, 16, 17, 33, 64, 97, 131))
    heads_of_group, groups = case.pick(1, 1, 2, 3), case.pick(1, 2, 4)
    size, value_size = case.pick(1, 8, 16, 20, 32, 64), case.pick(8, 16, 24, 64)
    q = case.input("q", ["batch", groups * heads_of_group, "queries", size])
    k = case.input("k", ["batch", groups, "keys", size])
    v = case.input("v", ["batch", groups, "keys", value_size])
    causal, cap = case.chance(0.4), float(case.pick(0, 0, 2.5))
    mask, added = _mask(case, causal)
    case.note = f"heads={groups}x{heads_of_group} size={size},{value_size} causal={causal} cap={cap} mask={mask and mask.array.dtype}"
    options = {"softcap": cap} if cap else {}
    # What is in a key that is left out does not count here; ONNX Runtime multiplies it by 0.
    case.poisons = mask is None and not causal
    y = case.op("Attention", q, k, v, *([mask] if mask else []), is_causal=int(causal), **options)

    def compute(narrow):
        # With bf16 what is multiplied may be rounded, and is not everywhere.
        multiplied = lambda x: of(x).rounded(NARROW_ROUNDING) if narrow else of(x)
        keys, values = (multiplied(np.repeat(x.array, heads_of_group, 1)) for x in (k, v))
        scores = product("bhqd,bhkd->bhqk", multiplied(q.array), keys) * (1 / np.sqrt(size))
        if cap:
            scores = bounded.tanh(scores / of(cap)) * of(cap)
        kept = np.isfinite(added)
        scores = scores + of(np.where(kept, added, 0))
        scores = Bounded(np.where(kept, scores.value, -1e4), np.where(kept, scores.error, 0))
        return product("bhqk,bhkd->bhqd", multiplied(softmax(scores, 3)), values)
    if not case.chance(0.4):
        return case.output(y, compute)
    # The heads side by side, as a product reads them, for which bf16 stores them rounded.
    weight = case.weight("w", case.normal(groups * heads_of_group * value_size, case.pick(8, 17)))
    y = case.op("Reshape", case.op("Transpose", y, perm=[0, 2, 1, 3]), case.ints(0, 0, -1))

    def project(narrow):
        heads = compute(narrow).transpose(0, 2, 1, 3)
        return product("bqd,dn->bqn", heads.reshape(*heads.value.shape[:2], -1), weight.array, narrow in ("states", "all"))
    case.output(case.op("MatMul", y, weight), project)


def _mask(case, causal):
    """The mask's input, and what is added to scores; each query has a key left."""
    queries, keys = case.sizes["queries"], case.sizes["keys"]
    kept = np.tri(queries, keys, dtype=bool) if causal else np.ones((queries, keys), bool)
    kind = case.pick(None, None, "bool", "float")
    if kind == "bool":
        chosen = case.rng.random((queries, keys)) < 0.7
        chosen[:, 0] = True
        return case.input("m", ["queries", "keys"], chosen), np.where(kept & chosen, 0, -np.inf)
    if kind == "float":
        some = case.normal(queries, keys)
        return case.input("m", ["queries", "keys"], some), np.where(kept, some, -np.inf)
    return None, np.where(kept, 0, -np.inf)
