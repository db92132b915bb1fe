// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @softmax
// CHECK: nn.softmax %{{.*}} {axis = 1 : i64} : tensor<?x8xf32> -> tensor<?x8xf32>
// CHECK: nn.softmax %{{.*}} {axis = 0 : i64, log}
func.func @softmax(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = nn.softmax %x {axis = 1 : i64} : tensor<?x8xf32> -> tensor<?x8xf32>
  %z = nn.softmax %y {axis = 0 : i64, log} : tensor<?x8xf32> -> tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

// CHECK-LABEL: @normalize
// CHECK: nn.normalize mean_variance %{{.*}} [1, 2] {epsilon = 1.000000e-05 : f64}
// CHECK: nn.normalize root_mean_square %{{.*}} [2]
func.func @normalize(%x: tensor<?x4x8xf32>) -> tensor<?x4x8xf32> {
  %y = nn.normalize mean_variance %x [1, 2] {epsilon = 1.0e-5 : f64}
      : tensor<?x4x8xf32> -> tensor<?x4x8xf32>
  %z = nn.normalize root_mean_square %y [2] {epsilon = 1.0e-5 : f64}
      : tensor<?x4x8xf32> -> tensor<?x4x8xf32>
  return %z : tensor<?x4x8xf32>
}
