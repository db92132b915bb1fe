// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @sizes
// CHECK: %[[S:.*]] = nn.shape %{{.*}} : tensor<?x6xf32> -> tensor<2xi64>
// CHECK: nn.expand %{{.*}}, %[[S]] : (tensor<6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
func.func @sizes(%x: tensor<?x6xf32>, %z: tensor<6xf32>) -> tensor<?x6xf32> {
  %s = nn.shape %x : tensor<?x6xf32> -> tensor<2xi64>
  %y = nn.expand %z, %s : (tensor<6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}

// CHECK-LABEL: @moves
// CHECK: nn.reshape %{{.*}}, %{{.*}} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x2x3xf32>
// CHECK: nn.transpose %{{.*}} [0, 2, 1] : tensor<?x2x3xf32> -> tensor<?x3x2xf32>
// CHECK: nn.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<?x3x2xf32>, tensor<?x3x2xf32>) -> tensor<?x6x2xf32>
func.func @moves(%x: tensor<?x6xf32>) -> tensor<?x6x2xf32> {
  %s = nn.constant dense<[0, 2, 3]> : tensor<3xi64>
  %r = nn.reshape %x, %s : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x2x3xf32>
  %t = nn.transpose %r [0, 2, 1] : tensor<?x2x3xf32> -> tensor<?x3x2xf32>
  %c = nn.concat %t, %t {axis = 1 : i64} : (tensor<?x3x2xf32>, tensor<?x3x2xf32>) -> tensor<?x6x2xf32>
  return %c : tensor<?x6x2xf32>
}

// CHECK-LABEL: @parts
// CHECK: nn.slice %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} [1]
// CHECK: nn.pad reflect
// CHECK: nn.range
func.func @parts(%x: tensor<?x9xf32>, %v: tensor<f32>, %n: tensor<i64>) -> (tensor<?x6xf32>, tensor<?xi64>) {
  %one = nn.constant dense<1> : tensor<1xi64>
  %end = nn.constant dense<5> : tensor<1xi64>
  %p = nn.constant dense<[0, 1, 0, 1]> : tensor<4xi64>
  %s = nn.slice %x, %one, %end, %one [1]
    : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>
  %y = nn.pad reflect %s, %p, %v : (tensor<?x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x6xf32>
  %r = nn.range %n, %n, %n : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return %y, %r : tensor<?x6xf32>, tensor<?xi64>
}
