# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The lit suite: MLIR text tests (.mlir) and command tests (.test) of this folder. What a
test needs beyond the build is a feature: `REQUIRES: avx512` and the like."""
import os
from pathlib import Path

import lit.formats

config.name = "optc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.optc_build, "test")
config.excludes = ["unit", "backend", "models", "harness", "bench"]

tools = [os.path.join(config.optc_build, "bin"), config.llvm_tools]
config.environment["PATH"] = os.pathsep.join([*tools, config.environment["PATH"]])

# Tests of the import write their models as text, which needs the onnx package of tools/setup.sh.
python = Path(config.test_source_root).parent / ".venv" / "bin" / "python"
if python.exists():
    config.available_features.add("onnx")
config.substitutions.append(("%python", str(python)))
config.substitutions.append(("%mlir-include", str(Path(config.llvm_tools).parent / "include")))
config.substitutions.append(("%import-onnx", f"{python} {config.test_source_root}/harness/onnx_text.py"))

flags = Path("/proc/cpuinfo").read_text().split("flags", 1)[-1].split("\n", 1)[0].split()
config.available_features |= {name for name, flag in (("avx2", "avx2"), ("avx512", "avx512f")) if flag in flags}
