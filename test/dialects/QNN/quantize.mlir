// RUN: optc-opt %s | optc-opt | FileCheck %s
// RUN: optc-opt --canonicalize %s | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: @all_ops
func.func @all_ops(%x: tensor<?x8xf32>, %sums: tensor<?x8xi32>, %s: tensor<f32>, %each: tensor<8xf32>, %z: tensor<ui8>)
    -> (tensor<?x8xui8>, tensor<?x8xf32>, tensor<?x8xui8>) {
  // CHECK: qnn.quantize %{{.*}}, %{{.*}} zero %{{.*}} : (tensor<?x8xf32>, tensor<f32>, tensor<ui8>) -> tensor<?x8xui8>
  %0 = qnn.quantize %x, %s zero %z : (tensor<?x8xf32>, tensor<f32>, tensor<ui8>) -> tensor<?x8xui8>
  // CHECK: qnn.dequantize %{{.*}}, %{{.*}} : (tensor<?x8xi32>, tensor<8xf32>) -> tensor<?x8xf32>
  %1 = qnn.dequantize %sums, %each : (tensor<?x8xi32>, tensor<8xf32>) -> tensor<?x8xf32>
  // CHECK: qnn.requantize %{{.*}} {range = array<i64: 3, 255>}
  %2 = qnn.requantize %sums, %each zero %z {range = array<i64: 3, 255>} : (tensor<?x8xi32>, tensor<8xf32>, tensor<ui8>) -> tensor<?x8xui8>
  return %0, %1, %2 : tensor<?x8xui8>, tensor<?x8xf32>, tensor<?x8xui8>
}

// What stands for these numbers already.
// FOLD-LABEL: @back
// FOLD-SAME: %[[q:.*]]: tensor<?x8xui8>
// FOLD: return %[[q]]
func.func @back(%q: tensor<?x8xui8>) -> tensor<?x8xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.5> : tensor<1xf32>
  %z = nn.constant dense<3> : tensor<ui8>
  %0 = qnn.dequantize %q, %s zero %z : (tensor<?x8xui8>, tensor<f32>, tensor<ui8>) -> tensor<?x8xf32>
  %1 = qnn.quantize %0, %t zero %z : (tensor<?x8xf32>, tensor<1xf32>, tensor<ui8>) -> tensor<?x8xui8>
  return %1 : tensor<?x8xui8>
}

// FOLD-LABEL: @to_another_scale
// FOLD: qnn.quantize
func.func @to_another_scale(%q: tensor<?x8xui8>, %s: tensor<f32>, %t: tensor<f32>) -> tensor<?x8xui8> {
  %0 = qnn.dequantize %q, %s : (tensor<?x8xui8>, tensor<f32>) -> tensor<?x8xf32>
  %1 = qnn.quantize %0, %t : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xui8>
  return %1 : tensor<?x8xui8>
}
