// RUN: optc-opt %s --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: @constants
// CHECK: %[[C:.*]] = nn.constant dense<[4.000000e+00, 6.000000e+00]> : tensor<2xf32>
// CHECK: return %[[C]]
func.func @constants() -> tensor<2xf32> {
  %a = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = nn.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %c = nn.binary add %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %c : tensor<2xf32>
}

// -----

// Integer division truncates, mod takes the divisor's sign, fmod the dividend's.
// CHECK-LABEL: @signs
// CHECK-DAG: %[[D:.*]] = nn.constant dense<-2> : tensor<2xi64>
// CHECK-DAG: %[[M:.*]] = nn.constant dense<[2, -2]> : tensor<2xi64>
// CHECK-DAG: %[[F:.*]] = nn.constant dense<[-1, 1]> : tensor<2xi64>
// CHECK: return %[[D]], %[[M]], %[[F]]
func.func @signs() -> (tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) {
  %a = nn.constant dense<[-7, 7]> : tensor<2xi64>
  %b = nn.constant dense<[3, -3]> : tensor<2xi64>
  %d = nn.binary div %a, %b : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  %m = nn.binary mod %a, %b : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  %f = nn.binary fmod %a, %b : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  return %d, %m, %f : tensor<2xi64>, tensor<2xi64>, tensor<2xi64>
}

// -----

// Division by zero stays for run time.
// CHECK-LABEL: @division_by_zero
// CHECK: nn.binary div
func.func @division_by_zero() -> tensor<1xi64> {
  %a = nn.constant dense<7> : tensor<1xi64>
  %z = nn.constant dense<0> : tensor<1xi64>
  %d = nn.binary div %a, %z : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  return %d : tensor<1xi64>
}

// -----

// CHECK-LABEL: @cast_to_its_own_type
// CHECK: return %arg0
func.func @cast_to_its_own_type(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = nn.cast %x : tensor<?x3xf32> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// CHECK-LABEL: @leaves_alone
// CHECK: nn.binary add
func.func @leaves_alone(%x: tensor<?xf32>, %z: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.binary add %x, %z : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
