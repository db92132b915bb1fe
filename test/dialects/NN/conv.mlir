// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @strided
// CHECK: nn.conv %{{.*}}, %{{.*}} {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 1, 1>, strides = array<i64: 2>}
func.func @strided(%x: tensor<1x?x4xf32>, %w: tensor<8x4x3xf32>) -> tensor<1x?x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 1, 1>, group = 1 : i64}
      : (tensor<1x?x4xf32>, tensor<8x4x3xf32>) -> tensor<1x?x8xf32>
  return %y : tensor<1x?x8xf32>
}

// CHECK-LABEL: @phases
// CHECK: phases = array<i64: 2>
func.func @phases(%x: tensor<1x?x4xf32>, %w: tensor<16x4x1xf32>) -> tensor<1x?x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>, group = 1 : i64, phases = array<i64: 2>}
      : (tensor<1x?x4xf32>, tensor<16x4x1xf32>) -> tensor<1x?x8xf32>
  return %y : tensor<1x?x8xf32>
}
