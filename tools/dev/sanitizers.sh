#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# sanitizers.sh [MODEL...] - builds into build-asan with the address, leak and undefined-behaviour sanitizers, then runs lit,
# the unit tests and small models (compared with ONNX Runtime's results) with that build.
#
# Any finding ends the program that made it, and so fails its test. Not instrumented: LLVM, MLIR and protobuf, headers
# included (tools/cmake/sanitizer-ignore.txt), the ONNX library, and the code that optc generates.
set -uo pipefail
cd "$(dirname "$0")/../.."

build=build-asan
models=("$@")
[ $# -gt 0 ] || models=(ocr_cls silero_vad_16k_op15 ocr_det)
# As test/unit/CMakeLists.txt says for the unit tests.
export ASAN_OPTIONS=allocator_may_return_null=1:allow_user_poisoning=0 UBSAN_OPTIONS=print_stacktrace=1
export ASAN_SYMBOLIZER_PATH=${ASAN_SYMBOLIZER_PATH:-$(command -v llvm-symbolizer-22)} OPTC_TEST_BUILD=$build
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0

# count PATTERN: the number in the last match of the pattern; 0 without.
count() { grep -oE "$1" "$log" | tail -1 | grep -oE '[0-9]+' | head -1 || echo 0; }

# part NAME COMMAND...: runs; leaves the exit code in $code and the output in $log.
part() {
  local name=$1 start=$SECONDS
  shift
  "$@" >"$log" 2>&1
  code=$?
  if [ $code = 0 ]; then tail -3 "$log"; else cat "$log"; fi
  echo "$name: $((SECONDS - start)) s"
}

# add PASSED FAILED: a part that failed without counting counts one.
add() {
  local bad=$2
  if [ $code != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  passed=$((passed + $1)) failed=$((failed + bad))
}

build() {
  [ -f $build/build.ninja ] || cmake --preset asan || return 1
  ninja -C $build --quiet OptcLitTools OptcUnitTests
}

part build build
if [ $code = 0 ]; then
  part lit ninja -C $build check-optc
  add "$(count 'Passed *: *[0-9]+')" "$(count 'Failed *: *[0-9]+')"
  # The tests of generated code for the least x86-64 level that has code: its instructions are not instrumented, and the
  # dev build tests every level. Lit and the models have the other levels compiled.
  export GTEST_FILTER=${GTEST_FILTER:--*_v4*}
  part unit ctest --test-dir $build --output-on-failure -j "$(nproc)"
  bad=$(count '[0-9]+ tests? failed')
  add "$(($(count 'out of [0-9]+') - bad))" "$bad"
  part models .venv/bin/python test/e2e/compare_models.py --command "${models[@]}"
  add "$(count '[0-9]+ passed')" "$(count '[0-9]+ failed')"
else
  failed=1
fi
echo "sanitizers: $passed passed, $failed failed"
[ $failed = 0 ]
