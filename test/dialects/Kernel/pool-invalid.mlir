// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @r1(%x: memref<1x9x16xf32>, %c: memref<1x5x16xf32>) {
  // expected-error @+1 {{[kernel.pool.R1] window, strides, dilations and pads must have 1 numbers each}}
  kernel.pool max %x into %c {window = array<i64: 2>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: -1>, pads_end = array<i64: 0>}
      : (memref<1x9x16xf32>, memref<1x5x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r2(%x: memref<1x9x16xf32>, %c: memref<1x5x17xf32>) {
  // expected-error @+1 {{[kernel.pool.R2] dim 2 is 16 in the input, 17 in the result}}
  kernel.pool max %x into %c {window = array<i64: 2>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
      : (memref<1x9x16xf32>, memref<1x5x17xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r3(%x: memref<1x9x16xf16>, %c: memref<1x5x16xf32>) {
  // expected-error @+1 {{[kernel.pool.R3] input has 'f16' elements, the epilogue's first argument is 'f32'}}
  kernel.pool max %x into %c {window = array<i64: 2>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
      : (memref<1x9x16xf16>, memref<1x5x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
