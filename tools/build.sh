#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# build.sh [TARGET...] - configures (preset dev, or $OPTC_PRESET) and builds into build/.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${OPTC_PRESET:-dev}
log=build/configure.log
mkdir -p build
if [ ! -f build/build.ninja ] || [ "$(cat build/preset 2>/dev/null)" != "$preset" ]; then
  echo "build: configuring (preset $preset; log in $log)"
  cmake --preset "$preset" >"$log" 2>&1 || { tail -40 "$log"; exit 1; }
  echo "$preset" >build/preset
fi
echo "build: compiling; the first time takes minutes"
start=$SECONDS
# On a terminal ninja shows its progress; in a log only what fails.
if [ -t 1 ]; then quiet=(); else quiet=(--quiet); fi
ninja -C build "${quiet[@]}" "$@"
echo "build: done in $((SECONDS - start)) s"
