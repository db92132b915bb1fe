// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @max
// CHECK: nn.pool max
func.func @max(%x: tensor<1x?x4xf32>) -> tensor<1x?x4xf32> {
  %y = nn.pool max %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>} : tensor<1x?x4xf32> -> tensor<1x?x4xf32>
  return %y : tensor<1x?x4xf32>
}

// Of 5 positions with stride 2: windows at 0, 2 and (hanging over) 4.
// CHECK-LABEL: @ceil
// CHECK: nn.pool average {{.*}}ceil, countPads
func.func @ceil(%x: tensor<1x5x4xf32>) -> tensor<1x3x4xf32> {
  %y = nn.pool average %x {window = array<i64: 2>, strides = array<i64: 2>, ceil, countPads,
      dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<1x5x4xf32> -> tensor<1x3x4xf32>
  return %y : tensor<1x3x4xf32>
}

// A window that would start in the end padding does not count.
// CHECK-LABEL: @ceil_in_padding
func.func @ceil_in_padding(%x: tensor<1x4x4xf32>) -> tensor<1x2x4xf32> {
  %y = nn.pool max %x {window = array<i64: 1>, strides = array<i64: 3>, ceil,
      dilations = array<i64: 1>, pads = array<i64: 0, 2>} : tensor<1x4x4xf32> -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}
