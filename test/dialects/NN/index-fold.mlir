// RUN: optc-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @rows
func.func @rows() -> tensor<3x2xf32> {
  // CHECK: dense<{{\[\[}}5.000000e+00, 6.000000e+00], [1.000000e+00, 2.000000e+00], [5.000000e+00, 6.000000e+00]]>
  %x = nn.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %i = nn.constant dense<[2, 0, -1]> : tensor<3xi64>
  %0 = nn.gather %x, %i {axis = 0 : i64} : (tensor<3x2xf32>, tensor<3xi64>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// CHECK-LABEL: func @column
func.func @column() -> tensor<3xf32> {
  // CHECK: dense<[2.000000e+00, 4.000000e+00, 6.000000e+00]>
  %x = nn.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %i = nn.constant dense<1> : tensor<i32>
  %0 = nn.gather %x, %i {axis = 1 : i64} : (tensor<3x2xf32>, tensor<i32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// An index out of range is an error of the run.
// CHECK-LABEL: func @outside
func.func @outside() -> tensor<1x2xf32> {
  // CHECK: nn.gather
  %x = nn.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %i = nn.constant dense<1> : tensor<1xi64>
  %0 = nn.gather %x, %i {axis = 0 : i64} : (tensor<1x2xf32>, tensor<1xi64>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
