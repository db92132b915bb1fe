// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @batched
// CHECK: nn.matmul %{{.*}}, %{{.*}} : (tensor<?x2x3xf32>, tensor<3x4xf32>) -> tensor<?x2x4xf32>
func.func @batched(%a: tensor<?x2x3xf32>, %b: tensor<3x4xf32>) -> tensor<?x2x4xf32> {
  %c = nn.matmul %a, %b : (tensor<?x2x3xf32>, tensor<3x4xf32>) -> tensor<?x2x4xf32>
  return %c : tensor<?x2x4xf32>
}
