// RUN: optc-opt %s --cpu-decline-kernels | FileCheck %s

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
#across = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (n, m)>]

// CHECK-LABEL: @kept
// CHECK: kernel.matmul
func.func @kept(%a: tensor<?x8xf32>, %b: tensor<8x4xf32>, %i: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<?x8xf32>, tensor<8x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: @double_precision
// CHECK-NOT: kernel.matmul
// CHECK: linalg.generic
func.func @double_precision(%a: tensor<?x8xf64>, %b: tensor<8x4xf64>, %i: tensor<?x4xf64>) -> tensor<?x4xf64> {
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<?x8xf64>, tensor<8x4xf64>, tensor<?x4xf64>) -> tensor<?x4xf64> {
  ^bb0(%acc: f64):
    kernel.yield %acc : f64
  }
  return %0 : tensor<?x4xf64>
}

// CHECK-LABEL: @stored_across
// CHECK-NOT: kernel.matmul
// CHECK: linalg.generic
func.func @stored_across(%a: tensor<?x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x?xf32>) -> tensor<4x?xf32> {
  %0 = kernel.matmul %a, %b into %i {maps = #across} : (tensor<?x8xf32>, tensor<8x4xf32>, tensor<4x?xf32>) -> tensor<4x?xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<4x?xf32>
}

// CHECK-LABEL: @unpacked_filter
// CHECK-NOT: kernel.conv
func.func @unpacked_filter(%x: tensor<1x9x8xf32>, %w: tensor<4x8x3xf32>, %c: tensor<1x7x4xf32>) -> tensor<1x7x4xf32> {
  %r = kernel.conv %x, %w into %c {window = array<i64: 3>, strides = array<i64: 1>,
      dilations = array<i64: 1>, groups = 1} : (tensor<1x9x8xf32>, tensor<4x8x3xf32>, tensor<1x7x4xf32>) -> tensor<1x7x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<1x7x4xf32>
}
