#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# run-tests.sh - sets up, builds, and runs every test of optc.
#
#   tools/run-tests.sh            all stages
#   tools/run-tests.sh --quick    two small models, a part of the other suites: a few minutes
#
# Each stage writes build/test-logs/<stage>.log. The last line sums up all of them.
set -uo pipefail
cd "$(dirname "$0")/.."

quick=no
case "${1:-}" in
  "") ;;
  --quick) quick=yes ;;
  *) echo "usage: tools/run-tests.sh [--quick]"; exit 2 ;;
esac

logs=build/test-logs
python=.venv/bin/python
passed=0 failed=0 skipped=0
closing=()

# count PATTERN FILE: the number in front of or behind the pattern, in its last match; 0 without.
count() { grep -oE "$1" "$2" | tail -1 | grep -oE '[0-9]+' | head -1 || true; }

# finish NAME CODE PASSED FAILED SKIPPED LINE: a stage that failed without counting counts one.
finish() {
  local name=$1 code=$2 p=${3:-0} f=${4:-0} s=${5:-0}
  if [ "$code" != 0 ] && [ "$f" = 0 ]; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  closing+=("$(printf '%-15s %s' "$name" "$6")")
  [ "$code" = 0 ] || echo "  FAILED (exit $code); see $logs/$name.log"
}

# stage NAME COMMAND...: runs, shows the end of the log, leaves the exit code in $code.
stage() {
  local name=$1 start=$SECONDS
  shift
  echo "== $name: $*"
  "$@" >"$logs/$name.log" 2>&1
  code=$?
  tail -n "$([ $code = 0 ] && echo 3 || echo 40)" "$logs/$name.log"
  echo "   $((SECONDS - start)) s"
}

# Runners of this project close with "name: N passed, N failed[, N skipped]".
ownStage() {
  local name=$1 log=$logs/$1.log
  stage "$@"
  finish "$name" $code "$(count '[0-9]+ passed' "$log")" "$(count '[0-9]+ failed' "$log")" \
    "$(count '[0-9]+ skipped' "$log")" "$(tail -1 "$log")"
}

unitStage() {
  local log=$logs/unit.log
  stage unit ctest --test-dir build --output-on-failure -j "$(nproc)"
  local total bad
  total=$(count 'out of [0-9]+' "$log") bad=$(count '[0-9]+ tests? failed' "$log")
  finish unit $code "$((${total:-0} - ${bad:-0}))" "${bad:-0}" 0 "$(grep -E 'tests passed' "$log" | tail -1)"
}

litStage() {
  local log=$logs/lit.log
  stage lit ninja -C build check-optc
  finish lit $code "$(count 'Passed *: *[0-9]+' "$log")" "$(count 'Failed *: *[0-9]+' "$log")" \
    "$(count 'Unsupported *: *[0-9]+' "$log")" \
    "$(grep -E '^ *(Passed|Failed|Unsupported|Unresolved|Timed Out) *:' "$log" | tr -s ' ' | tr '\n' ' ')"
}

began=$SECONDS
tools/setup.sh && tools/build.sh || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
mkdir -p $logs
litStage
unitStage
ownStage harness $python test/harness/self_test.py
ownStage sizes $python tools/dev/check_sizes.py
ownStage format $python tools/dev/format.py --check
ownStage rules $python tools/dev/check_rules.py
if [ $quick = yes ]; then
  small=(ocr_cls silero_vad_16k_op15)
  echo "skipped by --quick: other models, compare, backend suite, aarch64, dynamic shapes, tiles, plans, speed of compiles, damaged artifacts, clang-tidy, GCC, sanitizers"
  ownStage fetch $python test/models/fetch.py "${small[@]}"
  ownStage models $python test/e2e/compare_models.py "${small[@]}"
  ownStage properties $python test/e2e/kernel_properties.py --cases 1
  ownStage commands $python test/e2e/command_line.py
  ownStage bad-input $python test/e2e/bad_input.py --only '^(file|graph|attribute|axes|names|input)'
else
  ownStage fetch $python test/models/fetch.py
  ownStage exports $python test/models/check_exports.py
  ownStage models $python test/e2e/compare_models.py
  ownStage bf16 $python test/e2e/compare_models.py --precision bf16 open_nsfw ocr_ minilm
  ownStage work $python test/e2e/work_counts.py
  ownStage arena $python test/e2e/arena.py
  ownStage properties $python test/e2e/kernel_properties.py
  ownStage aarch64 $python test/e2e/cross_compile.py
  ownStage large-tensor $python test/e2e/large_tensor.py
  ownStage commands $python test/e2e/command_line.py
  ownStage compare $python test/e2e/compare_verb.py
  ownStage backend $python test/backend/run.py --expect test/backend/passing.txt -o $logs/backend.json
  ownStage tokenizer $python test/e2e/tokenizer.py
  ownStage chat-template $python test/e2e/chat_template.py
  ownStage generate $python test/e2e/generate.py
  ownStage quantize $python test/e2e/quantize.py
  ownStage quantize-gate $python test/e2e/quantize_gate.py
  ownStage dynamic $python test/e2e/dynamic_shapes.py
  ownStage loops $python test/e2e/loops.py
  ownStage einsum $python test/e2e/einsum.py
  ownStage contrib $python test/e2e/contrib.py
  ownStage grid-sample $python test/e2e/grid_sample.py
  ownStage branches $python test/e2e/branches.py
  ownStage symbolic-sizes $python test/e2e/symbolic_sizes.py
  ownStage detection $python test/e2e/detection.py
  ownStage random $python test/e2e/random_ops.py
  ownStage signal $python test/e2e/signal_ops.py
  ownStage rare $python test/e2e/rare_ops.py
  ownStage run-rules $python test/e2e/run_rules.py
  ownStage half-sums $python test/e2e/half_sums.py
  ownStage edge-values $python test/e2e/edge_values.py
  ownStage op-table $python test/e2e/op_table.py
  ownStage tiles $python test/e2e/tiles.py
  ownStage elementwise $python test/e2e/elementwise_growth.py
  ownStage compile-time $python test/e2e/compile_time.py
  ownStage backend-dynamic $python test/backend/run.py --dynamic --each 3 --expect test/backend/passing-dynamic.txt
  ownStage threads $python test/e2e/threads.py
  ownStage lenient $python test/e2e/lenient_models.py
  ownStage docs $python tools/dev/docs.py --check
  ownStage declared $python test/e2e/declared_sizes.py
  ownStage defaults $python test/e2e/input_defaults.py
  ownStage mutants $python test/e2e/mutants.py
  ownStage bad-input $python test/e2e/bad_input.py
  ownStage tidy $python tools/dev/tidy.py
  ownStage gcc $python tools/dev/gcc.py
  ownStage sanitizers tools/dev/sanitizers.sh # the longest
fi

echo
echo "closing lines ($((SECONDS - began)) s in all):"
printf '  %s\n' "${closing[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
