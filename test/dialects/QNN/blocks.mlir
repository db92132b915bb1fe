// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @unpack
// CHECK: qnn.unpack %{{.*}} {bits = 4 : i64} : (tensor<?x2x16xui8>) -> tensor<?x2x32xui8>
func.func @unpack(%x: tensor<?x2x16xui8>) -> tensor<?x2x32xui8> {
  %0 = qnn.unpack %x {bits = 4} : (tensor<?x2x16xui8>) -> tensor<?x2x32xui8>
  return %0 : tensor<?x2x32xui8>
}

// CHECK-LABEL: @integers
// CHECK: qnn.block_matmul %{{.*}} scale %{{.*}} sums %{{.*}}, %{{.*}} scale %{{.*}} zero %{{.*}} {bits = 4 : i64, block = 32 : i64}
func.func @integers(%q: tensor<?x64xi8>, %a: tensor<?x2xf32>, %s: tensor<?x2xf32>, %w: tensor<16x32xui8>, %b: tensor<16x2xf16>,
                    %z: tensor<16x2xui8>) -> tensor<?x16xf32> {
  %0 = qnn.block_matmul %q scale %a sums %s, %w scale %b zero %z {bits = 4, block = 32}
      : (tensor<?x64xi8>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<16x32xui8>, tensor<16x2xf16>, tensor<16x2xui8>) -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

// CHECK-LABEL: @floats
// CHECK: qnn.block_matmul %{{.*}}, %{{.*}} scale %{{.*}} {bits = 8 : i64, block = 64 : i64}
func.func @floats(%x: tensor<2x?x64xf32>, %w: tensor<16x64xui8>, %b: tensor<16x1xf32>) -> tensor<2x?x16xf32> {
  %0 = qnn.block_matmul %x, %w scale %b {bits = 8, block = 64} : (tensor<2x?x64xf32>, tensor<16x64xui8>, tensor<16x1xf32>) -> tensor<2x?x16xf32>
  return %0 : tensor<2x?x16xf32>
}

// CHECK-LABEL: @codebook
// CHECK: qnn.unpack %{{.*}} {bits = 2 : i64, codebook = array<i8: 0, 3, -1, 7>}
// CHECK: qnn.block_matmul %{{.*}}, %{{.*}} scale %{{.*}} {bits = 2 : i64, block = 16 : i64, codebook = array<i8: 0, 3, -1, 7>}
func.func @codebook(%b: tensor<4x8xui8>, %x: tensor<?x32xf32>, %w: tensor<16x8xui8>, %s: tensor<16x2xf32>) -> (tensor<4x32xui8>, tensor<?x16xf32>) {
  %0 = qnn.unpack %b {bits = 2, codebook = array<i8: 0, 3, -1, 7>} : (tensor<4x8xui8>) -> tensor<4x32xui8>
  %1 = qnn.block_matmul %x, %w scale %s {bits = 2, block = 16, codebook = array<i8: 0, 3, -1, 7>}
      : (tensor<?x32xf32>, tensor<16x8xui8>, tensor<16x2xf32>) -> tensor<?x16xf32>
  return %0, %1 : tensor<4x32xui8>, tensor<?x16xf32>
}
