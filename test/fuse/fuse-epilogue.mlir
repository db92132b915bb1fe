// RUN: optc-opt %s --fuse-epilogue --split-input-file | FileCheck %s

#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// A bias, then x * sigmoid(x), then a residual: all in one epilogue.
// CHECK-LABEL: @chain
// CHECK-SAME: %[[A:.*]]: tensor<?x8xf32>, %[[B:.*]]: tensor<8x4xf32>, %[[X:.*]]: tensor<4xf32>, %[[R:.*]]: tensor<?x4xf32>, %{{.*}}: tensor<?x4xf32>, %[[I:.*]]: tensor<?x4xf32>
// CHECK: kernel.matmul %[[A]], %[[B]] with %[[X]], %[[R]] into %[[I]]
// CHECK-SAME: extra_maps
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[BIAS:.*]]: f32, %[[RES:.*]]: f32):
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[ACC]], %[[BIAS]]
// CHECK-NEXT: %[[E:.*]] = math.exp %[[S]]
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[S]], %[[E]]
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[P]], %[[RES]]
// CHECK-NEXT: kernel.yield %[[Y]]
// CHECK-NOT: linalg.generic
func.func @chain(%a: tensor<?x8xf32>, %b: tensor<8x4xf32>, %x: tensor<4xf32>, %res: tensor<?x4xf32>,
    %i0: tensor<?x4xf32>, %i1: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = kernel.matmul %a, %b into %i0 {maps = #maps} : (tensor<?x8xf32>, tensor<8x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %x : tensor<?x4xf32>, tensor<4xf32>) outs(%i0 : tensor<?x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%1, %res, %1 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) outs(%i1 : tensor<?x4xf32>) {
  ^bb0(%p: f32, %r: f32, %q: f32, %o: f32):
    %e = math.exp %q : f32
    %m = arith.mulf %p, %e : f32
    %s = arith.addf %m, %r : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// -----

#id = affine_map<(m, n) -> (m, n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// Left alone: the result has a second user.
// CHECK-LABEL: @two_users
// CHECK: kernel.matmul
// CHECK: linalg.generic
func.func @two_users(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%i : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.negf %p : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  return %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
}

// -----

#id = affine_map<(m, n) -> (m, n)>
#tr = affine_map<(m, n) -> (n, m)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// Left alone: reads across rows, positions, reductions.
// CHECK-LABEL: @not_elementwise
// CHECK: kernel.matmul
// CHECK: linalg.generic
func.func @not_elementwise(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = linalg.generic {indexing_maps = [#tr, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%i : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

// -----

#id = affine_map<(m, n) -> (m, n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// The stored type may change.
// CHECK-LABEL: @to_other_type
// CHECK: kernel.matmul {{.*}} -> tensor<4x4xi8> {
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32):
// CHECK-NEXT: %[[Y:.*]] = arith.fptosi %[[ACC]] : f32 to i8
// CHECK-NEXT: kernel.yield %[[Y]] : i8
func.func @to_other_type(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x4xf32>, %j: tensor<4x4xi8>) -> tensor<4x4xi8> {
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%j : tensor<4x4xi8>) {
  ^bb0(%p: f32, %o: i8):
    %s = arith.fptosi %p : f32 to i8
    linalg.yield %s : i8
  } -> tensor<4x4xi8>
  return %1 : tensor<4x4xi8>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (n, r, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (n, t, d)>
#id = affine_map<(n, s, d) -> (n, s, d)>

// Attention that may round stores bf16, its groups of heads side by side or not.
// CHECK-LABEL: @rounded_attention
// CHECK: %[[INIT:.*]] = tensor.empty() : tensor<2x3x5x8xbf16>
// CHECK: %[[A:.*]] = kernel.attention {{.*}} into %[[INIT]] {{.*}} -> tensor<2x3x5x8xbf16> {
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[A]] {{.*}} into tensor<6x5x8xbf16>
// CHECK-NOT: linalg.generic
// CHECK: return %[[C]]
func.func @rounded_attention(%q: tensor<2x3x5x8xf32>, %k: tensor<2x7x8xf32>, %i: tensor<2x3x5x8xf32>, %j: tensor<6x5x8xbf16>) -> tensor<6x5x8xbf16> {
  %0 = kernel.attention %q, %k, %k into %i {maps = [#q, #k, affine_map<(b, n, r, s, t, d, e) -> (n, t, e)>, affine_map<(b, n, r, s, t, d, e) -> (n, r, s, e)>], narrow = bf16}
      : (tensor<2x3x5x8xf32>, tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  %1 = tensor.collapse_shape %0 [[0, 1], [2], [3]] : tensor<2x3x5x8xf32> into tensor<6x5x8xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%1 : tensor<6x5x8xf32>) outs(%j : tensor<6x5x8xbf16>) {
  ^bb0(%p: f32, %o: bf16):
    %s = arith.truncf %p : f32 to bf16
    linalg.yield %s : bf16
  } -> tensor<6x5x8xbf16>
  return %2 : tensor<6x5x8xbf16>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (n, r, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (n, t, d)>
#id = affine_map<(n, r, s, d) -> (n, r, s, d)>

// Without leave to round, or with another reader, it stores f32.
// CHECK-LABEL: @other_attention
// CHECK: kernel.attention {{.*}} -> tensor<2x3x5x8xf32> {
// CHECK: linalg.generic
// CHECK: kernel.attention {{.*}} -> tensor<2x3x5x8xf32> {
// CHECK: linalg.generic
func.func @other_attention(%q: tensor<2x3x5x8xf32>, %k: tensor<2x7x8xf32>, %i: tensor<2x3x5x8xf32>, %j: tensor<2x3x5x8xbf16>) -> (tensor<2x3x5x8xbf16>, tensor<2x3x5x8xbf16>, tensor<2x3x5x8xf32>) {
  %0 = kernel.attention %q, %k, %k into %i {maps = [#q, #k, affine_map<(b, n, r, s, t, d, e) -> (n, t, e)>, affine_map<(b, n, r, s, t, d, e) -> (n, r, s, e)>]}
      : (tensor<2x3x5x8xf32>, tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%0 : tensor<2x3x5x8xf32>) outs(%j : tensor<2x3x5x8xbf16>) {
  ^bb0(%p: f32, %o: bf16):
    %s = arith.truncf %p : f32 to bf16
    linalg.yield %s : bf16
  } -> tensor<2x3x5x8xbf16>
  %2 = kernel.attention %q, %k, %k into %i {maps = [#q, #k, affine_map<(b, n, r, s, t, d, e) -> (n, t, e)>, affine_map<(b, n, r, s, t, d, e) -> (n, r, s, e)>], narrow = bf16}
      : (tensor<2x3x5x8xf32>, tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  %3 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%2 : tensor<2x3x5x8xf32>) outs(%j : tensor<2x3x5x8xbf16>) {
  ^bb0(%p: f32, %o: bf16):
    %s = arith.truncf %p : f32 to bf16
    linalg.yield %s : bf16
  } -> tensor<2x3x5x8xbf16>
  return %1, %3, %2 : tensor<2x3x5x8xbf16>, tensor<2x3x5x8xbf16>, tensor<2x3x5x8xf32>
}
