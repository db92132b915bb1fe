// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @unary
// CHECK: nn.unary exp %{{.*}} : tensor<?x3xf32> -> tensor<?x3xf32>
// CHECK: nn.unary is_nan %{{.*}} : tensor<?x3xf32> -> tensor<?x3xi1>
// CHECK: nn.unary not %{{.*}} : tensor<?x3xi1> -> tensor<?x3xi1>
func.func @unary(%x: tensor<?x3xf32>) -> tensor<?x3xi1> {
  %a = nn.unary exp %x : tensor<?x3xf32> -> tensor<?x3xf32>
  %b = nn.unary is_nan %a : tensor<?x3xf32> -> tensor<?x3xi1>
  %c = nn.unary not %b : tensor<?x3xi1> -> tensor<?x3xi1>
  return %c : tensor<?x3xi1>
}

// CHECK-LABEL: @binary_broadcasts
// CHECK: nn.binary add %{{.*}}, %{{.*}} : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
// CHECK: nn.binary pow %{{.*}}, %{{.*}} : (tensor<?x3xf32>, tensor<i64>) -> tensor<?x3xf32>
func.func @binary_broadcasts(%x: tensor<?x3xf32>, %b: tensor<3xf32>, %e: tensor<i64>) -> tensor<?x3xf32> {
  %a = nn.binary add %x, %b : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %p = nn.binary pow %a, %e : (tensor<?x3xf32>, tensor<i64>) -> tensor<?x3xf32>
  return %p : tensor<?x3xf32>
}

// CHECK-LABEL: @compare_and_select
// CHECK: %[[C:.*]] = nn.compare lt %{{.*}}, %{{.*}} : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xi1>
// CHECK: nn.select %[[C]], %{{.*}}, %{{.*}} : (tensor<?x3xi1>, tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
func.func @compare_and_select(%x: tensor<?x3xf32>, %b: tensor<3xf32>, %z: tensor<f32>) -> tensor<?x3xf32> {
  %c = nn.compare lt %x, %b : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xi1>
  %y = nn.select %c, %x, %z : (tensor<?x3xi1>, tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// CHECK-LABEL: @cast
// CHECK: nn.cast %{{.*}} : tensor<?x3xf32> -> tensor<?x3xi64>
func.func @cast(%x: tensor<?x3xf32>) -> tensor<?x3xi64> {
  %y = nn.cast %x : tensor<?x3xf32> -> tensor<?x3xi64>
  return %y : tensor<?x3xi64>
}
