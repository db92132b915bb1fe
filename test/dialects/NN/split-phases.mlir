// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(nn-split-phases{least-channels=8 most-taps=2}))' | FileCheck %s
// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(nn-split-phases))' | FileCheck %s --check-prefix=ALL

// Few channels: the four phases are channels of one convolution, which a transpose interleaves.
// CHECK-LABEL: @few_channels
// CHECK: %[[P:.*]] = nn.conv %arg0, %arg1 {{.*}}pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : {{.*}} -> tensor<1x5x7x8xf32>
// CHECK: %[[S:.*]] = nn.reshape %[[P]], {{.*}} -> tensor<1x5x7x1x2x2x2xf32>
// CHECK: %[[T:.*]] = nn.transpose %[[S]] [0, 1, 4, 2, 5, 3, 6] : {{.*}} -> tensor<1x5x2x7x2x1x2xf32>
// CHECK: nn.reshape %[[T]], {{.*}} -> tensor<1x10x14x2xf32>
// ALL-LABEL: @few_channels
// ALL-NEXT: nn.conv {{.*}}phases = array<i64: 2, 2>
func.func @few_channels(%x: tensor<1x4x6x4xf32>, %w: tensor<8x4x2x2xf32>) -> tensor<1x10x14x2xf32> {
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>,
      phases = array<i64: 2, 2>, strides = array<i64: 1, 1>}
      : (tensor<1x4x6x4xf32>, tensor<8x4x2x2xf32>) -> tensor<1x10x14x2xf32>
  return %0 : tensor<1x10x14x2xf32>
}

// Channels are counted per group.
// CHECK-LABEL: @groups
// CHECK: nn.conv {{.*}}group = 2{{.*}} -> tensor<1x4x32xf32>
// CHECK: nn.transpose {{.*}} [0, 1, 3, 2, 4] : tensor<1x4x2x4x4xf32>
func.func @groups(%x: tensor<1x4x4xf32>, %w: tensor<32x2x1xf32>) -> tensor<1x16x8xf32> {
  %0 = nn.conv %x, %w {dilations = array<i64: 1>, group = 2 : i64, pads = array<i64: 0, 0>,
      phases = array<i64: 4>, strides = array<i64: 1>}
      : (tensor<1x4x4xf32>, tensor<32x2x1xf32>) -> tensor<1x16x8xf32>
  return %0 : tensor<1x16x8xf32>
}

// Windows of three taps.
// CHECK-LABEL: @many_taps
// CHECK: nn.conv {{.*}} -> tensor<1x4x4x32xf32>
// CHECK: nn.transpose
func.func @many_taps(%x: tensor<1x4x4x4xf32>, %w: tensor<32x4x3x3xf32>) -> tensor<1x8x8x8xf32> {
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>,
      phases = array<i64: 2, 2>, strides = array<i64: 1, 1>}
      : (tensor<1x4x4x4xf32>, tensor<32x4x3x3xf32>) -> tensor<1x8x8x8xf32>
  return %0 : tensor<1x8x8x8xf32>
}

// CHECK-LABEL: @stays
// CHECK-NEXT: nn.conv {{.*}}phases = array<i64: 2, 2>
// CHECK-NEXT: return
func.func @stays(%x: tensor<1x4x4x4xf32>, %w: tensor<32x4x2x2xf32>) -> tensor<1x6x6x8xf32> {
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>,
      phases = array<i64: 2, 2>, strides = array<i64: 1, 1>}
      : (tensor<1x4x4x4xf32>, tensor<32x4x2x2xf32>) -> tensor<1x6x6x8xf32>
  return %0 : tensor<1x6x6x8xf32>
}
