// REQUIRES: onnx
// RUN: %import-onnx %s --emit=kernel | FileCheck %s --implicit-check-not=xi64

// ONNX computes shapes with tensors of integers: Shape, Gather, Slice, Mul, Concat, Reshape. Sizes are
// expressions over the inputs' sizes here, so that none of it is left when ops become loops.

// CHECK-LABEL: // model heads{{$}}
// CHECK-DAG: %[[B:.*]] = tensor.dim %arg0, %c0
// CHECK-DAG: %[[S:.*]] = tensor.dim %arg0, %c1
// CHECK: %[[H:.*]] = tensor.expand_shape %arg0 {{\[\[}}0], [1], [2, 3]] output_shape [%[[B]], %[[S]], 12, 32]
// CHECK: linalg.transpose ins(%[[H]]
heads (float[B, S, 384] x) => (float[B, 12, S, 32] y)
    <int64 zero = {0}, int64 one = {1}, int64[1] axis = {0}, int64[1] h = {12}, int64[1] d = {32}> {
  s = Shape(x)
  b = Gather(s, zero)
  n = Gather(s, one)
  b1 = Unsqueeze(b, axis)
  n1 = Unsqueeze(n, axis)
  shape = Concat <axis = 0> (b1, n1, h, d)
  r = Reshape(x, shape)
  y = Transpose <perm = [0, 2, 1, 3]> (r)
}

// -----

// CHECK-LABEL: // model flatten{{$}}
// CHECK: %[[C:.*]] = tensor.collapse_shape %arg0 {{\[\[}}0], [1, 2, 3]]
// CHECK-NEXT: return %[[C]]
flatten (float[N, C, H, W] x) => (float[N, K] y) <int64[1] zero = {0}, int64[1] one = {1}, int64[1] rest = {-1}> {
  s = Shape(x)
  n = Slice(s, zero, one)
  shape = Concat <axis = 0> (n, rest)
  y = Reshape(x, shape)
}

// -----

// CHECK: #[[TWICE:.*]] = affine_map<()[s0] -> (s0 * 2)>
// CHECK: %[[L:.*]] = affine.apply #[[TWICE]]()
// CHECK: %[[C:.*]] = tensor.collapse_shape %arg0 {{\[\[}}0], [1, 2]]
// CHECK: tensor.expand_shape %[[C]] {{\[\[}}0], [1, 2]] output_shape [%{{.*}}, 2, %[[L]]]
arithmetic (float[N, 4, L] x) => (float[N, 2, K] y)
    <int64[1] two = {2}, int64 last = {2}, int64[1] axis = {0}, int64[1] first = {0}> {
  s = Shape(x)
  l = Gather(s, last)
  l1 = Unsqueeze(l, axis)
  double = Mul(l1, two)
  n = Gather(s, first)
  shape = Concat <axis = 0> (n, two, double)
  y = Reshape(x, shape)
}

// -----

// A tensor made of one number has no memory.
// CHECK-LABEL: // model constant_of_shape{{$}}
// CHECK: linalg.generic {{.*}} ins(%arg0 : tensor<?x?xf32>)
// CHECK: arith.addf %{{.*}}, %cst
constant_of_shape (float[N, S] x) => (float[N, S] y) {
  s = Shape(x)
  c = ConstantOfShape <value = float[1] {1.5}> (s)
  y = Add(x, c)
}

// -----

// A reshape to the shape it has already is nothing.
// CHECK-LABEL: // model same_shape{{$}}
// CHECK: %[[Y:.*]] = linalg.generic
// CHECK: math.exp
// CHECK: return %[[Y]]
same_shape (float[N, S] x) => (float[N, S] y) {
  s = Shape(x)
  e = Exp(x)
  y = Reshape(e, s)
}
