// RUN: optc-opt %s --cpu-decline-kernels | FileCheck %s

// CHECK-DAG: #[[SCORES:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d4)>
// CHECK-DAG: #[[ALLOWED:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d3, d4)>

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, r, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#b = affine_map<(b, n, r, s, t, d, e) -> (b)>
#m = affine_map<(b, n, r, s, t, d, e) -> (s, t)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, s, n, r, e)>

// f64 has no kernel: products, and a softmax that runs the region and sees the bounds. A row
// without keys gives zeros.
// CHECK-LABEL: @bounded
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x2x3x?x?xf64>)
// CHECK: %[[ALLOW:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<?x?x?xi8>)
// CHECK: arith.cmpi sle
// CHECK: kernel.row_norm softmax [4] ins(%{{.*}}, %{{.*}}, %[[ALLOW]] : tensor<?x2x3x?x?xf64>, tensor<?x?xf64>, tensor<?x?x?xi8>)
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK: } epilogue {
// CHECK: arith.cmpf oeq
// CHECK: arith.select
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x?x2x3x4xf64>)
// CHECK-NOT: kernel.attention
func.func @bounded(%q: tensor<?x2x3x?x8xf64>, %k: tensor<?x2x?x8xf64>, %v: tensor<?x2x?x4xf64>, %p: tensor<?xi64>,
    %m: tensor<?x?xf64>, %i: tensor<?x?x2x3x4xf64>) -> tensor<?x?x2x3x4xf64> {
  %r = kernel.attention %q, %k, %v offset %p with %m into %i {maps = [#q, #k, #v, #b, #m, #o], after = 0 : i64, guarded}
      : (tensor<?x2x3x?x8xf64>, tensor<?x2x?x8xf64>, tensor<?x2x?x4xf64>, tensor<?xi64>, tensor<?x?xf64>,
         tensor<?x?x2x3x4xf64>) -> tensor<?x?x2x3x4xf64> {
  ^bb0(%x: f64, %bias: f64):
    %y = arith.addf %x, %bias : f64
    kernel.yield %y : f64
  }
  return %r : tensor<?x?x2x3x4xf64>
}

// CHECK-LABEL: @taken
// CHECK: kernel.attention
func.func @taken(%q: tensor<1x2x1x?x8xf32>, %k: tensor<1x2x?x8xf32>, %i: tensor<1x?x2x1x8xf32>) -> tensor<1x?x2x1x8xf32> {
  %r = kernel.attention %q, %k, %k into %i {maps = [#q, #k, #v, #o]}
      : (tensor<1x2x1x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x?x2x1x8xf32>) -> tensor<1x?x2x1x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<1x?x2x1x8xf32>
}
