#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the ONNX backend test suite of the installed onnx package to a folder, as
  OUT/<kind>/<test>/{model.onnx, data.json, test_data_set_N/{input,output}_K.pb}

  generate.py [OUT]       default: build/onnx-backend

The package holds the node tests as Python code only. The result is the same on every run."""
import argparse
import json
import shutil
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case import model as model_cases
from onnx.backend.test.loader import DATA_DIR, load_model_tests
from onnx.backend.test.runner import Runner

ROOT = Path(__file__).resolve().parents[2]
READY_KINDS = ("simple", "pytorch-converted", "pytorch-operator")
PROTOS = (onnx.TensorProto, onnx.SparseTensorProto, onnx.SequenceProto, onnx.OptionalProto, onnx.MapProto)
LIGHT_TOLERANCE = {"rtol": 2e-3, "atol": 1e-5}


def to_proto(value, kind, name):
    if isinstance(value, PROTOS):
        return value
    maker = {"map_type": numpy_helper.from_dict, "sequence_type": numpy_helper.from_list,
             "optional_type": numpy_helper.from_optional}.get(kind.WhichOneof("value"))
    return maker(value, name) if maker else numpy_helper.from_array(np.asarray(value), name)


def put(path, proto):
    path.write_bytes(proto.SerializeToString(deterministic=True))


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_case(out, case):
    folder = fresh(out / case.kind / case.name)
    put(folder / "model.onnx", case.model)
    (folder / "data.json").write_text(json.dumps({"rtol": case.rtol, "atol": case.atol}))
    graph = case.model.graph
    for i, (inputs, outputs) in enumerate(case.data_sets):
        data = fresh(folder / f"test_data_set_{i}")
        for what, values, infos in (("input", inputs, graph.input), ("output", outputs, graph.output)):
            for k, value in enumerate(values):
                put(data / f"{what}_{k}.pb", to_proto(value, infos[k].type, infos[k].name))


def write_light(out, source):
    """Whole CNNs with outputs shipped for a ramp as input."""
    folder = fresh(out / "light" / f"test_{source.stem}")
    shutil.copy(source, folder / "model.onnx")
    (folder / "data.json").write_text(json.dumps(LIGHT_TOLERANCE))
    data = fresh(folder / "test_data_set_0")
    graph = onnx.load(source).graph
    initialized = {i.name for i in graph.initializer}
    inputs = [x for x in graph.input if x.name not in initialized]
    for k, x in enumerate(inputs):
        put(data / f"input_{k}.pb", numpy_helper.from_array(Runner.generate_dummy_data(x), x.name))
    for k, path in enumerate(sorted(source.parent.glob(source.stem + "_output_*.pb"))):
        shutil.copy(path, data / f"output_{k}.pb")


def generate(out):
    count = 0
    cases = [c for c in model_cases.collect_testcases() if c.model is not None] + load_model_tests(kind="node")
    for case in cases:
        write_case(out, case)
        count += 1
    for kind in READY_KINDS:
        for case in load_model_tests(kind=kind):
            target = out / kind / case.name
            if case.model_dir and not target.exists():
                shutil.copytree(case.model_dir, target)
                count += 1
    for source in sorted((Path(DATA_DIR) / "light").glob("light_*.onnx")):
        write_light(out, source)
        count += 1
    return count


def ensure(out):
    """Generates the suite unless it is there already, from this version of onnx."""
    stamp = out / "onnx-version"
    if stamp.exists() and stamp.read_text() == onnx.__version__:
        return
    start = time.time()
    fresh(out)
    with np.errstate(all="ignore"):   # the cases divide by zero on purpose
        count = generate(out)
    stamp.write_text(onnx.__version__)
    print(f"generated {count} backend cases of onnx {onnx.__version__} in {time.time() - start:.0f} s")


DEFAULT = ROOT / "build" / "onnx-backend"

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=DEFAULT)
    ensure(parser.parse_args().out)
