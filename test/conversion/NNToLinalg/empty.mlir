// RUN: optc-opt %s --convert-nn-to-linalg | FileCheck %s

// A batch of none is not padded.
// CHECK-LABEL: @static
// CHECK-NEXT: %[[EMPTY:.*]] = tensor.empty() : tensor<0x9x8xf32>
// CHECK-NEXT: return %[[EMPTY]]
func.func @static(%x: tensor<0x9x4xf32>, %w: tensor<8x4x5xf32>) -> tensor<0x9x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads = array<i64: 2, 2>, group = 1 : i64}
      : (tensor<0x9x4xf32>, tensor<8x4x5xf32>) -> tensor<0x9x8xf32>
  return %y : tensor<0x9x8xf32>
}

// The other sizes still come from the inputs.
// CHECK-LABEL: @one_size
// CHECK: %[[ROWS:.*]] = tensor.dim %arg0
// CHECK: %[[EMPTY:.*]] = tensor.empty(%[[ROWS]]) : tensor<?x0xf32>
// CHECK: return %[[EMPTY]]
func.func @one_size(%a: tensor<?x16xf32>, %b: tensor<16x0xf32>) -> tensor<?x0xf32> {
  %y = nn.matmul %a, %b : (tensor<?x16xf32>, tensor<16x0xf32>) -> tensor<?x0xf32>
  return %y : tensor<?x0xf32>
}

// A sum of nothing is 0, and has elements.
// CHECK-LABEL: @sum_of_nothing
// CHECK: kernel.matmul
func.func @sum_of_nothing(%a: tensor<2x0xf32>, %b: tensor<0x3xf32>) -> tensor<2x3xf32> {
  %y = nn.matmul %a, %b : (tensor<2x0xf32>, tensor<0x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// Nothing is put into the filled result.
// CHECK-LABEL: @padded_nothing
// CHECK: %[[FILLED:.*]] = linalg.fill
// CHECK-NOT: tensor.insert_slice
// CHECK: return %[[FILLED]]
func.func @padded_nothing(%x: tensor<0x4xf32>) -> tensor<2x4xf32> {
  %pads = nn.constant dense<[2, 0, 0, 0]> : tensor<4xi64>
  %fill = nn.constant dense<1.5> : tensor<f32>
  %y = nn.pad constant %x, %pads, %fill : (tensor<0x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// Nothing stays nothing, in whatever sizes: no view of it, whose groups would be open and 0 at once.
// CHECK-LABEL: @reshape_of_nothing
// CHECK-NOT: tensor.collapse_shape
// CHECK: tensor.empty(%{{.*}}, %{{.*}}) : tensor<?x?xf32>
func.func @reshape_of_nothing(%x: tensor<?x3x0xf32>, %sizes: tensor<2xi64>) -> tensor<?x?xf32> {
  %y = nn.reshape %x, %sizes : (tensor<?x3x0xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// An image without columns is its border.
// CHECK-LABEL: @only_border
// CHECK: linalg.fill
// CHECK-NOT: tensor.insert_slice
// CHECK: kernel.conv
func.func @only_border(%x: tensor<1x3x0x1xf32>, %w: tensor<12x1x1x1xf32>) -> tensor<1x3x1x12xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 1, 0, 0>, group = 1 : i64}
      : (tensor<1x3x0x1xf32>, tensor<12x1x1x1xf32>) -> tensor<1x3x1x12xf32>
  return %y : tensor<1x3x1x12xf32>
}
