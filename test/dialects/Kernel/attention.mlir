// RUN: optc-opt %s | optc-opt | FileCheck %s
// RUN: optc-opt %s --one-shot-bufferize="bufferize-function-boundaries" | FileCheck %s --check-prefix=BUFFERS

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, r, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#batch = affine_map<(b, n, r, s, t, d, e) -> (b)>
#one = affine_map<(b, n, r, s, t, d, e) -> ()>
#mask = affine_map<(b, n, r, s, t, d, e) -> (b, t)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, s, n, r, e)>

// Heads in groups, the result with its heads behind the queries.
// CHECK-LABEL: @grouped
// CHECK: kernel.attention %{{.*}}, %{{.*}}, %{{.*}} offset %{{.*}} lengths %{{.*}} with %{{.*}} into %{{.*}} {after = 0 : i64, before = 7 : i64, guarded, maps = [
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f32):
// BUFFERS-LABEL: @grouped
// BUFFERS: kernel.attention {{.*}} : (memref<?x2x3x?x8xf32, {{.*}}>, {{.*}}) -> () {
func.func @grouped(%q: tensor<?x2x3x?x8xf32>, %k: tensor<?x2x?x8xf32>, %v: tensor<?x2x?x4xf32>,
    %p: tensor<i64>, %l: tensor<?xi64>, %m: tensor<?x?xf32>, %i: tensor<?x?x2x3x4xf32>) -> tensor<?x?x2x3x4xf32> {
  %r = kernel.attention %q, %k, %v offset %p lengths %l with %m into %i {
      maps = [#q, #k, #v, #one, #batch, #mask, #o], before = 7 : i64, after = 0 : i64, guarded}
      : (tensor<?x2x3x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x4xf32>, tensor<i64>, tensor<?xi64>,
         tensor<?x?xf32>, tensor<?x?x2x3x4xf32>) -> tensor<?x?x2x3x4xf32> {
  ^bb0(%x: f32, %bias: f32):
    %y = arith.addf %x, %bias : f32
    kernel.yield %y : f32
  }
  return %r : tensor<?x?x2x3x4xf32>
}
