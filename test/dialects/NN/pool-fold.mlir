// RUN: optc-opt %s --canonicalize | FileCheck %s

// A repeated edge is a maximum only where the edge is.
// CHECK-LABEL: @edges
// CHECK-NOT: nn.pad
// CHECK: nn.pool max %{{.*}} {dilations = array<i64: 1, 1>, pads = array<i64: 0, 2, 1, 0>, strides = array<i64: 2, 2>, window = array<i64: 3, 3>} : tensor<1x?x?x8xf32> -> tensor<1x?x?x8xf32>
func.func @edges(%x: tensor<1x?x?x8xf32>) -> tensor<1x?x?x8xf32> {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %pads = nn.constant dense<[0, 0, 2, 0, 0, 1, 0, 0]> : tensor<8xi64>
  %p = nn.pad edge %x, %pads, %zero : (tensor<1x?x?x8xf32>, tensor<8xi64>, tensor<f32>) -> tensor<1x?x?x8xf32>
  %y = nn.pool max %p {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 3, 3>}
      : tensor<1x?x?x8xf32> -> tensor<1x?x?x8xf32>
  return %y : tensor<1x?x?x8xf32>
}

// Other modes, windows inside of the border, with holes, averages, and borders of channels.
// CHECK-LABEL: @stays
// CHECK-COUNT-5: nn.pad
func.func @stays(%x: tensor<1x9x4xf32>) -> (tensor<1x10x4xf32>, tensor<1x11x4xf32>, tensor<1x8x4xf32>, tensor<1x9x4xf32>, tensor<1x8x5xf32>) {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %one = nn.constant dense<[0, 1, 0, 0, 1, 0]> : tensor<6xi64>
  %two = nn.constant dense<[0, 0, 0, 0, 3, 0]> : tensor<6xi64>
  %channel = nn.constant dense<[0, 0, 0, 0, 0, 1]> : tensor<6xi64>
  %p0 = nn.pad constant %x, %one, %zero : (tensor<1x9x4xf32>, tensor<6xi64>, tensor<f32>) -> tensor<1x11x4xf32>
  %0 = nn.pool max %p0 {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>, window = array<i64: 2>} : tensor<1x11x4xf32> -> tensor<1x10x4xf32>
  %p1 = nn.pad edge %x, %two, %zero : (tensor<1x9x4xf32>, tensor<6xi64>, tensor<f32>) -> tensor<1x12x4xf32>
  %1 = nn.pool max %p1 {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>, window = array<i64: 2>} : tensor<1x12x4xf32> -> tensor<1x11x4xf32>
  %p2 = nn.pad edge %x, %one, %zero : (tensor<1x9x4xf32>, tensor<6xi64>, tensor<f32>) -> tensor<1x11x4xf32>
  %2 = nn.pool max %p2 {dilations = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 1>, window = array<i64: 2>} : tensor<1x11x4xf32> -> tensor<1x8x4xf32>
  %p3 = nn.pad edge %x, %one, %zero : (tensor<1x9x4xf32>, tensor<6xi64>, tensor<f32>) -> tensor<1x11x4xf32>
  %3 = nn.pool average %p3 {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>, window = array<i64: 3>} : tensor<1x11x4xf32> -> tensor<1x9x4xf32>
  %p4 = nn.pad edge %x, %channel, %zero : (tensor<1x9x4xf32>, tensor<6xi64>, tensor<f32>) -> tensor<1x9x5xf32>
  %4 = nn.pool max %p4 {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>, window = array<i64: 2>} : tensor<1x9x5xf32> -> tensor<1x8x5xf32>
  return %0, %1, %2, %3, %4 : tensor<1x10x4xf32>, tensor<1x11x4xf32>, tensor<1x8x4xf32>, tensor<1x9x4xf32>, tensor<1x8x5xf32>
}
