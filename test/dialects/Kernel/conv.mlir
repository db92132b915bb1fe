// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @conv2d
// CHECK: kernel.conv %{{.*}}, %{{.*}} with %{{.*}} into %{{.*}} {
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f32):
func.func @conv2d(%x: tensor<1x?x?x16xf32>, %w: tensor<32x16x3x3xf32>, %bias: tensor<32xf32>,
    %c: tensor<1x?x?x32xf32>) -> tensor<1x?x?x32xf32> {
  %r = kernel.conv %x, %w with %bias into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, extra_maps = [affine_map<(b, h, w, c) -> (c)>]}
      : (tensor<1x?x?x16xf32>, tensor<32x16x3x3xf32>, tensor<32xf32>, tensor<1x?x?x32xf32>) -> tensor<1x?x?x32xf32> {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    kernel.yield %0 : f32
  }
  return %r : tensor<1x?x?x32xf32>
}

// CHECK-LABEL: @depthwise
// CHECK: layout = #kernel.taps
func.func @depthwise(%x: memref<1x10x10x24xf32>, %w: memref<216xf32>, %c: memref<1x8x8x24xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 24, layout = #kernel.taps}
      : (memref<1x10x10x24xf32>, memref<216xf32>, memref<1x8x8x24xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @winograd
// CHECK: layout = #kernel.winograd<4, panels = <16>>
func.func @winograd(%x: memref<1x?x?x8xf32>, %w: memref<6912xf32>, %c: memref<1x?x?x24xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<4, panels = <16>>}
      : (memref<1x?x?x8xf32>, memref<6912xf32>, memref<1x?x?x24xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @grouped_1d
// CHECK: layout = #kernel.panels<8>
func.func @grouped_1d(%x: memref<2x20x8xf32>, %w: memref<320xf32>, %c: memref<2x6x10xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 5>, strides = array<i64: 3>,
      dilations = array<i64: 1>, groups = 2, layout = #kernel.panels<8>}
      : (memref<2x20x8xf32>, memref<320xf32>, memref<2x6x10xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Of each place four results, which lie in a square.
// CHECK-LABEL: @phases
// CHECK: phases = array<i64: 2, 2>
func.func @phases(%x: tensor<1x?x?x16xf32>, %w: tensor<96x16x1x1xf32>, %c: tensor<1x?x?x24xf32>) -> tensor<1x?x?x24xf32> {
  %r = kernel.conv %x, %w into %c {window = array<i64: 1, 1>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, phases = array<i64: 2, 2>}
      : (tensor<1x?x?x16xf32>, tensor<96x16x1x1xf32>, tensor<1x?x?x24xf32>) -> tensor<1x?x?x24xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<1x?x?x24xf32>
}
