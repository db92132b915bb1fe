// RUN: optc-opt %s --split-input-file --verify-diagnostics

// run.require.R1
func.func @three_values(%ok: i1, %i: index) {
  // expected-error @+1 {{[run.require.R1] its message takes at most two values, there are 3}}
  run.require %ok, "{0} {1} {2}" (%i, %i, %i)
  return
}

// -----

// run.output.R1
func.func @missing_size() -> memref<?x10xf32> {
  // expected-error @+1 {{[run.output.R1] its result has 1 dynamic dimensions, given are 0 sizes}}
  %a = run.output 0 : memref<?x10xf32>
  return %a : memref<?x10xf32>
}

// -----

// run.parallel.R1: the custom form always has two bounds.
func.func @bounds(%n: index) {
  // expected-error @+1 {{[run.parallel.R1] its body needs two index arguments, the bounds of a range}}
  "run.parallel"(%n, %n) ({
  ^bb0(%lo: index):
  }) : (index, index) -> ()
  return
}

// -----

// run.parallel.R2
func.func @nested(%n: index) {
  run.parallel (%lo, %hi) in %n cost %n {
    // expected-error @+1 {{[run.parallel.R2] is nested in another parallel op}}
    run.parallel (%a, %b) in %n cost %n {
    }
  }
  return
}
