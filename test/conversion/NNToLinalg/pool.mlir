// RUN: optc-opt %s --convert-nn-to-linalg | FileCheck %s

// CHECK-LABEL: @max
// CHECK: run.require
// CHECK: kernel.pool max
// CHECK-SAME: pads_begin = array<i64: 1>, pads_end = array<i64: 0>
func.func @max(%x: tensor<1x?x4xf32>) -> tensor<1x?x4xf32> {
  %y = nn.pool max %x {window = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 1, 0>} : tensor<1x?x4xf32> -> tensor<1x?x4xf32>
  return %y : tensor<1x?x4xf32>
}

// CHECK-LABEL: @argmax
// CHECK: linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "reduction"]
// CHECK: tensor.extract
func.func @argmax(%x: tensor<1x9x4xf32>) -> tensor<1x4x4xi64> {
  %y = nn.pool argmax %x {window = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>} : tensor<1x9x4xf32> -> tensor<1x4x4xi64>
  return %y : tensor<1x4x4xi64>
}
