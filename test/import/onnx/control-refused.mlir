// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Refusals name the node, also one inside a subgraph.

// CHECK-LABEL: // model if_ranks{{$}}
// CHECK: error: OPTC-E2001: node '/inner' (If): its branches give output 0 different ranks or types, then_branch tensor<?x3xf32>, else_branch tensor<?xf32>; inside of a loop its result must have one rank
// CHECK-NEXT: // exit code 3
if_ranks (bool c, int64 n, float[N, 3] x) => (float[N, 3] y) <bool go = {1}> {
  y = Loop(n, go, x) <
    body = step (int64 i, bool d, float[N, 3] s) => (bool more, float[N, 3] t) {
      more = Identity(d)
      ["/inner"] a = If(c) <
        then_branch = yes2 () => (float[N, 3] a2) { a2 = Exp(s) },
        else_branch = no2 () => (float[N] b2) <int64[1] one = {1}> { b2 = ReduceSum <keepdims = 0> (s, one) }
      >
      m = ReduceMax <keepdims = 0> (a)
      t = Add(s, m)
    }
  >
}

// -----

// CHECK-LABEL: // model unknown_inside{{$}}
// CHECK: error: OPTC-E2001: node '/inner' (local:Missing): optc has no implementation of this operator
// CHECK-NEXT: // exit code 3
unknown_inside (bool c, float[N] z) => (float[N] y) {
  ["/if"] y = If(c) <
    then_branch = yes () => (float[N] a) { ["/inner"] a = local.Missing(z) },
    else_branch = no () => (float[N] b) { b = Identity(z) }
  >
}

// -----

// CHECK-LABEL: // model refused_inside{{$}}
// CHECK: error: OPTC-E2001: node '/inner' (Squeeze): it squeezes all sizes of one, but size 0 is dynamic; name the axes
// CHECK-NEXT: // exit code 3
refused_inside (bool c, float[N] z) => (float[N] y) {
  ["/if"] y = If(c) <
    then_branch = yes () => (float[N] a) { ["/inner"] a = Squeeze(z) },
    else_branch = no () => (float[N] b) { b = Identity(z) }
  >
}

// -----

// CHECK-LABEL: // model loop_rank{{$}}
// CHECK: error: OPTC-E2001: node '/loop' (Loop): its body changes the rank or type of a state
// CHECK-NEXT: // exit code 3
loop_rank (int64 n, float[N] x) => (float[N] y) <bool go = {1}, int64[1] zero = {0}> {
  ["/loop"] y = Loop(n, go, x) <
    body = step (int64 i, bool c, float[N] s) => (bool more, float[1, N] t) {
      more = Identity(c)
      t = Unsqueeze(s, zero)
    }
  >
}

// -----

// CHECK-LABEL: // model no_scan_inputs{{$}}
// CHECK: error: OPTC-E{{.*}}/scan
// CHECK-NEXT: // exit code 3
no_scan_inputs (float[3] h) => (float[3] y) {
  ["/scan"] y = Scan(h) <num_scan_inputs = 0,
    body = step (float[3] s) => (float[3] t) { t = Neg(s) }
  >
}
