#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs optc on models written in ONNX's text format inside a test file.

  onnx_text.py FILE [ARGUMENT...]      arguments of optc; default: --emit=nn

Models are separated by lines `// -----`; other lines that start with `//` are not part of them.
A model without a header gets ONNX's newest opset, and `local` as the domain of its functions. A line `// data: NAME TYPE
NUMBER...` puts a file of these numbers beside the models, for external data. For each model this
prints its name, what optc prints, and its exit code when that is not 0, so that one FileCheck sees
the whole file."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnx.parser

HEADER = f'<ir_version: 10, opset_import: ["": {onnx.defs.onnx_opset_version()}, "ai.onnx.ml": 5, "local": 1]>\n'
DATA = re.compile(r"// data: (\S+) (\w+) (.*)")


def split(text):
    """(text of the model, its data lines) of every model of the file."""
    for part in re.split(r"^// -----$", text, flags=re.MULTILINE):
        lines = part.splitlines()
        body = "\n".join(line for line in lines if not line.startswith("//")).strip()
        if body:
            yield body, list(filter(None, map(DATA.fullmatch, lines)))


def parse(body):
    # Text of a model starts with its header, and only that starts with '<'.
    return onnx.parser.parse_model(body if body.startswith("<") else HEADER + body)


def run(model, data, arguments):
    with tempfile.TemporaryDirectory(prefix="optc-text-") as scratch:
        folder = Path(scratch)
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        for name, kind, numbers in (match.groups() for match in data):
            (folder / name).write_bytes(np.array(numbers.split(), dtype=kind).tobytes())
        result = subprocess.run(["optc", *arguments, "model.onnx"], cwd=folder, capture_output=True, text=True)
    print(f"// model {model.graph.name}\n{result.stdout}{result.stderr}", end="")
    if result.returncode:
        print(f"// exit code {result.returncode}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for body, data in split(Path(sys.argv[1]).read_text()):
        run(parse(body), data, sys.argv[2:] or ["--emit=nn"])


if __name__ == "__main__":
    main()
