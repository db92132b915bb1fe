// RUN: optc-opt %s --canonicalize --split-input-file | FileCheck %s

// What is computed on constants at compile time, and what is left for the run.

// CHECK-LABEL: @floats
// CHECK-DAG: %[[SUB:.*]] = nn.constant dense<[-1.000000e+00, -2.000000e+00]>
// CHECK-DAG: %[[MUL:.*]] = nn.constant dense<[2.000000e+00, 8.000000e+00]>
// CHECK-DAG: %[[DIV:.*]] = nn.constant dense<5.000000e-01>
// CHECK-DAG: %[[POW:.*]] = nn.constant dense<[1.000000e+00, 1.600000e+01]>
// CHECK: return %[[SUB]], %[[MUL]], %[[DIV]], %[[POW]]
func.func @floats() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %a = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = nn.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %s = nn.binary sub %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %m = nn.binary mul %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %d = nn.binary div %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %p = nn.binary pow %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %s, %m, %d, %p : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// -----

// A NaN on either side is the result, as when the model runs.
// CHECK-LABEL: @extremes
// CHECK-DAG: %[[MAX:.*]] = nn.constant dense<[2.000000e+00, 0x7FC00000, 0x7FC00000]>
// CHECK-DAG: %[[MIN:.*]] = nn.constant dense<[1.000000e+00, 0x7FC00000, 0x7FC00000]>
// CHECK: return %[[MAX]], %[[MIN]]
func.func @extremes() -> (tensor<3xf32>, tensor<3xf32>) {
  %a = nn.constant dense<[1.0, 0x7FC00000, 3.0]> : tensor<3xf32>
  %b = nn.constant dense<[2.0, 3.0, 0x7FC00000]> : tensor<3xf32>
  %x = nn.binary max %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %n = nn.binary min %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %x, %n : tensor<3xf32>, tensor<3xf32>
}

// -----

// Integers wrap; the operands broadcast.
// CHECK-LABEL: @integers
// CHECK-DAG: %[[ADD:.*]] = nn.constant dense<[-2147483648, 2]> : tensor<2xi32>
// CHECK-DAG: %[[AND:.*]] = nn.constant dense<1> : tensor<2xi32>
// CHECK-DAG: %[[XOR:.*]] = nn.constant dense<[2147483646, 0]> : tensor<2xi32>
// CHECK-DAG: %[[OR:.*]] = nn.constant dense<[true, false]> : tensor<2xi1>
// CHECK: return %[[ADD]], %[[AND]], %[[XOR]], %[[OR]]
func.func @integers() -> (tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi1>) {
  %a = nn.constant dense<[2147483647, 1]> : tensor<2xi32>
  %b = nn.constant dense<1> : tensor<i32>
  %t = nn.constant dense<[true, false]> : tensor<2xi1>
  %s = nn.binary add %a, %b : (tensor<2xi32>, tensor<i32>) -> tensor<2xi32>
  %n = nn.binary and %a, %b : (tensor<2xi32>, tensor<i32>) -> tensor<2xi32>
  %x = nn.binary xor %a, %b : (tensor<2xi32>, tensor<i32>) -> tensor<2xi32>
  %o = nn.binary or %t, %t : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  return %s, %n, %x, %o : tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi1>
}

// -----

// CHECK-LABEL: @unary
// CHECK-DAG: %[[A:.*]] = nn.constant dense<[4.000000e+00, 2.250000e+00]>
// CHECK-DAG: %[[S:.*]] = nn.constant dense<[2.000000e+00, 1.500000e+00]>
// CHECK-DAG: %[[R:.*]] = nn.constant dense<[5.000000e-01, 0.666666686]>
// CHECK-DAG: %[[F:.*]] = nn.constant dense<[-4.000000e+00, 2.000000e+00]>
// CHECK-DAG: %[[C:.*]] = nn.constant dense<[-4.000000e+00, 3.000000e+00]>
// CHECK: return %[[A]], %[[S]], %[[R]], %[[F]], %[[C]]
func.func @unary() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %x = nn.constant dense<[-4.0, 2.25]> : tensor<2xf32>
  %a = nn.unary abs %x : tensor<2xf32> -> tensor<2xf32>
  %s = nn.unary sqrt %a : tensor<2xf32> -> tensor<2xf32>
  %r = nn.unary rsqrt %a : tensor<2xf32> -> tensor<2xf32>
  %f = nn.unary floor %x : tensor<2xf32> -> tensor<2xf32>
  %c = nn.unary ceil %x : tensor<2xf32> -> tensor<2xf32>
  return %a, %s, %r, %f, %c : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// -----

// Towards zero; any number but 0 is true; floats are rounded to the type.
// CHECK-LABEL: @casts
// CHECK-DAG: %[[I:.*]] = nn.constant dense<[-1, 2, 0]> : tensor<3xi32>
// CHECK-DAG: %[[B:.*]] = nn.constant dense<[true, true, false]> : tensor<3xi1>
// CHECK-DAG: %[[H:.*]] = nn.constant dense<[-1.700200e+00, 2.900390e+00, 0.000000e+00]> : tensor<3xf16>
// CHECK-DAG: %[[F:.*]] = nn.constant dense<[-1.000000e+00, 2.000000e+00, 0.000000e+00]> : tensor<3xf64>
// CHECK: return %[[I]], %[[B]], %[[H]], %[[F]]
func.func @casts() -> (tensor<3xi32>, tensor<3xi1>, tensor<3xf16>, tensor<3xf64>) {
  %x = nn.constant dense<[-1.7, 2.9, 0.0]> : tensor<3xf32>
  %i = nn.cast %x : tensor<3xf32> -> tensor<3xi32>
  %b = nn.cast %x : tensor<3xf32> -> tensor<3xi1>
  %h = nn.cast %x : tensor<3xf32> -> tensor<3xf16>
  %f = nn.cast %i : tensor<3xi32> -> tensor<3xf64>
  return %i, %b, %h, %f : tensor<3xi32>, tensor<3xi1>, tensor<3xf16>, tensor<3xf64>
}

// -----

// What the integer type does not hold, as ONNX Runtime has it: -1, 300, 3e9, 1e19, NaN.
// CHECK-LABEL: @cast_beyond
// CHECK-DAG: nn.constant dense<[-1, 44, 0, 0, 0]> : tensor<5xi8>
// CHECK-DAG: nn.constant dense<[255, 44, 0, 0, 0]> : tensor<5xui8>
// CHECK-DAG: nn.constant dense<[-1, 300, -2147483648, -2147483648, -2147483648]> : tensor<5xi32>
// CHECK-DAG: nn.constant dense<[4294967295, 300, 3000000000, 0, 2147483648]> : tensor<5xui32>
// CHECK-DAG: nn.constant dense<[18446744073709551615, 300, 3000000000, 10000000000000000000, 9223372036854775808]> : tensor<5xui64>
func.func @cast_beyond() -> (tensor<5xi8>, tensor<5xui8>, tensor<5xi32>, tensor<5xui32>, tensor<5xui64>) {
  %x = nn.constant dense<[-1.0, 300.0, 3.0e9, 1.0e19, 0x7FF8000000000000]> : tensor<5xf64>
  %a = nn.cast %x : tensor<5xf64> -> tensor<5xi8>
  %b = nn.cast %x : tensor<5xf64> -> tensor<5xui8>
  %c = nn.cast %x : tensor<5xf64> -> tensor<5xi32>
  %d = nn.cast %x : tensor<5xf64> -> tensor<5xui32>
  %e = nn.cast %x : tensor<5xf64> -> tensor<5xui64>
  return %a, %b, %c, %d, %e : tensor<5xi8>, tensor<5xui8>, tensor<5xi32>, tensor<5xui32>, tensor<5xui64>
}

// -----

// Unsigned integers wrap; quotients and remainders are those of numbers that are not negative.
// CHECK-LABEL: @unsigned
// CHECK-DAG: nn.constant dense<[44, 1]> : tensor<2xui8>
// CHECK-DAG: nn.constant dense<[156, 255]> : tensor<2xui8>
// CHECK-DAG: nn.constant dense<[1, 0]> : tensor<2xui8>
// CHECK-DAG: nn.constant dense<4354685564936845354> : tensor<ui64>
func.func @unsigned() -> (tensor<2xui8>, tensor<2xui8>, tensor<2xui8>, tensor<ui64>) {
  %x = nn.constant dense<[100, 0]> : tensor<2xui8>
  %y = nn.constant dense<[200, 1]> : tensor<2xui8>
  %z = nn.constant dense<[67, 3]> : tensor<2xui8>
  %two = nn.constant dense<2> : tensor<ui64>
  %gamma = nn.constant dense<11400714819323198485> : tensor<ui64>
  %a = nn.binary add %x, %y : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  %b = nn.binary sub %x, %y : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  %c = nn.binary div %x, %z : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  %d = nn.binary mul %two, %gamma : (tensor<ui64>, tensor<ui64>) -> tensor<ui64>
  return %a, %b, %c, %d : tensor<2xui8>, tensor<2xui8>, tensor<2xui8>, tensor<ui64>
}
