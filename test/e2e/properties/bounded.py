# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Numbers with a bound of their error, for references that say how far f32 may be off.

A Bounded has float64 values, taken for exact, and for each the largest error that an f32
computation of it may have. Every operation adds its own rounding and carries on the errors of
its operands, so a reference written with them computes its tolerance along with the result.

Sums of n terms count min(n, 6 sqrt(n)) roundings of the sum of magnitudes, in any order: rounding
errors are independent, and six standard deviations are exceeded once in 10^9. Products with
`narrow` are of operands rounded to bfloat16, exactly as rounding to nearest even has it."""
import numpy as np

ROUNDING = 2.0 ** -24       # of f32, to nearest
NARROW_ROUNDING = 2.0 ** -8 # of bfloat16
FUNCTION = 4 * 2.0 ** -23   # relative error of a vector function: 4 units in the last place
TINY = 2.0 ** -126          # results below may be flushed to zero


def roundings(terms):
    return min(terms, 6 * terms ** 0.5) * ROUNDING


def to_bfloat16(values):
    """float64 copies of f32 values rounded to bfloat16, ties to even."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & np.uint32(0xffff0000)
    return rounded.view(np.float32).astype(np.float64)


class Bounded:
    def __init__(self, value, error=0.0):
        self.value = np.asarray(value, np.float64)
        self.error = np.broadcast_to(np.asarray(error, np.float64), self.value.shape)

    def rounded(self, relative=ROUNDING):
        return Bounded(self.value, self.error + relative * (np.abs(self.value) + self.error) + TINY)

    def __add__(self, other):
        other = of(other)
        return Bounded(self.value + other.value, self.error + other.error).rounded()

    def __sub__(self, other):
        other = of(other)
        return Bounded(self.value - other.value, self.error + other.error).rounded()

    def __mul__(self, other):
        other = of(other)
        error = np.abs(self.value) * other.error + self.error * np.abs(other.value) + self.error * other.error
        return Bounded(self.value * other.value, error).rounded()

    def __truediv__(self, other):
        """A division, or a product with the reciprocal: two roundings more."""
        other = of(other)
        least = np.maximum(np.abs(other.value) - other.error, np.finfo(np.float64).tiny)
        quotient = self.value / other.value
        return Bounded(quotient, (self.error + np.abs(quotient) * other.error) / least).rounded(3 * ROUNDING)

    def monotone(self, function, relative=FUNCTION):
        """A function that only rises or only falls between value - error and value + error."""
        value = function(self.value)
        error = np.maximum(np.abs(function(self.value + self.error) - value),
                           np.abs(function(self.value - self.error) - value))
        return Bounded(value, error).rounded(relative)

    def steep(self, function, slope, relative=FUNCTION):
        """A function that nowhere rises or falls by more than `slope`."""
        return Bounded(function(self.value), slope * self.error).rounded(relative)

    def moved(self, function):
        """What only moves elements, on values and errors alike."""
        return Bounded(function(self.value), function(self.error))

    def __getitem__(self, key):
        return self.moved(lambda a: a[key])

    def reshape(self, *shape):
        return self.moved(lambda a: a.reshape(*shape))

    def transpose(self, *axes):
        return self.moved(lambda a: a.transpose(*axes))

    def _terms(self, axis):
        axes = range(self.value.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        return int(np.prod([self.value.shape[a] for a in axes]))

    def sum(self, axis=None, keepdims=False):
        magnitude = (np.abs(self.value) + self.error).sum(axis, keepdims=keepdims)
        error = self.error.sum(axis, keepdims=keepdims) + roundings(self._terms(axis)) * magnitude
        return Bounded(self.value.sum(axis, keepdims=keepdims), error)

    def mean(self, axis=None, keepdims=False):
        return self.sum(axis, keepdims) / max(self._terms(axis), 1)

    def max(self, axis, keepdims=False):
        return Bounded(self.value.max(axis, keepdims=keepdims), self.error.max(axis, keepdims=keepdims))

    def min(self, axis, keepdims=False):
        return Bounded(self.value.min(axis, keepdims=keepdims), self.error.max(axis, keepdims=keepdims))

    def narrowed(self):
        """Rounded to bfloat16; a value with an error may be rounded to a neighbour."""
        value = to_bfloat16(self.value)
        return Bounded(value, np.where(self.error > 0, self.error + 2 * NARROW_ROUNDING * np.abs(value), 0))

    def misses(self, got):
        """Where `got` is further away than the bound; a NaN always is."""
        return ~(np.abs(np.asarray(got, np.float64) - self.value) <= self.error)


def of(value):
    return value if isinstance(value, Bounded) else Bounded(value)


def product(spec, a, b, narrow=False):
    """A sum of products, as einsum has it."""
    a, b = of(a), of(b)
    if narrow:
        a, b = a.narrowed(), b.narrowed()
    ranks = spec.split("->")[0].split(",")
    sizes = dict(zip(ranks[0], a.value.shape)) | dict(zip(ranks[1], b.value.shape))
    terms = int(np.prod([size for axis, size in sizes.items() if axis not in spec.split("->")[1]]))
    einsum = lambda x, y: np.einsum(spec, x, y, optimize=True)
    size_a, size_b = np.abs(a.value), np.abs(b.value)
    error = roundings(terms) * einsum(size_a + a.error, size_b + b.error)
    if a.error.any():
        error = error + einsum(a.error, size_b + b.error)
    if b.error.any():
        error = error + einsum(size_a, b.error)
    return Bounded(einsum(a.value, b.value), error).rounded()


def concatenate(parts, axis):
    return Bounded(np.concatenate([p.value for p in parts], axis), np.concatenate([p.error for p in parts], axis))


def stack(parts, axis=0):
    return Bounded(np.stack([p.value for p in parts], axis), np.stack([p.error for p in parts], axis))


def maximum(a, b):
    a, b = of(a), of(b)
    return Bounded(np.maximum(a.value, b.value), np.maximum(a.error, b.error))


def minimum(a, b):
    a, b = of(a), of(b)
    return Bounded(np.minimum(a.value, b.value), np.maximum(a.error, b.error))


def sigmoid(x):
    def exact(v):
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-v))
    return of(x).monotone(exact, 2 * FUNCTION)


def tanh(x):
    return of(x).monotone(np.tanh)


def exp(x):
    return of(x).monotone(np.exp)
