# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The C interface of liboptc_runtime (include/optc/runtime.h) through ctypes."""
import ctypes
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t, c_uint32, c_void_p

import numpy as np

from .builds import RUNTIME


class TensorInfo(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("dtype", c_int32), ("rank", c_int32),
                ("dims", POINTER(c_int64)), ("symbols", POINTER(c_char_p))]


class Tensor(ctypes.Structure):
    _fields_ = [("dtype", c_int32), ("rank", c_int32), ("dims", POINTER(c_int64)), ("data", c_void_p)]


class ModelOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_size_t), ("verify_weights", c_int32), ("huge_pages", c_int32), ("level", c_char_p)]


class ContextOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_size_t), ("threads", c_uint32), ("no_affinity", c_int32),
                ("parallel_for", c_void_p), ("parallel_for_user", c_void_p)]


class Work(ctypes.Structure):
    _fields_ = [("struct_size", c_size_t), ("multiply_adds", c_double), ("operations", c_double),
                ("bytes", c_double), ("kernels", c_uint32), ("uncounted", c_uint32)]


class OptcError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


_SIGNATURES = {
    "optc_error_code": (c_int, [c_void_p]),
    "optc_error_message": (c_char_p, [c_void_p]),
    "optc_error_destroy": (None, [c_void_p]),
    "optc_model_open": (c_void_p, [c_char_p, POINTER(ModelOptions), POINTER(c_void_p)]),
    "optc_model_open_memory": (c_void_p, [c_char_p, c_size_t, POINTER(ModelOptions), POINTER(c_void_p)]),
    "optc_model_destroy": (None, [c_void_p]),
    "optc_model_level": (c_char_p, [c_void_p]),
    "optc_model_input_count": (c_size_t, [c_void_p, c_size_t]),
    "optc_model_output_count": (c_size_t, [c_void_p, c_size_t]),
    "optc_model_input": (POINTER(TensorInfo), [c_void_p, c_size_t, c_size_t]),
    "optc_model_output": (POINTER(TensorInfo), [c_void_p, c_size_t, c_size_t]),
    "optc_context_create": (c_void_p, [c_void_p, c_size_t, POINTER(ContextOptions), POINTER(c_void_p)]),
    "optc_context_destroy": (None, [c_void_p]),
    "optc_context_set_threads": (c_void_p, [c_void_p, c_uint32]),
    "optc_context_set_input": (c_void_p, [c_void_p, c_size_t, POINTER(Tensor)]),
    "optc_context_run": (c_void_p, [c_void_p]),
    "optc_context_output": (c_void_p, [c_void_p, c_size_t, POINTER(Tensor)]),
    "optc_context_work": (c_void_p, [c_void_p, POINTER(Work)]),
    "optc_context_memory": (c_size_t, [c_void_p]),
}


def load(path=RUNTIME):
    library = ctypes.CDLL(str(path))
    for name, (result, arguments) in _SIGNATURES.items():
        if hasattr(library, name):  # an older runtime has fewer
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    return library


# The usual types by number; others need the onnx package, which takes memory and time to load.
_USUAL = {1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64,
          9: np.bool_, 10: np.float16, 11: np.float64, 12: np.uint32, 13: np.uint64}
_NUMBERS = {np.dtype(dtype): number for number, dtype in _USUAL.items()}


def number_of(dtype):
    if dtype in _NUMBERS:
        return _NUMBERS[dtype]
    from onnx import helper
    return helper.np_dtype_to_tensor_dtype(dtype)


def dtype_of(number):
    if number in _USUAL:
        return np.dtype(_USUAL[number])
    from onnx import helper
    return np.dtype(helper.tensor_dtype_to_np_dtype(number))


def aligned(array):
    """The same values at a 64-byte boundary, where the runtime takes them in place."""
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    room = np.empty(array.nbytes + 64, np.uint8)
    start = -room.ctypes.data % 64
    copy = room[start:start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def take(library, error):
    """Raises an error object of the library, if there is one, as OptcError."""
    if not error:
        return
    code = library.optc_error_code(error)
    message = library.optc_error_message(error).decode()
    library.optc_error_destroy(error)
    raise OptcError(code, message)


def try_open(library, data):
    """Opens an artifact in memory, weights verified, and closes it; raises OptcError."""
    model, options = c_void_p(), ModelOptions(struct_size=ctypes.sizeof(ModelOptions), verify_weights=1)
    take(library, library.optc_model_open_memory(data, len(data), byref(options), byref(model)))
    library.optc_model_destroy(model)


class Model:
    """An opened artifact with one context. `run` takes and returns arrays by name."""

    def __init__(self, path, threads=1, library=None, level=None):
        self.library = library or load()
        self.model, self.context, self.owner = c_void_p(), c_void_p(), None
        options = ModelOptions(struct_size=ctypes.sizeof(ModelOptions), level=level and level.encode())
        self._check(self.library.optc_model_open(str(path).encode(), byref(options), byref(self.model)))
        self._create_context(threads)

    def another(self, threads=1):
        """The same opened artifact with a context of its own."""
        other = object.__new__(Model)
        other.library, other.model, other.owner = self.library, self.model, self
        other._create_context(threads)
        return other

    def _create_context(self, threads):
        self.context = c_void_p()
        options = ContextOptions(struct_size=ctypes.sizeof(ContextOptions), threads=threads)
        self._check(self.library.optc_context_create(self.model, 0, byref(options), byref(self.context)))
        self.inputs = self._names("input")
        self.outputs = self._names("output")
        self.bound = {}   # keeps the arrays of set inputs alive

    def __del__(self):
        self.library.optc_context_destroy(self.context)
        if not self.owner:
            self.library.optc_model_destroy(self.model)

    def _names(self, what):
        count = getattr(self.library, f"optc_model_{what}_count")(self.model, 0)
        info = getattr(self.library, f"optc_model_{what}")
        return {info(self.model, 0, i).contents.name.decode(): i for i in range(count)}

    def _check(self, error):
        take(self.library, error)

    @property
    def level(self):
        return self.library.optc_model_level(self.model).decode()

    @property
    def memory(self):
        return self.library.optc_context_memory(self.context)

    def work(self):
        """How much work the last run was."""
        work = Work(struct_size=ctypes.sizeof(Work))
        self._check(self.library.optc_context_work(self.context, byref(work)))
        return work

    def set_threads(self, threads):
        self._check(self.library.optc_context_set_threads(self.context, threads))

    def set_inputs(self, feeds):
        for name, value in feeds.items():
            # What is aligned already may be a cache, which the run writes to.
            is_aligned = isinstance(value, np.ndarray) and value.ctypes.data % 64 == 0 and value.flags["C_CONTIGUOUS"]
            array = value if is_aligned else aligned(value)
            dims = (c_int64 * array.ndim)(*array.shape)
            tensor = Tensor(number_of(array.dtype), array.ndim, dims, array.ctypes.data)
            self._check(self.library.optc_context_set_input(self.context, self.inputs[name], byref(tensor)))
            self.bound[name] = array

    def execute(self):
        self._check(self.library.optc_context_run(self.context))

    def output(self, name):
        """A copy of an output of the last run."""
        tensor = Tensor()
        self._check(self.library.optc_context_output(self.context, self.outputs[name], byref(tensor)))
        dtype = dtype_of(tensor.dtype)
        shape = tuple(tensor.dims[:tensor.rank])
        size = int(np.prod(shape)) * dtype.itemsize
        data = ctypes.string_at(tensor.data, size) if size else b""
        return np.frombuffer(bytearray(data), dtype).reshape(shape)

    def run(self, feeds):
        self.set_inputs(feeds)
        self.execute()
        return {name: self.output(name) for name in self.outputs}
