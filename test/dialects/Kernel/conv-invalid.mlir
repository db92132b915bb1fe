// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @r1(%x: memref<1x4x4x8xf32>, %w: memref<8x8x3x3xf32>, %c: memref<1x2x2x8xf32>) {
  // expected-error @+1 {{[conv.R1] window, strides and dilations must have 2 positive numbers each}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 0, 1>,
      dilations = array<i64: 1, 1>, groups = 1}
      : (memref<1x4x4x8xf32>, memref<8x8x3x3xf32>, memref<1x2x2x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r2(%x: memref<1x4x4x8xf32>, %w: memref<8x8x3x3xf32>, %c: memref<1x2x2x8xf32>) {
  // expected-error @+1 {{[conv.R2] filter has shape [8, 8, 3, 3], needs [8, 4, 3, 3]}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 2}
      : (memref<1x4x4x8xf32>, memref<8x8x3x3xf32>, memref<1x2x2x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r3(%x: memref<1x4x4x8xf32>, %w: memref<8x8x3x3xf32>, %c: memref<1x2x3x8xf32>) {
  // expected-error @+1 {{[conv.R3] 3 outputs along spatial dim 1 need 5 inputs, there are 4}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1}
      : (memref<1x4x4x8xf32>, memref<8x8x3x3xf32>, memref<1x2x3x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r4(%x: memref<1x4x4x8xf32>, %w: memref<72xf32>, %c: memref<1x2x2x8xf32>) {
  // expected-error @+1 {{[conv.R4] the layout taps is for depthwise filters only}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.taps}
      : (memref<1x4x4x8xf32>, memref<72xf32>, memref<1x2x2x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
