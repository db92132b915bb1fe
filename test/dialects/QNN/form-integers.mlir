// RUN: optc-opt --qnn-form-integers %s | FileCheck %s
// RUN: optc-opt --qnn-form-integers=together=4 %s | FileCheck %s --check-prefix=FOUR
// RUN: optc-opt --qnn-form-integers --verify-diagnostics --remarks-filter-missed=qnn-form-integers %s -o /dev/null

// A bias of half a step and one of ten, a relu, and a requantization.
// CHECK-LABEL: @conv
// CHECK-SAME: %[[x:.*]]: tensor<1x?x?x3xui8>
// CHECK-DAG: %[[z:.*]] = nn.constant dense<7> : tensor<ui8>
// CHECK-DAG: %[[padded:.*]] = nn.pad constant %[[x]], %{{.*}}, %{{.*}} {{.*}} -> tensor<1x?x?x3xui8>
// CHECK: %[[sums:.*]] = nn.conv %[[padded]], %{{.*}} {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : {{.*}} -> tensor<1x?x?x2xi32>
// CHECK: %[[zeros:.*]] = nn.constant dense<[378, -378]> : tensor<2xi32>
// CHECK: %[[a:.*]] = nn.binary sub %[[sums]], %[[zeros]]
// CHECK: %[[bias:.*]] = nn.constant dense<[0, 40]> : tensor<2xi32>
// CHECK: %[[b:.*]] = nn.binary add %[[a]], %[[bias]]
// CHECK: %[[scale:.*]] = nn.constant dense<[2.500000e-01, 1.250000e-01]> : tensor<2xf32>
// CHECK: %[[q:.*]] = qnn.requantize %[[b]], %[[scale]] zero %{{.*}} {range = array<i64: 7, 255>} : {{.*}} -> tensor<1x?x?x2xui8>
// CHECK: return %[[q]]
// FOUR-LABEL: @conv
// FOUR: nn.pad {{.*}} -> tensor<1x?x?x4xui8>
// FOUR: nn.conv {{.*}} : (tensor<1x?x?x4xui8>, tensor<2x4x3x3xi8>)
func.func @conv(%x: tensor<1x?x?x3xui8>) -> tensor<1x?x?x2xui8> {
  %xs = nn.constant dense<0.5> : tensor<f32>
  %xz = nn.constant dense<7> : tensor<ui8>
  %w = nn.constant dense<[[[[2, 2, 2], [2, 2, 2], [2, 2, 2]], [[2, 2, 2], [2, 2, 2], [2, 2, 2]], [[2, 2, 2], [2, 2, 2], [2, 2, 2]]], [[[-2, -2, -2], [-2, -2, -2], [-2, -2, -2]], [[-2, -2, -2], [-2, -2, -2], [-2, -2, -2]], [[-2, -2, -2], [-2, -2, -2], [-2, -2, -2]]]]> : tensor<2x3x3x3xi8>
  %ws = nn.constant dense<[[[[1.0]]], [[[0.5]]]]> : tensor<2x1x1x1xf32>
  %bias = nn.constant dense<[0.25, 10.0]> : tensor<2xf32>
  %ys = nn.constant dense<2.0> : tensor<f32>
  %0 = qnn.dequantize %x, %xs zero %xz : (tensor<1x?x?x3xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x?x?x3xf32>
  %1 = qnn.dequantize %w, %ws : (tensor<2x3x3x3xi8>, tensor<2x1x1x1xf32>) -> tensor<2x3x3x3xf32>
  %2 = nn.conv %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64} : (tensor<1x?x?x3xf32>, tensor<2x3x3x3xf32>) -> tensor<1x?x?x2xf32>
  %3 = nn.binary add %2, %bias : (tensor<1x?x?x2xf32>, tensor<2xf32>) -> tensor<1x?x?x2xf32>
  %4 = nn.unary relu %3 : tensor<1x?x?x2xf32> -> tensor<1x?x?x2xf32>
  %5 = qnn.quantize %4, %ys zero %xz : (tensor<1x?x?x2xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x?x?x2xui8>
  return %5 : tensor<1x?x?x2xui8>
}

// The result stays real; weights without a sign get one.
// CHECK-LABEL: @matmul
// CHECK-SAME: %[[x:.*]]: tensor<?x4xi8>
// CHECK: %[[w:.*]] = nn.constant dense<{{.*}}[-128, 127], [0, 1], [2, 3], [4, 5]]> : tensor<4x2xi8>
// CHECK: %[[sums:.*]] = nn.matmul %[[x]], %[[w]] : (tensor<?x4xi8>, tensor<4x2xi8>) -> tensor<?x2xi32>
// CHECK: %[[y:.*]] = qnn.dequantize %[[sums]], %{{.*}} : (tensor<?x2xi32>, tensor<f32>) -> tensor<?x2xf32>
// CHECK: return %[[y]]
func.func @matmul(%x: tensor<?x4xi8>) -> tensor<?x2xf32> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %w = nn.constant dense<[[0, 255], [128, 129], [130, 131], [132, 133]]> : tensor<4x2xui8>
  %z = nn.constant dense<128> : tensor<ui8>
  %0 = qnn.dequantize %x, %s : (tensor<?x4xi8>, tensor<f32>) -> tensor<?x4xf32>
  %1 = qnn.dequantize %w, %s zero %z : (tensor<4x2xui8>, tensor<f32>, tensor<ui8>) -> tensor<4x2xf32>
  %2 = nn.matmul %0, %1 : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}

// CHECK-LABEL: @scales_along_the_sum
// CHECK: nn.matmul {{.*}} : (tensor<?x4xf32>, tensor<4x2xf32>)
func.func @scales_along_the_sum(%x: tensor<?x4xi8>, %s: tensor<f32>, %ws: tensor<4x1xf32>) -> tensor<?x2xf32> {
  %w = nn.constant dense<1> : tensor<4x2xi8>
  %0 = qnn.dequantize %x, %s : (tensor<?x4xi8>, tensor<f32>) -> tensor<?x4xf32>
  %1 = qnn.dequantize %w, %ws : (tensor<4x2xi8>, tensor<4x1xf32>) -> tensor<4x2xf32>
  // expected-remark @below {{reason="the weight has scales along what is summed"}}
  %2 = nn.matmul %0, %1 : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}

// CHECK-LABEL: @data
// CHECK: nn.matmul {{.*}} : (tensor<?x4xf32>, tensor<4x2xf32>)
func.func @data(%x: tensor<?x4xi8>, %w: tensor<4x2xi8>, %s: tensor<f32>) -> tensor<?x2xf32> {
  %0 = qnn.dequantize %x, %s : (tensor<?x4xi8>, tensor<f32>) -> tensor<?x4xf32>
  %1 = qnn.dequantize %w, %s : (tensor<4x2xi8>, tensor<f32>) -> tensor<4x2xf32>
  // expected-remark @below {{reason="both operands are data"}}
  %2 = nn.matmul %0, %1 : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}
