// RUN: optc-opt %s --canonicalize --split-input-file | FileCheck %s

// Neutral operands go, where that is exact; what else looks alike stays.

// CHECK-LABEL: @neutral
// CHECK-SAME: (%[[X:.*]]: tensor<?x2xf32>, %[[I:.*]]: tensor<?x2xi32>)
// CHECK-NEXT: return %[[X]], %[[X]], %[[X]], %[[I]], %[[I]]
func.func @neutral(%x: tensor<?x2xf32>, %i: tensor<?x2xi32>)
    -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xi32>, tensor<?x2xi32>) {
  %one = nn.constant dense<1.0> : tensor<f32>
  %zero = nn.constant dense<0.0> : tensor<2xf32>
  %i0 = nn.constant dense<0> : tensor<i32>
  %i1 = nn.constant dense<1> : tensor<i32>
  %a = nn.binary mul %x, %one : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
  %b = nn.binary div %x, %one : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
  %c = nn.binary sub %x, %zero : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %d = nn.binary add %i, %i0 : (tensor<?x2xi32>, tensor<i32>) -> tensor<?x2xi32>
  %e = nn.binary mul %i, %i1 : (tensor<?x2xi32>, tensor<i32>) -> tensor<?x2xi32>
  return %a, %b, %c, %d, %e : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xi32>, tensor<?x2xi32>
}

// -----

// -0 + 0 is 0.
// CHECK-LABEL: @plus_zero
// CHECK: nn.binary add
func.func @plus_zero(%x: tensor<?xf32>) -> tensor<?xf32> {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %y = nn.binary add %x, %zero : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// The operand makes the result larger.
// CHECK-LABEL: @broadcasts
// CHECK: nn.binary mul
func.func @broadcasts(%x: tensor<?xf32>) -> tensor<3x?xf32> {
  %one = nn.constant dense<1.0> : tensor<3x1xf32>
  %y = nn.binary mul %x, %one : (tensor<?xf32>, tensor<3x1xf32>) -> tensor<3x?xf32>
  return %y : tensor<3x?xf32>
}

// -----

// Above 65536 elements, for quotients of unsigned 64-bit integers, and for functions whose value depends on the
// library: not at compile time.
// CHECK-LABEL: @not_at_compile_time
// CHECK: nn.binary add
// CHECK: nn.binary div
// CHECK: nn.unary tanh
func.func @not_at_compile_time() -> (tensor<65537xf32>, tensor<2xui64>, tensor<2xf32>) {
  %large = nn.constant dense<1.0> : tensor<65537xf32>
  %small = nn.constant dense<2> : tensor<2xui64>
  %x = nn.constant dense<2.0> : tensor<2xf32>
  %a = nn.binary add %large, %large : (tensor<65537xf32>, tensor<65537xf32>) -> tensor<65537xf32>
  %b = nn.binary div %small, %small : (tensor<2xui64>, tensor<2xui64>) -> tensor<2xui64>
  %c = nn.unary tanh %x : tensor<2xf32> -> tensor<2xf32>
  return %a, %b, %c : tensor<65537xf32>, tensor<2xui64>, tensor<2xf32>
}

// -----

// The lowest integer divided by -1 has no result.
// CHECK-LABEL: @overflow
// CHECK: nn.binary div
func.func @overflow() -> tensor<1xi64> {
  %x = nn.constant dense<-9223372036854775808> : tensor<1xi64>
  %y = nn.constant dense<-1> : tensor<1xi64>
  %d = nn.binary div %x, %y : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  return %d : tensor<1xi64>
}
