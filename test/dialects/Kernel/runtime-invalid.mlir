// RUN: optc-opt %s --split-input-file --verify-diagnostics

// require.R1
func.func @three_values(%ok: i1, %i: index) {
  // expected-error @+1 {{[require.R1] its message takes at most two values, there are 3}}
  kernel.require %ok, "{0} {1} {2}" (%i, %i, %i)
  return
}

// -----

// output.R1
func.func @missing_size() -> memref<?x10xf32> {
  // expected-error @+1 {{[output.R1] its result has 1 dynamic dimensions, given are 0 sizes}}
  %a = kernel.output 0 : memref<?x10xf32>
  return %a : memref<?x10xf32>
}

// -----

// parallel.R1: the custom form always has two bounds.
func.func @bounds(%n: index) {
  // expected-error @+1 {{[parallel.R1] its body needs two index arguments, the bounds of a range}}
  "kernel.parallel"(%n, %n) ({
  ^bb0(%lo: index):
  }) : (index, index) -> ()
  return
}

// -----

// parallel.R2
func.func @nested(%n: index) {
  kernel.parallel (%lo, %hi) in %n cost %n {
    // expected-error @+1 {{[parallel.R2] is nested in another parallel op}}
    kernel.parallel (%a, %b) in %n cost %n {
    }
  }
  return
}
