// RUN: optc-opt %s --convert-nn-to-linalg | FileCheck %s

// The input is copied into the interior of a tensor of zeros.
// CHECK-LABEL: @padded
// CHECK: run.require
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[FILLED:.*]] = linalg.fill ins(%[[ZERO]]
// CHECK: %[[IN:.*]] = tensor.insert_slice %{{.*}} into %[[FILLED]][0, 1, 0]
// CHECK: kernel.conv %[[IN]], %{{.*}} into %{{.*}} {dilations = array<i64: 1>, groups = 1 : i64, strides = array<i64: 2>, window = array<i64: 5>}
func.func @padded(%x: tensor<1x?x4xf32>, %w: tensor<8x4x5xf32>) -> tensor<1x?x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 1, 1>, group = 1 : i64}
      : (tensor<1x?x4xf32>, tensor<8x4x5xf32>) -> tensor<1x?x8xf32>
  return %y : tensor<1x?x8xf32>
}

// CHECK-LABEL: @half_sums_in_f32
// CHECK-NOT: linalg.fill
// CHECK: kernel.conv
// CHECK: ^bb0(%{{.*}}: f32):
func.func @half_sums_in_f32(%x: tensor<1x9x4xf16>, %w: tensor<8x4x3xf16>) -> tensor<1x7x8xf16> {
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>, group = 1 : i64}
      : (tensor<1x9x4xf16>, tensor<8x4x3xf16>) -> tensor<1x7x8xf16>
  return %y : tensor<1x7x8xf16>
}

// Of 14 x 14 places and 9 taps 12 apart, most taps meet the border only: the kernel leaves them out.
// CHECK-LABEL: @wide_border
// CHECK-NOT: linalg.fill
// CHECK: kernel.conv %arg0, {{.*}} pads = array<i64: 12, 12, 12, 12>
func.func @wide_border(%x: tensor<1x14x14x4xf32>, %w: tensor<8x4x3x3xf32>) -> tensor<1x14x14x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 12, 12>,
      pads = array<i64: 12, 12, 12, 12>, group = 1 : i64}
      : (tensor<1x14x14x4xf32>, tensor<8x4x3x3xf32>) -> tensor<1x14x14x8xf32>
  return %y : tensor<1x14x14x8xf32>
}

// Along rows, which cannot be cut for nothing, only of a wider border.
// CHECK-LABEL: @along_columns
// CHECK: linalg.fill
// CHECK: tensor.insert_slice %arg0 into {{.*}} : tensor<1x28x28x4xf32> into tensor<1x28x32x4xf32>
// CHECK: kernel.conv {{.*}} pads = array<i64: 2, 0, 2, 0>
func.func @along_columns(%x: tensor<1x28x28x4xf32>, %w: tensor<8x4x3x3xf32>) -> tensor<1x28x28x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 2, 2>,
      pads = array<i64: 2, 2, 2, 2>, group = 1 : i64}
      : (tensor<1x28x28x4xf32>, tensor<8x4x3x3xf32>) -> tensor<1x28x28x8xf32>
  return %y : tensor<1x28x28x8xf32>
}

// Neither for images that are large beside the border, nor for one filter per channel.
// CHECK-LABEL: @narrow_border
// CHECK: linalg.fill
// CHECK: kernel.conv
// CHECK-NOT: pads
// CHECK: linalg.fill
// CHECK: kernel.conv
// CHECK-NOT: pads
// CHECK: return
func.func @narrow_border(%x: tensor<1x200x200x4xf32>, %w: tensor<8x4x3x3xf32>, %d: tensor<8x1x3x3xf32>)
    -> tensor<1x176x176x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 6, 6>,
      pads = array<i64: 6, 6, 6, 6>, group = 1 : i64}
      : (tensor<1x200x200x4xf32>, tensor<8x4x3x3xf32>) -> tensor<1x200x200x8xf32>
  %z = nn.conv %y, %d {strides = array<i64: 1, 1>, dilations = array<i64: 100, 100>,
      pads = array<i64: 88, 88, 88, 88>, group = 8 : i64}
      : (tensor<1x200x200x8xf32>, tensor<8x1x3x3xf32>) -> tensor<1x176x176x8xf32>
  return %z : tensor<1x176x176x8xf32>
}
