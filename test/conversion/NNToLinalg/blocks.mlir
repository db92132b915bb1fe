// RUN: optc-opt %s --convert-nn-to-linalg | FileCheck %s

// Planes are a dim of their own.
// CHECK-LABEL: @unpack
// CHECK: %[[g:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<?x2x16xi8>) outs(%{{.*}} : tensor<?x2x2x16xi8>)
// CHECK: arith.shrui
// CHECK: arith.andi
// CHECK: tensor.collapse_shape %[[g]] {{\[\[}}0], [1], [2, 3]] : tensor<?x2x2x16xi8> into tensor<?x2x32xi8>
func.func @unpack(%x: tensor<?x2x16xui8>) -> tensor<?x2x32xui8> {
  %0 = qnn.unpack %x {bits = 4} : (tensor<?x2x16xui8>) -> tensor<?x2x32xui8>
  return %0 : tensor<?x2x32xui8>
}

// CHECK-LABEL: @block_matmul
// CHECK: kernel.block_matmul %{{.*}} scale %{{.*}} sums %{{.*}}, %{{.*}} scale %{{.*}} into %{{.*}} {bits = 4 : i64, block = 32 : i64, {{.*}}zero_point = 8 : i64}
func.func @block_matmul(%q: tensor<?x64xi8>, %a: tensor<?x2xf32>, %s: tensor<?x2xf32>, %w: tensor<16x32xui8>, %b: tensor<16x2xf16>) -> tensor<?x16xf32> {
  %0 = qnn.block_matmul %q scale %a sums %s, %w scale %b {bits = 4, block = 32, zeroPoint = 8}
      : (tensor<?x64xi8>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<16x32xui8>, tensor<16x2xf16>) -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

// Of 16 entries there are two words.
// CHECK-LABEL: @codebook
// CHECK: arith.cmpi ult
// CHECK: arith.select {{.*}} : i64
// CHECK: arith.trunci {{.*}} : i64 to i32
func.func @codebook(%x: tensor<2x16xui8>) -> tensor<2x32xui8> {
  %0 = qnn.unpack %x {bits = 4, codebook = array<i8: 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12>} : (tensor<2x16xui8>) -> tensor<2x32xui8>
  return %0 : tensor<2x32xui8>
}
