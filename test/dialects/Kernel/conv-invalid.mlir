// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @r1(%x: memref<1x4x4x8xf32>, %w: memref<8x8x3x3xf32>, %c: memref<1x2x2x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R1] window, strides and dilations must have 2 positive numbers each}}
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
  // expected-error @+1 {{[kernel.conv.R2] filter has shape [8, 8, 3, 3], needs [8, 4, 3, 3]}}
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
  // expected-error @+1 {{[kernel.conv.R3] 3 outputs along spatial dim 1 need 5 inputs, there are 4}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1}
      : (memref<1x4x4x8xf32>, memref<8x8x3x3xf32>, memref<1x2x3x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r5(%x: memref<1x4x4x8xf32>, %w: memref<2304xf32>, %c: memref<1x2x2x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R5] the layout winograd is for 3x3 windows with strides, dilations and groups of 1, without phases}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 2>, groups = 1, layout = #kernel.winograd<4, panels = <8>>}
      : (memref<1x4x4x8xf32>, memref<2304xf32>, memref<1x2x2x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r2_packed(%x: memref<1x4x4x8xf32>, %w: memref<576xf32>, %c: memref<1x2x2x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R2] filter has shape [576], needs [2304]}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<4, panels = <8>>}
      : (memref<1x4x4x8xf32>, memref<576xf32>, memref<1x2x2x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

// expected-error @+1 {{there is no Winograd transform for tiles of 3 outputs}}
func.func private @tile() attributes {layout = #kernel.winograd<3, panels = <8>>}

// -----

func.func @r4(%x: memref<1x4x4x8xf32>, %w: memref<72xf32>, %c: memref<1x2x2x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R4] the layout taps is for depthwise filters only}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.taps}
      : (memref<1x4x4x8xf32>, memref<72xf32>, memref<1x2x2x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r6(%x: memref<1x4x4x8xf32>, %w: memref<32x8x1x1xf32>, %c: memref<1x8x7x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R6] 2 phases along spatial dim 1 do not divide 7 outputs}}
  kernel.conv %x, %w into %c {window = array<i64: 1, 1>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, phases = array<i64: 2, 2>}
      : (memref<1x4x4x8xf32>, memref<32x8x1x1xf32>, memref<1x8x7x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r6_count(%x: memref<1x4x4x8xf32>, %w: memref<16x8x1x1xf32>, %c: memref<1x8x4x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R6] phases must have 2 positive numbers, or none}}
  kernel.conv %x, %w into %c {window = array<i64: 1, 1>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, phases = array<i64: 2>}
      : (memref<1x4x4x8xf32>, memref<16x8x1x1xf32>, memref<1x8x4x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r2_phases(%x: memref<1x4x4x8xf32>, %w: memref<8x8x1x1xf32>, %c: memref<1x8x8x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R2] filter has shape [8, 8, 1, 1], needs [32, 8, 1, 1]}}
  kernel.conv %x, %w into %c {window = array<i64: 1, 1>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, phases = array<i64: 2, 2>}
      : (memref<1x4x4x8xf32>, memref<8x8x1x1xf32>, memref<1x8x8x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r3_phases(%x: memref<1x4x4x8xf32>, %w: memref<32x8x1x1xf32>, %c: memref<1x8x10x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R3] 10 outputs along spatial dim 1 need 5 inputs, there are 4}}
  kernel.conv %x, %w into %c {window = array<i64: 1, 1>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, phases = array<i64: 2, 2>}
      : (memref<1x4x4x8xf32>, memref<32x8x1x1xf32>, memref<1x8x10x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r7(%x: memref<1x4x4x8xf32>, %w: memref<8x8x3x3xf32>, %c: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R7] pads must have 4 numbers that are not negative, or none}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, pads = array<i64: 1, 1>}
      : (memref<1x4x4x8xf32>, memref<8x8x3x3xf32>, memref<1x4x4x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r7_taps(%x: memref<1x4x4x8xf32>, %w: memref<72xf32>, %c: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R7] the layouts taps and winograd and phases have no pads}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 8, pads = array<i64: 1, 1, 1, 1>, layout = #kernel.taps}
      : (memref<1x4x4x8xf32>, memref<72xf32>, memref<1x4x4x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r3_pads(%x: memref<1x4x4x8xf32>, %w: memref<8x8x3x3xf32>, %c: memref<1x5x4x8xf32>) {
  // expected-error @+1 {{[kernel.conv.R3] 5 outputs along spatial dim 0 need 7 inputs, there are 6}}
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, pads = array<i64: 1, 1, 1, 1>}
      : (memref<1x4x4x8xf32>, memref<8x8x3x3xf32>, memref<1x5x4x8xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
