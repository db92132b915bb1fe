// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @r1(%x: memref<4x64xf32>, %w: memref<16x32xi8>, %s: memref<16x16xf32>, %o: memref<4x16xf32>) {
  // expected-error @below {{[kernel.block_matmul.R1] has blocks of 4 codes of 4 bits}}
  kernel.block_matmul %x, %w scale %s into %o {bits = 4, block = 4} : (memref<4x64xf32>, memref<16x32xi8>, memref<16x16xf32>, memref<4x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r2_scales(%x: memref<4x64xf32>, %w: memref<16x32xi8>, %s: memref<16x3xf32>, %o: memref<4x16xf32>) {
  // expected-error @below {{[kernel.block_matmul.R2] the codes, scales or zeros of rhs are no matrix}}
  kernel.block_matmul %x, %w scale %s into %o {bits = 4, block = 32} : (memref<4x64xf32>, memref<16x32xi8>, memref<16x3xf32>, memref<4x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r2_rows(%x: memref<5x64xf32>, %w: memref<16x32xi8>, %s: memref<16x2xf32>, %o: memref<4x16xf32>) {
  // expected-error @below {{[kernel.block_matmul.R2] the leading sizes of lhs and the result differ}}
  kernel.block_matmul %x, %w scale %s into %o {bits = 4, block = 32} : (memref<5x64xf32>, memref<16x32xi8>, memref<16x2xf32>, memref<4x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r2_layout(%x: memref<4x64xf32>, %w: memref<512xi8>, %s: memref<32xf32>, %o: memref<4x16xf32>) {
  // expected-error @below {{[kernel.block_matmul.R2] panels interleave 4 rows}}
  kernel.block_matmul %x, %w scale %s into %o {bits = 4, block = 32, layout = #kernel.panels<16>} : (memref<4x64xf32>, memref<512xi8>, memref<32xf32>, memref<4x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r3_sums(%x: memref<4x64xf32>, %w: memref<16x32xi8>, %s: memref<16x2xf32>, %o: memref<4x16xf32>) {
  // expected-error @below {{[kernel.block_matmul.R3] has other element types or operands}}
  kernel.block_matmul %x, %w scale %s into %o {bits = 4, block = 32, zero_point = 8} : (memref<4x64xf32>, memref<16x32xi8>, memref<16x2xf32>, memref<4x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r1_codebook(%x: memref<4x64xf32>, %w: memref<16x32xi8>, %s: memref<16x2xf32>, %o: memref<4x16xf32>) {
  // expected-error @below {{[kernel.block_matmul.R1] has blocks of 32 codes of 4 bits, and a codebook}}
  kernel.block_matmul %x, %w scale %s into %o {bits = 4, block = 32, codebook = array<i8: 1, 2, 3, 4>} : (memref<4x64xf32>, memref<16x32xi8>, memref<16x2xf32>, memref<4x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
