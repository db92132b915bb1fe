// RUN: optc-opt %s --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: @transposes_cancel
// CHECK: return %arg0
func.func @transposes_cancel(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  %a = nn.transpose %x [0, 2, 1] : tensor<?x3x4xf32> -> tensor<?x4x3xf32>
  %b = nn.transpose %a [0, 2, 1] : tensor<?x4x3xf32> -> tensor<?x3x4xf32>
  return %b : tensor<?x3x4xf32>
}

// -----

// CHECK-LABEL: @transposes_merge
// CHECK: nn.transpose %arg0 [2, 0, 1]
// CHECK-NOT: nn.transpose
func.func @transposes_merge(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  %a = nn.transpose %x [0, 2, 1] : tensor<2x3x4xf32> -> tensor<2x4x3xf32>
  %b = nn.transpose %a [1, 0, 2] : tensor<2x4x3xf32> -> tensor<4x2x3xf32>
  return %b : tensor<4x2x3xf32>
}

// -----

// CHECK-LABEL: @concat_of_one
// CHECK: return %arg0
func.func @concat_of_one(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = nn.concat %x {axis = 1 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// CHECK-LABEL: @reshape_to_its_own_shape
// CHECK: return %arg0
func.func @reshape_to_its_own_shape(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = nn.constant dense<[2, 3]> : tensor<2xi64>
  %y = nn.reshape %x, %s : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @reshape_of_reshape
// CHECK: nn.reshape %arg0
// CHECK-NOT: nn.reshape
func.func @reshape_of_reshape(%x: tensor<?x6xf32>) -> tensor<?x2xf32> {
  %s = nn.constant dense<[0, 2, 3]> : tensor<3xi64>
  %t = nn.constant dense<[-1, 2]> : tensor<2xi64>
  %a = nn.reshape %x, %s : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x2x3xf32>
  %b = nn.reshape %a, %t : (tensor<?x2x3xf32>, tensor<2xi64>) -> tensor<?x2xf32>
  return %b : tensor<?x2xf32>
}
