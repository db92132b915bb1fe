// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: func @gathers
func.func @gathers(%x: tensor<?x4x5xf32>, %i: tensor<?x2xi64>, %e: tensor<?x4x1xi32>, %v: tensor<?x3x1xi64>)
    -> (tensor<?x?x2x5xf32>, tensor<?x4x1xf32>, tensor<?x3x5xf32>) {
  // CHECK: nn.gather %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<?x4x5xf32>, tensor<?x2xi64>) -> tensor<?x?x2x5xf32>
  %0 = nn.gather %x, %i {axis = 1 : i64} : (tensor<?x4x5xf32>, tensor<?x2xi64>) -> tensor<?x?x2x5xf32>
  // CHECK: nn.gather_elements %{{.*}}, %{{.*}} {axis = 2 : i64}
  %1 = nn.gather_elements %x, %e {axis = 2 : i64} : (tensor<?x4x5xf32>, tensor<?x4x1xi32>) -> tensor<?x4x1xf32>
  // CHECK: nn.gather_nd %{{.*}}, %{{.*}} {batchDims = 1 : i64}
  %2 = nn.gather_nd %x, %v {batchDims = 1 : i64} : (tensor<?x4x5xf32>, tensor<?x3x1xi64>) -> tensor<?x3x5xf32>
  return %0, %1, %2 : tensor<?x?x2x5xf32>, tensor<?x4x1xf32>, tensor<?x3x5xf32>
}

// CHECK-LABEL: func @scatters
func.func @scatters(%x: tensor<?x4xf32>, %i: tensor<?x2xi64>, %u: tensor<?x2xf32>, %v: tensor<2x1xi64>, %w: tensor<2x4xf32>)
    -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // CHECK: nn.scatter_elements %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64, reduction = #nn<reduce_kind sum>}
  %0 = nn.scatter_elements %x, %i, %u {axis = 1 : i64, reduction = #nn<reduce_kind sum>}
    : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
  // CHECK: nn.scatter_nd %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x4xf32>, tensor<2x1xi64>, tensor<2x4xf32>) -> tensor<?x4xf32>
  %1 = nn.scatter_nd %x, %v, %w : (tensor<?x4xf32>, tensor<2x1xi64>, tensor<2x4xf32>) -> tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// CHECK-LABEL: func @nonzero
func.func @nonzero(%x: tensor<?x3xf32>) -> tensor<2x?xi64> {
  // CHECK: nn.nonzero %{{.*}} : tensor<?x3xf32> -> tensor<2x?xi64>
  %0 = nn.nonzero %x : tensor<?x3xf32> -> tensor<2x?xi64>
  return %0 : tensor<2x?xi64>
}
