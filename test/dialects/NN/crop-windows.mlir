// RUN: optc-opt %s --nn-crop-windows | FileCheck %s

// Taps 24 apart on 14 inputs: the first and the last one only read zeros.
// CHECK-LABEL: @one_tap
// CHECK: %[[W0:.*]] = nn.slice %arg1, {{.*}} : ({{.*}}) -> tensor<8x4x1x3xf32>
// CHECK: %[[W:.*]] = nn.slice %[[W0]], {{.*}} : ({{.*}}) -> tensor<8x4x1x1xf32>
// CHECK: nn.conv %arg0, %[[W]] {{.*}} pads = array<i64: 0, 0, 0, 0>
func.func @one_tap(%x: tensor<1x14x14x4xf32>, %w: tensor<8x4x3x3xf32>) -> tensor<1x14x14x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 24, 24>,
      pads = array<i64: 24, 24, 24, 24>, group = 1 : i64}
      : (tensor<1x14x14x4xf32>, tensor<8x4x3x3xf32>) -> tensor<1x14x14x8xf32>
  return %y : tensor<1x14x14x8xf32>
}

// Of a border before the input only (causal), the last two taps are left, and 5 zeros.
// CHECK-LABEL: @one_side
// CHECK: %[[W:.*]] = nn.slice %arg1, {{.*}} -> tensor<8x4x2xf32>
// CHECK: nn.conv %arg0, %[[W]] {{.*}} pads = array<i64: 5, 0>
func.func @one_side(%x: tensor<1x8x4xf32>, %w: tensor<8x4x4xf32>) -> tensor<1x8x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 5>, pads = array<i64: 15, 0>,
      group = 1 : i64} : (tensor<1x8x4xf32>, tensor<8x4x4xf32>) -> tensor<1x8x8xf32>
  return %y : tensor<1x8x8xf32>
}

// Fewer zeros than the dilation: what is left begins inside of the input.
// CHECK-LABEL: @cuts_input
// CHECK: %[[W:.*]] = nn.slice %arg1, {{.*}} -> tensor<8x4x1xf32>
// CHECK: %[[X:.*]] = nn.slice %arg0, {{.*}} -> tensor<1x4x4xf32>
// CHECK: nn.conv %[[X]], %[[W]] {{.*}} pads = array<i64: 0, 0>
func.func @cuts_input(%x: tensor<1x14x4xf32>, %w: tensor<8x4x3xf32>) -> tensor<1x4x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 20>, pads = array<i64: 15, 15>,
      group = 1 : i64} : (tensor<1x14x4xf32>, tensor<8x4x3xf32>) -> tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}

// Every tap meets the input somewhere; and of an unknown size nothing is known.
// CHECK-LABEL: @left_alone
// CHECK-NOT: nn.slice
func.func @left_alone(%x: tensor<1x14x?x4xf32>, %w: tensor<8x4x3x3xf32>) -> tensor<1x14x?x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 12, 24>,
      pads = array<i64: 12, 24, 12, 24>, group = 1 : i64}
      : (tensor<1x14x?x4xf32>, tensor<8x4x3x3xf32>) -> tensor<1x14x?x8xf32>
  return %y : tensor<1x14x?x8xf32>
}

// A filter that is only declared to be so large is not gone through tap by tap.
// CHECK-LABEL: @declared
// CHECK-NOT: nn.slice
func.func @declared(%x: tensor<1x1x4xf32>, %w: tensor<8x4x1099511627776xf32>) -> tensor<1x1x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 549755813888, 549755813887>,
      group = 1 : i64} : (tensor<1x1x4xf32>, tensor<8x4x1099511627776xf32>) -> tensor<1x1x8xf32>
  return %y : tensor<1x1x8xf32>
}
