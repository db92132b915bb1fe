// RUN: optc-opt %s --convert-nn-to-linalg | FileCheck %s

// CHECK-LABEL: @softmax
// CHECK: kernel.row_norm softmax [1]
func.func @softmax(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = nn.softmax %x {axis = 1 : i64} : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: @normalize
// CHECK: kernel.row_norm mean_variance [1, 2]
func.func @normalize(%x: tensor<?x4x8xf32>) -> tensor<?x4x8xf32> {
  %y = nn.normalize mean_variance %x [1, 2] {epsilon = 1.0e-5 : f64}
      : tensor<?x4x8xf32> -> tensor<?x4x8xf32>
  return %y : tensor<?x4x8xf32>
}
