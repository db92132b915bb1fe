// RUN: optc-opt --qnn-form-blocks %s | FileCheck %s
// RUN: optc-opt --qnn-form-blocks --verify-diagnostics --remarks-filter-missed=qnn-form-blocks %s -o /dev/null

// Floats: the sums of their blocks take off the middle of the codes.
// CHECK-LABEL: @floats
// CHECK-SAME: %[[x:.*]]: tensor<?x32xf32>
// CHECK-DAG: %[[split:.*]] = nn.reshape %[[x]], {{.*}} -> tensor<?x2x16xf32>
// CHECK-DAG: %[[each:.*]] = nn.reduce sum %[[split]] {{.*}} -> tensor<?x2x1xf32>
// CHECK-DAG: %[[sums:.*]] = nn.reshape %[[each]], {{.*}} -> tensor<?x2xf32>
// CHECK: qnn.block_matmul %[[x]] sums %[[sums]], %{{.*}} scale %{{.*}} {bits = 4 : i64, block = 16 : i64, zeroPoint = 8 : i64} : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<3x16xui8>, tensor<3x2xf16>) -> tensor<?x3xf32>
// CHECK-NOT: nn.matmul
func.func @floats(%x: tensor<?x32xf32>) -> tensor<?x3xf32> {
  %bytes = nn.constant dense<33> : tensor<3x2x8xui8>
  %scale = nn.constant dense<0.5> : tensor<3x2x1xf16>
  %zero = nn.constant dense<8> : tensor<ui8>
  %shape = nn.constant dense<[3, 32]> : tensor<2xi64>
  %0 = qnn.unpack %bytes {bits = 4} : (tensor<3x2x8xui8>) -> tensor<3x2x16xui8>
  %1 = qnn.dequantize %0, %scale zero %zero : (tensor<3x2x16xui8>, tensor<3x2x1xf16>, tensor<ui8>) -> tensor<3x2x16xf32>
  %2 = nn.reshape %1, %shape : (tensor<3x2x16xf32>, tensor<2xi64>) -> tensor<3x32xf32>
  %3 = nn.transpose %2 [1, 0] : tensor<3x32xf32> -> tensor<32x3xf32>
  %4 = nn.matmul %x, %3 : (tensor<?x32xf32>, tensor<32x3xf32>) -> tensor<?x3xf32>
  return %4 : tensor<?x3xf32>
}

// Integers are summed as such.
// CHECK-LABEL: @integers
// CHECK-SAME: %[[q:.*]]: tensor<?x2x16xi8>, %[[a:.*]]: tensor<?x2x1xf32>
// CHECK-DAG: %[[lhs:.*]] = nn.reshape %[[q]], {{.*}} -> tensor<?x32xi8>
// CHECK-DAG: %[[wide:.*]] = nn.cast %[[q]] : {{.*}} -> tensor<?x2x16xi32>
// CHECK-DAG: %[[each:.*]] = nn.reduce sum %[[wide]] {{.*}} -> tensor<?x2x1xi32>
// CHECK-DAG: %[[count:.*]] = nn.reshape %[[each]], {{.*}} -> tensor<?x2xi32>
// CHECK-DAG: %[[sums:.*]] = qnn.dequantize %[[count]], %{{.*}} -> tensor<?x2xf32>
// CHECK: qnn.block_matmul %[[lhs]] scale %{{.*}} sums %[[sums]], %{{.*}} scale %{{.*}} zero %{{.*}} {bits = 8 : i64, block = 16 : i64}
func.func @integers(%q: tensor<?x2x16xi8>, %a: tensor<?x2x1xf32>) -> tensor<?x3xf32> {
  %bytes = nn.constant dense<33> : tensor<3x2x16xui8>
  %scale = nn.constant dense<0.5> : tensor<3x2x1xf32>
  %zero = nn.constant dense<[[[1], [2]], [[3], [4]], [[5], [6]]]> : tensor<3x2x1xui8>
  %shape = nn.constant dense<[3, 32]> : tensor<2xi64>
  %rows = nn.constant dense<[0, 32]> : tensor<2xi64>
  %x = qnn.dequantize %q, %a : (tensor<?x2x16xi8>, tensor<?x2x1xf32>) -> tensor<?x2x16xf32>
  %data = nn.reshape %x, %rows : (tensor<?x2x16xf32>, tensor<2xi64>) -> tensor<?x32xf32>
  %1 = qnn.dequantize %bytes, %scale zero %zero : (tensor<3x2x16xui8>, tensor<3x2x1xf32>, tensor<3x2x1xui8>) -> tensor<3x2x16xf32>
  %2 = nn.reshape %1, %shape : (tensor<3x2x16xf32>, tensor<2xi64>) -> tensor<3x32xf32>
  %3 = nn.transpose %2 [1, 0] : tensor<3x32xf32> -> tensor<32x3xf32>
  %4 = nn.matmul %data, %3 : (tensor<?x32xf32>, tensor<32x3xf32>) -> tensor<?x3xf32>
  return %4 : tensor<?x3xf32>
}

// CHECK-LABEL: @not_constant
// CHECK: nn.matmul
func.func @not_constant(%x: tensor<?x32xf32>, %bytes: tensor<3x2x16xui8>) -> tensor<?x3xf32> {
  %scale = nn.constant dense<0.5> : tensor<3x2x1xf32>
  %shape = nn.constant dense<[3, 32]> : tensor<2xi64>
  %1 = qnn.dequantize %bytes, %scale : (tensor<3x2x16xui8>, tensor<3x2x1xf32>) -> tensor<3x2x16xf32>
  %2 = nn.reshape %1, %shape : (tensor<3x2x16xf32>, tensor<2xi64>) -> tensor<3x32xf32>
  %3 = nn.transpose %2 [1, 0] : tensor<3x32xf32> -> tensor<32x3xf32>
  // expected-remark @below {{reason="the codes are no constant bytes without a sign"}}
  %4 = nn.matmul %x, %3 : (tensor<?x32xf32>, tensor<32x3xf32>) -> tensor<?x3xf32>
  return %4 : tensor<?x3xf32>
}

// Bytes with one scale per column: all of the sum is a block, and codes have no sign.
// CHECK-LABEL: @columns
// CHECK: qnn.block_matmul %{{.*}} sums %{{.*}}, %{{.*}} scale %{{.*}} {bits = 8 : i64, block = 4 : i64, zeroPoint = 128 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>, tensor<2x4xui8>, tensor<2x1xf32>) -> tensor<?x2xf32>
func.func @columns(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = nn.constant dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi8>
  %s = nn.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %0 = qnn.dequantize %w, %s : (tensor<4x2xi8>, tensor<2xf32>) -> tensor<4x2xf32>
  %1 = nn.matmul %x, %0 : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}

// CHECK-LABEL: @codebook
// CHECK: qnn.block_matmul {{.*}} {bits = 2 : i64, block = 16 : i64, codebook = array<i8: 0, 1, 2, 4>}
func.func @codebook(%x: tensor<?x32xf32>) -> tensor<?x3xf32> {
  %bytes = nn.constant dense<33> : tensor<3x2x4xui8>
  %scale = nn.constant dense<0.5> : tensor<3x2x1xf16>
  %shape = nn.constant dense<[3, 32]> : tensor<2xi64>
  %0 = qnn.unpack %bytes {bits = 2, codebook = array<i8: 0, 1, 2, 4>} : (tensor<3x2x4xui8>) -> tensor<3x2x16xui8>
  %1 = qnn.dequantize %0, %scale : (tensor<3x2x16xui8>, tensor<3x2x1xf16>) -> tensor<3x2x16xf32>
  %2 = nn.reshape %1, %shape : (tensor<3x2x16xf32>, tensor<2xi64>) -> tensor<3x32xf32>
  %3 = nn.transpose %2 [1, 0] : tensor<3x32xf32> -> tensor<32x3xf32>
  %4 = nn.matmul %x, %3 : (tensor<?x32xf32>, tensor<32x3xf32>) -> tensor<?x3xf32>
  return %4 : tensor<?x3xf32>
}
