// RUN: optc-opt --qnn-form-tables --canonicalize %s | FileCheck %s

// x * clip(x + 3, 0, 6), of bytes with a sign: the first half is that of 0 and more.
// CHECK-LABEL: @hard_swish
// CHECK-SAME: %[[x:.*]]: tensor<?x8xi8>
// CHECK: %[[y:.*]] = qnn.table %[[x]] {table = array<i8: 0, 4, 10, 18, 24, 30, 36, {{.*}}, 127, 127, 0, 0, {{.*}}, 0, -2, -2>} : (tensor<?x8xi8>) -> tensor<?x8xi8>
// CHECK-NOT: nn.binary
// CHECK: return %[[y]]
func.func @hard_swish(%x: tensor<?x8xi8>) -> tensor<?x8xi8> {
  %s = nn.constant dense<1.0> : tensor<f32>
  %three = nn.constant dense<3.0> : tensor<1xf32>
  %six = nn.constant dense<6.0> : tensor<f32>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %0 = qnn.dequantize %x, %s : (tensor<?x8xi8>, tensor<f32>) -> tensor<?x8xf32>
  %1 = nn.binary add %0, %three : (tensor<?x8xf32>, tensor<1xf32>) -> tensor<?x8xf32>
  %2 = nn.binary max %1, %zero : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf32>
  %3 = nn.binary min %2, %six : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf32>
  %4 = nn.binary mul %3, %0 : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %5 = qnn.quantize %4, %s : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xi8>
  return %5 : tensor<?x8xi8>
}

// Several steps with bytes between them are one.
// CHECK-LABEL: @steps
// CHECK-COUNT-1: qnn.table
// CHECK-NOT: qnn
func.func @steps(%x: tensor<?xui8>) -> tensor<?xui8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<7> : tensor<ui8>
  %0 = qnn.dequantize %x, %s zero %z : (tensor<?xui8>, tensor<f32>, tensor<ui8>) -> tensor<?xf32>
  %1 = nn.unary tanh %0 : tensor<?xf32> -> tensor<?xf32>
  %2 = qnn.quantize %1, %s zero %z : (tensor<?xf32>, tensor<f32>, tensor<ui8>) -> tensor<?xui8>
  %3 = qnn.dequantize %2, %s zero %z : (tensor<?xui8>, tensor<f32>, tensor<ui8>) -> tensor<?xf32>
  %4 = nn.unary erf %3 : tensor<?xf32> -> tensor<?xf32>
  %5 = qnn.quantize %4, %s zero %z : (tensor<?xf32>, tensor<f32>, tensor<ui8>) -> tensor<?xui8>
  return %5 : tensor<?xui8>
}

// Two tensors of bytes are no table, and what something else reads is computed anyway.
// CHECK-LABEL: @not
// CHECK-NOT: qnn.table
func.func @not(%x: tensor<?xui8>, %y: tensor<?xui8>) -> (tensor<?xui8>, tensor<?xui8>, tensor<?xf32>) {
  %s = nn.constant dense<0.1> : tensor<f32>
  %0 = qnn.dequantize %x, %s : (tensor<?xui8>, tensor<f32>) -> tensor<?xf32>
  %1 = qnn.dequantize %y, %s : (tensor<?xui8>, tensor<f32>) -> tensor<?xf32>
  %2 = nn.binary mul %0, %1 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %3 = qnn.quantize %2, %s : (tensor<?xf32>, tensor<f32>) -> tensor<?xui8>
  %4 = nn.unary tanh %0 : tensor<?xf32> -> tensor<?xf32>
  %5 = qnn.quantize %4, %s : (tensor<?xf32>, tensor<f32>) -> tensor<?xui8>
  return %3, %5, %4 : tensor<?xui8>, tensor<?xui8>, tensor<?xf32>
}
