// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @batched
// CHECK: nn.matmul %{{.*}}, %{{.*}} : (tensor<?x2x3xf32>, tensor<3x4xf32>) -> tensor<?x2x4xf32>
func.func @batched(%a: tensor<?x2x3xf32>, %b: tensor<3x4xf32>) -> tensor<?x2x4xf32> {
  %c = nn.matmul %a, %b : (tensor<?x2x3xf32>, tensor<3x4xf32>) -> tensor<?x2x4xf32>
  return %c : tensor<?x2x4xf32>
}

// CHECK-LABEL: @narrow_weight
// CHECK: nn.matmul %{{.*}}, %{{.*}} : (tensor<?x8xf32>, tensor<8x4xf16>) -> tensor<?x4xf32>
func.func @narrow_weight(%x: tensor<?x8xf32>, %w: tensor<8x4xf16>) -> tensor<?x4xf32> {
  %0 = nn.matmul %x, %w : (tensor<?x8xf32>, tensor<8x4xf16>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
