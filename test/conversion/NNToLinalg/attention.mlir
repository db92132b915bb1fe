// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize | FileCheck %s

// CHECK-DAG: #[[QUERY:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d3, d1, d2, d5)>
// CHECK-DAG: #[[KEY:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d4, d5)>
// CHECK-DAG: #[[VALUE:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d4, d1, d6)>
// CHECK-DAG: #[[SCALAR:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> ()>
// CHECK-DAG: #[[MASK:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d4)>
// CHECK-DAG: #[[RESULT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d3, d1, d2, d6)>

// No transpose is left: the op reads and writes in their order. Two query heads share one of
// the keys, so that heads are split.
// CHECK-LABEL: @transposed
// CHECK-SAME: (%[[Q:.*]]: tensor<2x?x6x8xf32>, %[[K:.*]]: tensor<2x3x?x8xf32>, %[[V:.*]]: tensor<2x?x3x4xf32>
// CHECK-NOT: linalg.transpose
// CHECK: %[[S:.*]] = tensor.expand_shape %[[Q]] {{.*}} into tensor<2x?x3x2x8xf32>
// CHECK: kernel.attention %[[S]], %[[K]], %[[V]] offset %{{.*}} with %{{.*}} into %{{.*}} {after = 0 : i64, maps = [#[[QUERY]], #[[KEY]], #[[VALUE]], #[[SCALAR]], #[[MASK]], #[[RESULT]]]}
// CHECK: ^bb0(%[[X:.*]]: f32, %[[M:.*]]: i8):
// CHECK: %[[SCALED:.*]] = arith.mulf %[[X]], %{{.*}} : f32
// CHECK: %[[SEEN:.*]] = arith.cmpi ne, %[[M]]
// CHECK: arith.select %[[SEEN]], %[[SCALED]], %{{.*}} : f32
// CHECK-NOT: linalg.transpose
// CHECK: tensor.collapse_shape {{.*}} into tensor<2x?x6x4xf32>
// CHECK-NEXT: return
func.func @transposed(%q: tensor<2x?x6x8xf32>, %k: tensor<2x3x?x8xf32>, %v: tensor<2x?x3x4xf32>, %m: tensor<2x1x1x?xi1>, %p: tensor<1xi64>) -> tensor<2x?x6x4xf32> {
  %qt = nn.transpose %q [0, 2, 1, 3] : tensor<2x?x6x8xf32> -> tensor<2x6x?x8xf32>
  %vt = nn.transpose %v [0, 2, 1, 3] : tensor<2x?x3x4xf32> -> tensor<2x3x?x4xf32>
  %y = nn.attention %qt, %k, %vt mask %m offset %p {after = 0 : i64, scale = 0.5 : f64}
    : (tensor<2x6x?x8xf32>, tensor<2x3x?x8xf32>, tensor<2x3x?x4xf32>, tensor<2x1x1x?xi1>, tensor<1xi64>) -> tensor<2x6x?x4xf32>
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<2x6x?x4xf32> -> tensor<2x?x6x4xf32>
  return %t : tensor<2x?x6x4xf32>
}

// Half precision computes scores in f32; sizes that must agree are checked.
// CHECK-LABEL: @half_precision
// CHECK: run.require %{{.*}}, "node '': the batches of query and key of attention differ: {0} and {1}"
// CHECK: kernel.attention
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[M:.*]]: f16):
// CHECK-NEXT: %[[D:.*]] = arith.divf %[[X]]
// CHECK-NEXT: math.tanh %[[D]] : f32
// CHECK-NEXT: arith.mulf
// CHECK-NEXT: arith.extf %[[M]] : f16 to f32
// CHECK-NEXT: arith.addf
func.func @half_precision(%q: tensor<?x2x5x8xf16>, %k: tensor<?x2x5x8xf16>, %m: tensor<5x5xf16>) -> tensor<?x2x5x8xf16> {
  %y = nn.attention %q, %k, %k mask %m {scale = 1.0 : f64, softcap = 20.0 : f64}
    : (tensor<?x2x5x8xf16>, tensor<?x2x5x8xf16>, tensor<?x2x5x8xf16>, tensor<5x5xf16>) -> tensor<?x2x5x8xf16>
  return %y : tensor<?x2x5x8xf16>
}

// Unknown numbers of heads are one, which is checked.
// CHECK-LABEL: @unknown_heads
// CHECK: run.require %{{.*}}, "node '': the heads of query and key of attention differ: {0} and {1}"
// CHECK: kernel.attention
func.func @unknown_heads(%q: tensor<2x?x5x8xf32>, %k: tensor<2x?x5x8xf32>) -> tensor<2x?x5x8xf32> {
  %y = nn.attention %q, %k, %k {scale = 1.0 : f64}
    : (tensor<2x?x5x8xf32>, tensor<2x?x5x8xf32>, tensor<2x?x5x8xf32>) -> tensor<2x?x5x8xf32>
  return %y : tensor<2x?x5x8xf32>
}

// CHECK-LABEL: @narrow
// CHECK: kernel.attention {{.*}} narrow = bf16}
func.func @narrow(%q: tensor<2x2x5x8xf32>) -> tensor<2x2x5x8xf32> {
  %y = nn.attention %q, %q, %q {narrow = bf16, scale = 1.0 : f64}
    : (tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<2x2x5x8xf32>
  return %y : tensor<2x2x5x8xf32>
}
