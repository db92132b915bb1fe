// RUN: optc-opt --canonicalize %s | FileCheck %s

// Parameters are known: numbers and vectors. Ties go to even, what is too large saturates.
// CHECK-LABEL: @vectors
// CHECK-DAG: nn.constant dense<[-1.000000e+00, 0.000000e+00, 2.500000e+00]> : tensor<3xf32>
// CHECK-DAG: nn.constant dense<[4, 4, 255, 0]> : tensor<4xui8>
// CHECK-NOT: quantize
func.func @vectors() -> (tensor<3xf32>, tensor<4xui8>) {
  %q = nn.constant dense<[1, 3, 8]> : tensor<3xui8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<ui8>
  %x = nn.constant dense<[0.25, 0.75, 1000.0, -4.0]> : tensor<4xf32>
  %zero = nn.constant dense<4> : tensor<ui8>
  %scale = nn.constant dense<[0.5, 3.0, 1.0, 1.0]> : tensor<4xf32>
  %0 = qnn.dequantize %q, %s zero %z : (tensor<3xui8>, tensor<f32>, tensor<ui8>) -> tensor<3xf32>
  %1 = qnn.quantize %x, %scale zero %zero : (tensor<4xf32>, tensor<4xf32>, tensor<ui8>) -> tensor<4xui8>
  return %0, %1 : tensor<3xf32>, tensor<4xui8>
}

// Weights stay as they are stored.
// CHECK-LABEL: @matrix
// CHECK: qnn.dequantize
func.func @matrix() -> tensor<1x2xf32> {
  %q = nn.constant dense<[[1, 3]]> : tensor<1x2xui8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %0 = qnn.dequantize %q, %s : (tensor<1x2xui8>, tensor<f32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
