// RUN: optc-opt %s --kernel-decompose | FileCheck %s

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// CHECK-LABEL: @matmul
// CHECK: linalg.generic
// CHECK: arith.extui %{{.*}} : i8 to i32
// CHECK: arith.extsi %{{.*}} : i8 to i32
// CHECK: arith.muli
// CHECK: arith.addi
func.func @matmul(%a: tensor<?x8xi8>, %b: tensor<8x4xi8>, %i: tensor<?x4xi32>) -> tensor<?x4xi32> {
  %0 = kernel.matmul %a, %b into %i {maps = #maps, unsigned_lhs} : (tensor<?x8xi8>, tensor<8x4xi8>, tensor<?x4xi32>) -> tensor<?x4xi32> {
  ^bb0(%acc: i32):
    kernel.yield %acc : i32
  }
  return %0 : tensor<?x4xi32>
}

// CHECK-LABEL: @conv
// CHECK: arith.extsi %{{.*}} : i8 to i32
// CHECK: arith.extui %{{.*}} : i8 to i32
func.func @conv(%x: tensor<1x4x4x8xi8>, %w: tensor<4x8x1x1xi8>, %i: tensor<1x4x4x4xi32>) -> tensor<1x4x4x4xi32> {
  %0 = kernel.conv %x, %w into %i {window = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1, unsigned_filter}
      : (tensor<1x4x4x8xi8>, tensor<4x8x1x1xi8>, tensor<1x4x4x4xi32>) -> tensor<1x4x4x4xi32> {
  ^bb0(%acc: i32):
    kernel.yield %acc : i32
  }
  return %0 : tensor<1x4x4x4xi32>
}
