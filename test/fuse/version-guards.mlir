// RUN: optc-opt %s --fuse-version-guards | FileCheck %s
// RUN: optc-opt %s --fuse-version-guards --fuse-epilogue | FileCheck %s --check-prefix=FUSED

#id = affine_map<(m, n) -> (m, n)>
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (k, n)>
#result = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: func.func @version
// CHECK-NOT:     kernel.matmul
// CHECK:         %[[R:.*]] = scf.if %{{.*}} -> (tensor<?x8xf32>) {
// CHECK:           %[[P:.*]] = kernel.matmul
// CHECK:           %[[S:.*]] = linalg.generic {{.*}} ins(%[[P]], %arg2
// CHECK:           scf.yield %[[S]]
// CHECK:         } else {
// CHECK:           %[[Q:.*]] = kernel.matmul
// CHECK:           %[[C:.*]] = linalg.generic
// CHECK:             tensor.extract %[[Q]]
// CHECK:           %[[T:.*]] = linalg.generic {{.*}} ins(%[[C]], %arg2
// CHECK:           scf.yield %[[T]]
// CHECK:         return %[[R]]
// FUSED-LABEL: func.func @version
// FUSED:         scf.if
// FUSED:           kernel.matmul %arg0, %arg1 with %arg2
// FUSED-NOT:       linalg.generic
// FUSED:         } else {
func.func @version(%x: tensor<?x4xf32>, %w: tensor<4x8xf32>, %y: tensor<?x8xf32>, %n: index, %m: index) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %fits = arith.cmpi eq, %n, %m : index
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %p = kernel.matmul %x, %w into %e {maps = [#lhs, #rhs, #result]} : (tensor<?x4xf32>, tensor<4x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32> {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  %g = scf.if %fits -> tensor<?x8xf32> {
    scf.yield %p : tensor<?x8xf32>
  } else {
    %f = tensor.empty(%m) : tensor<?x8xf32>
    %c = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%f : tensor<?x8xf32>) {
    ^bb0(%o: f32):
      %j = linalg.index 1 : index
      %v = tensor.extract %p[%c0, %j] : tensor<?x8xf32>
      linalg.yield %v : f32
    } -> tensor<?x8xf32>
    scf.yield %c : tensor<?x8xf32>
  }
  %d = tensor.empty(%m) : tensor<?x8xf32>
  %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%g, %y : tensor<?x8xf32>, tensor<?x8xf32>) outs(%d : tensor<?x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %t = arith.addf %a, %b : f32
    linalg.yield %t : f32
  } -> tensor<?x8xf32>
  return %s : tensor<?x8xf32>
}

// What is used outside of the guard as well stays, as does what is no kernel.
// CHECK-LABEL: func.func @leaves
// CHECK:         kernel.matmul
// CHECK:         scf.if
// CHECK-NOT:       kernel.matmul
// CHECK:         linalg.generic
func.func @leaves(%x: tensor<?x4xf32>, %w: tensor<4x8xf32>, %n: index, %fits: i1, %z: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %p = kernel.matmul %x, %w into %e {maps = [#lhs, #rhs, #result]} : (tensor<?x4xf32>, tensor<4x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32> {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  %g = scf.if %fits -> tensor<?x8xf32> {
    scf.yield %p : tensor<?x8xf32>
  } else {
    scf.yield %z : tensor<?x8xf32>
  }
  %s = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%g : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %t = math.exp %a : f32
    linalg.yield %t : f32
  } -> tensor<?x8xf32>
  return %s, %p : tensor<?x8xf32>, tensor<?x8xf32>
}
