# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""NaN and infinities in the inputs of a case, and where they must come out.

That is where ONNX Runtime has them, with two exceptions, where they must be where numpy has them:
of the largest of many (MaxPool, ReduceMax) ONNX Runtime makes NaN of a NaN in some places of a row
and not in others, as its vectors happen to be filled; in LSTM and GRU it bounds what goes into
tanh, which turns NaN into a number."""
import zlib

import numpy as np

POISON = np.array([np.nan, np.inf, -np.inf], np.float32)


def poisoned(case):
    """The inputs of a case with one to three elements of each replaced; those of whole numbers stay."""
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    feeds = {}
    for name, array in case.feeds().items():
        if case.poisons and array.dtype.kind == "f" and array.size:
            array = array.copy()
            places = rng.integers(array.size, size=rng.integers(1, 4))
            array.reshape(-1)[places] = rng.choice(POISON, len(places))
        feeds[name] = array
    return feeds


def _kinds(array):
    """0 finite, 1 NaN, 2 infinite, 3 minus infinite."""
    return np.select([np.isnan(array), array == np.inf, array == -np.inf], [1, 2, 3], 0)


def difference(want, got, exact, oracle="ONNX Runtime"):
    """Where NaN or an infinity is missing or of another kind. Not `exact`: what should be non-finite
    must be that in some way, and more may be (a tile of Winograd's algorithm mixes its inputs)."""
    if want.shape != got.shape:
        return f"shape {list(got.shape)}, expected {list(want.shape)}"
    wanted, found = _kinds(want), _kinds(got)
    wrong = wanted != found if exact else (wanted != 0) & (found == 0)
    if not wrong.any():
        return ""
    place = np.unravel_index(wrong.argmax(), wrong.shape)
    return (f"{wrong.sum()} of {wrong.size} wrong, first at {[int(i) for i in place]}: {got[place]}, "
            f"{oracle} has {want[place]}")


def far(want, got):
    """Finite values that are not those of ONNX Runtime, whose Sigmoid is off by 1e-8."""
    finite = np.isfinite(want)
    want, got = (np.where(finite, a, 0).astype(np.float64) for a in (want, got))
    wrong = np.abs(want - got) > 1e-5 * np.abs(want) + 2e-8
    if not wrong.any():
        return ""
    place = np.unravel_index(wrong.argmax(), wrong.shape)
    return f"{wrong.sum()} wrong, first at {[int(i) for i in place]}: {got[place]}, ONNX Runtime has {want[place]}"
