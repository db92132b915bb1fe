"""NaN and infinities in the inputs of a case, and where they must come out."""
import zlib

import numpy as np

POISON = np.array([np.nan, np.inf, -np.inf], np.float32)


def poisoned(case):
    """The inputs of a case with one to three elements of each replaced; those of whole numbers stay."""
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    feeds = {}
    for name, array in case.inputs.items():
        if array.dtype.kind == "f" and array.size:
            array = array.copy()
            places = rng.integers(array.size, size=rng.integers(1, 4))
            array.reshape(-1)[places] = rng.choice(POISON, len(places))
        feeds[name] = array
    return feeds


def _kinds(array):
    """0 finite, 1 NaN, 2 infinite, 3 minus infinite."""
    return np.select([np.isnan(array), array == np.inf, array == -np.inf], [1, 2, 3], 0)


def difference(want, got, exact):
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
            f"ONNX Runtime has {want[place]}")
