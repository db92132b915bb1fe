# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The build under test: build/, or the folder that OPTC_TEST_BUILD names (build-asan)."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("OPTC_TEST_BUILD", "build")
OPTC = BUILD / "bin" / "optc"
RUNTIME = BUILD / "lib" / "liboptc_runtime.so"


def is_sanitized():
    """Programs of a sanitized build are slow, and map terabytes that they do not use."""
    cache = BUILD / "CMakeCache.txt"
    return cache.exists() and "OPTC_SANITIZE:BOOL=ON" in cache.read_text()
