// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// If with branches of different ranks, conditions that sizes decide, branches that are not valid.

// All that needs the result is there once per branch, as far as the output: its elements in a row
// and its shape. What does not need it is in front.
// CHECK-LABEL: // model ranks{{$}}
// CHECK: func.func @main({{.*}} {nn.name = "y", nn.ranks = [1, 2]}
// CHECK-SAME: {nn.dims = ["N", ""], nn.name = "z"}
// CHECK-SAME: {nn.shape_of = 0 : i64}
// CHECK: %[[e:.*]] = nn.unary exp %arg1
// CHECK: %[[r:.*]]:2 = scf.if %{{.*}} -> (tensor<?xf32>, tensor<?xi64>) {
// CHECK: %[[a:.*]] = nn.reshape %arg1, %{{.*}} -> tensor<?xf32>
// CHECK: %[[b:.*]] = nn.unary neg %[[a]] : tensor<?xf32>
// CHECK: %[[c:.*]] = nn.shape %[[b]]
// CHECK: scf.yield %{{.*}}, %{{.*}}
// CHECK: } else {
// CHECK: %[[d:.*]] = nn.unary neg %arg1 : tensor<?x3xf32>
// CHECK: nn.reshape %[[d]]
// CHECK: return %[[r]]#0, %[[e]], %[[r]]#1
ranks (bool c, float[N, 3] x) => (float[] y, float[N, 3] z) <int64[1] all = {-1}> {
  r = If(c) <
    then_branch = yes () => (float[] a) { a = Reshape(x, all) },
    else_branch = no () => (float[N, 3] b) { b = Identity(x) }
  >
  z = Exp(x)
  y = Neg(r)
}

// -----

// Of what ends with one rank, the value itself.
// CHECK-LABEL: // model one_rank{{$}}
// CHECK: %[[r:.*]] = scf.if %{{.*}} -> (tensor<f32>) {
// CHECK: return %[[r]]
one_rank (bool c, float[N, 3] x) => (float y) <int64[1] all = {-1}> {
  r = If(c) <
    then_branch = yes () => (float[] a) { a = Reshape(x, all) },
    else_branch = no () => (float[N, 3] b) { b = Identity(x) }
  >
  y = ReduceMax <keepdims = 0> (r)
}

// -----

// What torch.squeeze becomes: only the squeezed value can be transposed, so that it must be the one.
// CHECK-LABEL: // model squeeze{{$}}
// CHECK: %[[c:.*]] = tensor.extract
// CHECK: run.require %[[c]], "node '/if': its condition takes the else branch, with whose result the model can not go on: {{.*}}[nn.transpose.R1]
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} -> tensor<2x?xf32>
// CHECK: %[[b:.*]] = nn.transpose %[[a]] [1, 0]
// CHECK-NOT: scf.if
// CHECK: return %[[b]]
squeeze (float[2, M, L] x) => (float[L, 2] y) <int64[1] one = {1}, int64 at = {1}> {
  s = Shape(x)
  d = Gather(s, at)
  c = Equal(d, at)
  ["/if"] r = If(c) <
    then_branch = yes () => (float[2, L] a) { a = Squeeze(x, one) },
    else_branch = no () => (float[2, M, L] b) { b = Identity(x) }
  >
  y = Transpose <perm = [1, 0]> (r)
}

// -----

// The other way round.
// CHECK-LABEL: // model squeeze_else{{$}}
// CHECK: %[[c:.*]] = tensor.extract
// CHECK: %[[n:.*]] = arith.xori %[[c]], %true
// CHECK: run.require %[[n]], "node '/if': its condition takes the then branch,
// CHECK: nn.transpose %arg0 [1, 0, 2]
squeeze_else (float[2, M, L] x) => (float[M, 2, L] y) <int64[1] one = {1}, int64 at = {1}> {
  s = Shape(x)
  d = Gather(s, at)
  c = Equal(d, at)
  ["/if"] r = If(c) <
    then_branch = yes () => (float[2, L] a) { a = Squeeze(x, one) },
    else_branch = no () => (float[2, M, L] b) { b = Identity(x) }
  >
  y = Transpose <perm = [1, 0, 2]> (r)
}

// -----

// Ranks and sizes decide, also through logic and casts.
// CHECK-LABEL: // model decided{{$}}
// CHECK-NOT: scf.if
// CHECK: nn.unary neg %arg1
decided (bool flag, float[N, M] x) => (float[N, M] y) <int64 two = {2}, int64 none = {0}, int64[1] one = {1}> {
  s = Shape(x)
  d = Size(s)
  isTwo = Equal(d, two)
  z = ReduceSum <keepdims = 0> (s)
  isPositive = GreaterOrEqual(z, none)
  both = And(isTwo, isPositive)
  k = Cast <to = 6> (both)
  l = Cast <to = 9> (k)
  c = Or(flag, l)
  y = If(c) <
    then_branch = yes () => (float[N, M] a) { a = Neg(x) },
    else_branch = no () => (float[K] b) { b = ReduceSum <keepdims = 0> (x, one) }
  >
}

// -----

// A branch that breaks a rule ends the run if it is taken.
// CHECK-LABEL: // model not_valid{{$}}
// CHECK: scf.if
// CHECK: nn.unary neg
// CHECK: } else {
// CHECK: run.require %false, "node '/if': its else_branch is taken, which is not valid: {{.*}}[nn.conv.R4]
not_valid (bool c, float[1, 1, 3] x) => (float[1, 1, L] y) <float[1, 1, 5] k = {1, 1, 1, 1, 1}> {
  ["/if"] y = If(c) <
    then_branch = yes () => (float[1, 1, 3] a) { a = Neg(x) },
    else_branch = no () => (float[1, 1, M] b) { ["/conv"] b = Conv(x, k) }
  >
}
