# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares values with expected ones."""
import numpy as np

from .manifest import as_text, is_native

# bfloat16 keeps 8 bits: results may differ by a rounding on either side.
BFLOAT16_RTOL = 2.0 ** -6


class Mismatch(Exception):
    pass


def close(want, got, rtol, atol, where="output"):
    """Raises Mismatch unless `got` equals `want` in kind, shape, type and, within the
    tolerances, value."""
    if want is None or got is None:
        if want is not got:
            raise Mismatch(f"{where}: one side is an empty optional")
    elif isinstance(want, dict):
        if not isinstance(got, dict) or want.keys() != got.keys():
            raise Mismatch(f"{where}: map keys differ")
        for key in want:
            close(np.asarray(want[key]), np.asarray(got[key]), rtol, atol, f"{where}[{key}]")
    elif isinstance(want, (list, tuple)):
        if not isinstance(got, (list, tuple)) or len(want) != len(got):
            raise Mismatch(f"{where}: expected a sequence of {len(want)}")
        for i, (w, g) in enumerate(zip(want, got)):
            close(w, g, rtol, atol, f"{where}[{i}]")
    else:
        _close_tensor(np.asarray(want), np.asarray(got), rtol, atol, where)


def _close_tensor(want, got, rtol, atol, where):
    if want.shape != got.shape:
        raise Mismatch(f"{where}: shape {got.shape}, expected {want.shape}")
    if want.dtype.kind in "OUS":
        if as_text(want) != as_text(got):
            raise Mismatch(f"{where}: strings differ")
        return
    if want.dtype != got.dtype:
        raise Mismatch(f"{where}: dtype {got.dtype}, expected {want.dtype}")
    if not is_native(want.dtype):
        if want.dtype.name == "bfloat16":
            rtol = max(rtol, BFLOAT16_RTOL)
        want, got = want.astype(np.float32), got.astype(np.float32)
    try:
        np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)
    except AssertionError as error:
        raise Mismatch(f"{where}: " + " ".join(str(error).split())[:300]) from None


def scaled_error(want, got):
    """Largest difference over the largest expected magnitude; infinite for another shape,
    type or a non-finite value on one side only."""
    want, got = np.asarray(want), np.asarray(got)
    if want.shape != got.shape or want.dtype != got.dtype:
        return float("inf")
    if want.size == 0:
        return 0.0
    want, got = want.astype(np.float64), got.astype(np.float64)
    finite = np.isfinite(want)
    if not np.array_equal(want[~finite], got[~finite], equal_nan=True) or not np.isfinite(got[finite]).all():
        return float("inf")
    scale = np.abs(want[finite]).max(initial=0) or 1.0
    return float(np.abs(want - got, where=finite, out=np.zeros_like(want)).max() / scale)


def cosine(want, got):
    """Of the angle between both, taken as vectors; NaN for another shape or type, 1 for zeros."""
    if want.shape != got.shape or want.dtype != got.dtype:
        return float("nan")
    want, got = want.astype(np.float64).ravel(), got.astype(np.float64).ravel()
    lengths = np.linalg.norm(want) * np.linalg.norm(got)
    if lengths == 0:
        return 1.0 if np.array_equal(want, got) else float("nan")
    return float(want @ got / lengths)


def same_argmax(want, got, tolerance=1e-4):
    """Whether the largest value along the last axis stands in the same place, where the
    expected runner-up is not within the tolerance of it anyway."""
    if want.ndim == 0 or want.shape[-1] < 2 or want.size == 0:
        return True
    place = np.expand_dims(got.argmax(-1), -1)
    reached = np.take_along_axis(want, place, -1)[..., 0]
    return bool((want.max(-1) - reached <= tolerance * np.abs(want).max()).all())
