# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values in a folder, as `optc run --inputs DIR --output-dir DIR` exchanges them.

DIR/manifest.json is a list with one entry per input or output:
  {"name":N, "kind":"tensor", "dtype":"float", "shape":[2,3], "file":"0.npy"}
  {"name":N, "kind":"sequence", "items":[<entry>,...]}
  {"name":N, "kind":"none"}                             an empty optional
  {"name":N, "kind":"map", "keys":<entry>, "values":<entry>}
dtype is the ONNX name in lower case (float, float16, double, int64, bool...). Types numpy's
format has no name for are stored bit for bit: bfloat16 as uint16, the 8-bit floats and all
below 8 bits as uint8 (one element per byte). Strings are a .json file with a flat list."""
import itertools
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import helper


def dtype_name(array):
    if array.dtype.kind in "OUS":
        return "string"
    return onnx.TensorProto.DataType.Name(helper.np_dtype_to_tensor_dtype(array.dtype)).lower()


def _numpy_dtype(name):
    return helper.tensor_dtype_to_np_dtype(onnx.TensorProto.DataType.Value(name.upper()))


def is_native(dtype):
    """Whether numpy itself (and its file format) knows the type."""
    return dtype.isbuiltin == 1 and dtype.kind != "V"


def as_text(array):
    return [x.decode() if isinstance(x, bytes) else str(x) for x in array.reshape(-1)]


def _pack_tensor(array, name, folder, number):
    entry = {"name": name, "kind": "tensor", "dtype": dtype_name(array), "shape": list(array.shape)}
    if entry["dtype"] == "string":
        entry["file"] = f"{number}.json"
        (folder / entry["file"]).write_text(json.dumps(as_text(array)))
        return entry
    entry["file"] = f"{number}.npy"
    if not is_native(array.dtype):
        array = array.view(np.uint16 if array.dtype.itemsize == 2 else np.uint8)
    np.save(folder / entry["file"], np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
    return entry


def _pack(value, name, folder, numbers):
    again = lambda v: _pack(v, "", folder, numbers)
    if value is None:
        return {"name": name, "kind": "none"}
    if isinstance(value, dict):
        return {"name": name, "kind": "map", "keys": again(np.array(list(value.keys()))),
                "values": again(np.array(list(value.values())))}
    if isinstance(value, (list, tuple)):
        return {"name": name, "kind": "sequence", "items": [again(v) for v in value]}
    return _pack_tensor(np.asarray(value), name, folder, next(numbers))


def _unpack(entry, folder):
    if entry["kind"] == "none":
        return None
    if entry["kind"] == "sequence":
        return [_unpack(e, folder) for e in entry["items"]]
    if entry["kind"] == "map":
        keys, values = _unpack(entry["keys"], folder), _unpack(entry["values"], folder)
        return dict(zip(keys.tolist(), values.tolist()))
    path = folder / entry["file"]
    if path.suffix == ".json":
        return np.array(json.loads(path.read_text()), dtype=object).reshape(entry["shape"])
    array, dtype = np.load(path, allow_pickle=False), _numpy_dtype(entry["dtype"])
    return array if array.dtype == dtype else array.view(dtype)


def write(folder, values):
    """Writes values, a list of (name, value), into an existing folder."""
    folder, numbers = Path(folder), itertools.count()
    entries = [_pack(value, name, folder, numbers) for name, value in values]
    (folder / "manifest.json").write_text(json.dumps(entries))


def read(folder):
    """The values of a folder, by name, in the order of the manifest."""
    folder = Path(folder)
    entries = json.loads((folder / "manifest.json").read_text())
    return {entry["name"]: _unpack(entry, folder) for entry in entries}
