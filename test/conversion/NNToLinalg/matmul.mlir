// RUN: optc-opt %s --convert-nn-to-linalg | FileCheck %s

// CHECK-DAG: #[[ROWS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[SHARED:.*]] = affine_map<(d0, d1, d2, d3) -> (d3, d2)>
// CHECK-DAG: #[[RESULT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[TRANSPOSED:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>

// CHECK-LABEL: @shared_rhs
// CHECK: kernel.matmul %{{.*}}, %{{.*}} into %{{.*}} {maps = [#[[ROWS]], #[[SHARED]], #[[RESULT]]]}
func.func @shared_rhs(%a: tensor<?x2x3xf32>, %b: tensor<3x4xf32>) -> tensor<?x2x4xf32> {
  %c = nn.matmul %a, %b : (tensor<?x2x3xf32>, tensor<3x4xf32>) -> tensor<?x2x4xf32>
  return %c : tensor<?x2x4xf32>
}

// CHECK-LABEL: @transposed_rhs
// CHECK-SAME: (%[[A:.*]]: tensor<?x2x3xf32>, %[[B:.*]]: tensor<?x4x3xf32>)
// CHECK-NOT: run.require
// CHECK: kernel.matmul %[[A]], %[[B]] into %{{.*}} {maps = [#[[ROWS]], #[[TRANSPOSED]], #[[RESULT]]]}
func.func @transposed_rhs(%a: tensor<?x2x3xf32> {nn.dims = ["N", "", ""]}, %b: tensor<?x4x3xf32> {nn.dims = ["N", "", ""]}) -> tensor<?x2x4xf32> {
  %t = nn.transpose %b [0, 2, 1] : tensor<?x4x3xf32> -> tensor<?x3x4xf32>
  %c = nn.matmul %a, %t : (tensor<?x2x3xf32>, tensor<?x3x4xf32>) -> tensor<?x2x4xf32>
  return %c : tensor<?x2x4xf32>
}

// A leading 1 broadcasts: the dimension is dropped from the operand.
// CHECK-LABEL: @broadcast_rhs
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]] : tensor<1x3x4xf32> into tensor<3x4xf32>
// CHECK: kernel.matmul
func.func @broadcast_rhs(%a: tensor<5x2x3xf32>, %b: tensor<1x3x4xf32>) -> tensor<5x2x4xf32> {
  %c = nn.matmul %a, %b : (tensor<5x2x3xf32>, tensor<1x3x4xf32>) -> tensor<5x2x4xf32>
  return %c : tensor<5x2x4xf32>
}
