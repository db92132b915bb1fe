// RUN: optc-opt --qnn-raise-quantize --canonicalize %s | FileCheck %s
// RUN: optc-opt --qnn-raise-quantize=unsigned=false --canonicalize %s | FileCheck %s --check-prefix=SIGNED

// Of what is concatenated one has the scale already.
// CHECK-LABEL: @concat
// CHECK-SAME: %[[a:.*]]: tensor<?x4xui8>, %[[b:.*]]: tensor<?x2xf32>
// CHECK: %[[q:.*]] = qnn.quantize %[[b]]
// CHECK: %[[c:.*]] = nn.concat %[[a]], %[[q]] {{.*}} -> tensor<?x6xui8>
// CHECK: %[[t:.*]] = nn.transpose %[[c]] [1, 0] : tensor<?x6xui8> -> tensor<6x?xui8>
// CHECK: return %[[t]]
func.func @concat(%a: tensor<?x4xui8>, %b: tensor<?x2xf32>) -> tensor<6x?xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<ui8>
  %0 = qnn.dequantize %a, %s zero %z : (tensor<?x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<?x4xf32>
  %1 = nn.concat %0, %b {axis = 1 : i64} : (tensor<?x4xf32>, tensor<?x2xf32>) -> tensor<?x6xf32>
  %2 = nn.transpose %1 [1, 0] : tensor<?x6xf32> -> tensor<6x?xf32>
  %3 = qnn.quantize %2, %s zero %z : (tensor<6x?xf32>, tensor<f32>, tensor<ui8>) -> tensor<6x?xui8>
  return %3 : tensor<6x?xui8>
}

// What stands in a border is quantized, too.
// CHECK-LABEL: @pad
// CHECK-SAME: %[[a:.*]]: tensor<4xui8>
// CHECK-DAG: %[[v:.*]] = nn.constant dense<5> : tensor<ui8>
// CHECK: nn.pad constant %[[a]], %{{.*}}, %[[v]] {{.*}} -> tensor<6xui8>
func.func @pad(%a: tensor<4xui8>) -> tensor<6xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<ui8>
  %v = nn.constant dense<1.0> : tensor<f32>
  %p = nn.constant dense<1> : tensor<2xi64>
  %0 = qnn.dequantize %a, %s zero %z : (tensor<4xui8>, tensor<f32>, tensor<ui8>) -> tensor<4xf32>
  %1 = nn.pad constant %0, %p, %v : (tensor<4xf32>, tensor<2xi64>, tensor<f32>) -> tensor<6xf32>
  %2 = qnn.quantize %1, %s zero %z : (tensor<6xf32>, tensor<f32>, tensor<ui8>) -> tensor<6xui8>
  return %2 : tensor<6xui8>
}

// CHECK-LABEL: @sign
// CHECK-DAG: %[[z:.*]] = nn.constant dense<133> : tensor<ui8>
// CHECK: %[[q:.*]] = qnn.quantize %{{.*}} zero %[[z]] {{.*}} -> tensor<?xui8>
// CHECK: qnn.dequantize %[[q]], %{{.*}} zero %[[z]]
// SIGNED-LABEL: @sign
// SIGNED: qnn.quantize {{.*}} -> tensor<?xi8>
func.func @sign(%x: tensor<?xf32>) -> tensor<?xf32> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<5> : tensor<i8>
  %0 = qnn.quantize %x, %s zero %z : (tensor<?xf32>, tensor<f32>, tensor<i8>) -> tensor<?xi8>
  %1 = qnn.dequantize %0, %s zero %z : (tensor<?xi8>, tensor<f32>, tensor<i8>) -> tensor<?xf32>
  return %1 : tensor<?xf32>
}

// Somebody wants the integers.
// CHECK-LABEL: @sign_is_asked_for
// CHECK: qnn.quantize {{.*}} -> tensor<?xi8>
func.func @sign_is_asked_for(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xi8>) {
  %s = nn.constant dense<0.5> : tensor<f32>
  %0 = qnn.quantize %x, %s : (tensor<?xf32>, tensor<f32>) -> tensor<?xi8>
  %1 = qnn.dequantize %0, %s : (tensor<?xi8>, tensor<f32>) -> tensor<?xf32>
  return %1, %0 : tensor<?xf32>, tensor<?xi8>
}

// CHECK-LABEL: @lower
// CHECK-SAME: %[[w:.*]]: tensor<8x4xi8>, %[[s:.*]]: tensor<8x1xf32>
// CHECK-DAG: %[[t:.*]] = nn.transpose %[[w]] [1, 0] : tensor<8x4xi8> -> tensor<4x8xi8>
// CHECK-DAG: %[[u:.*]] = nn.transpose %[[s]] [1, 0] : tensor<8x1xf32> -> tensor<1x8xf32>
// CHECK: %[[x:.*]] = qnn.dequantize %[[t]], %[[u]]
// CHECK: return %[[x]]
func.func @lower(%w: tensor<8x4xi8>, %s: tensor<8x1xf32>) -> tensor<4x8xf32> {
  %0 = qnn.dequantize %w, %s : (tensor<8x4xi8>, tensor<8x1xf32>) -> tensor<8x4xf32>
  %1 = nn.transpose %0 [1, 0] : tensor<8x4xf32> -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// Of a table only the rows that are gathered are dequantized.
// CHECK-LABEL: @gather
// CHECK: %[[rows:.*]] = nn.gather %{{.*}}, %{{.*}} {axis = 0 : i64} : (tensor<3x2xui8>, tensor<?xi64>) -> tensor<?x2xui8>
// CHECK: qnn.dequantize %[[rows]], {{.*}} -> tensor<?x2xf32>
func.func @gather(%i: tensor<?xi64>) -> tensor<?x2xf32> {
  %t = nn.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xui8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<ui8>
  %0 = qnn.dequantize %t, %s zero %z : (tensor<3x2xui8>, tensor<f32>, tensor<ui8>) -> tensor<3x2xf32>
  %1 = nn.gather %0, %i {axis = 0 : i64} : (tensor<3x2xf32>, tensor<?xi64>) -> tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}
