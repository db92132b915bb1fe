// RUN: optc-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @inside
// CHECK-NEXT: %[[C:.*]] = arith.constant 3 : index
// CHECK-NEXT: return %[[C]]
func.func @inside() -> index {
  %i = arith.constant 3 : index
  %n = arith.constant 4 : index
  %j = run.checked_index %i, %n, "index {0}, size {1}"
  return %j : index
}

// Out of range, or not known to be in it: the run has to say so.
// CHECK-LABEL: func @not_folded
// CHECK-COUNT-3: run.checked_index
func.func @not_folded(%n: index) -> (index, index, index) {
  %minus = arith.constant -1 : index
  %four = arith.constant 4 : index
  %a = run.checked_index %four, %four, "index {0}, size {1}"
  %b = run.checked_index %minus, %four, "index {0}, size {1}"
  %c = run.checked_index %four, %n, "index {0}, size {1}"
  return %a, %b, %c : index, index, index
}

// A check has an effect and stays; an index nobody reads goes, since nothing is read there.
// CHECK-LABEL: func @effects
// CHECK-NEXT: run.require
// CHECK-NEXT: return
func.func @effects(%ok: i1, %i: index, %n: index) {
  run.require %ok, "no"
  %j = run.checked_index %i, %n, "index {0}, size {1}"
  return
}
