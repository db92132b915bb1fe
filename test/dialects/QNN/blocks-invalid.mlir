// RUN: optc-opt --split-input-file --verify-diagnostics %s

func.func @bits(%x: tensor<4x16xui8>) {
  // expected-error @below {{[qnn.unpack.R1] makes codes of 3 bits}}
  %0 = qnn.unpack %x {bits = 3} : (tensor<4x16xui8>) -> tensor<4x32xui8>
  return
}

// -----

func.func @small_block(%x: tensor<4x64xf32>, %w: tensor<16x32xui8>, %s: tensor<16x16xf32>) {
  // expected-error @below {{[qnn.block_matmul.R1] has blocks of 4 codes of 4 bits}}
  %0 = qnn.block_matmul %x, %w scale %s {bits = 4, block = 4} : (tensor<4x64xf32>, tensor<16x32xui8>, tensor<16x16xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @depth(%x: tensor<4x?xf32>, %w: tensor<16x32xui8>, %s: tensor<16x2xf32>) {
  // expected-error @below {{[qnn.block_matmul.R2] sizes do not agree: lhs 'tensor<4x?xf32>'}}
  %0 = qnn.block_matmul %x, %w scale %s {bits = 4, block = 32} : (tensor<4x?xf32>, tensor<16x32xui8>, tensor<16x2xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @scales(%x: tensor<4x64xf32>, %w: tensor<16x32xui8>, %s: tensor<16x3xf32>) {
  // expected-error @below {{[qnn.block_matmul.R2]}}
  %0 = qnn.block_matmul %x, %w scale %s {bits = 4, block = 32} : (tensor<4x64xf32>, tensor<16x32xui8>, tensor<16x3xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @zeros_without_sums(%x: tensor<4x64xf32>, %w: tensor<16x32xui8>, %s: tensor<16x2xf32>) {
  // expected-error @below {{[qnn.block_matmul.R3]}}
  %0 = qnn.block_matmul %x, %w scale %s {bits = 4, block = 32, zeroPoint = 8} : (tensor<4x64xf32>, tensor<16x32xui8>, tensor<16x2xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @integers_without_scale(%x: tensor<4x64xi8>, %w: tensor<16x32xui8>, %s: tensor<16x2xf32>) {
  // expected-error @below {{[qnn.block_matmul.R3]}}
  %0 = qnn.block_matmul %x, %w scale %s {bits = 4, block = 32} : (tensor<4x64xi8>, tensor<16x32xui8>, tensor<16x2xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @codebook_of_unpack(%x: tensor<4x16xui8>) {
  // expected-error @below {{[qnn.unpack.R1]}}
  %0 = qnn.unpack %x {bits = 4, codebook = array<i8: 1, 2, 3, 4>} : (tensor<4x16xui8>) -> tensor<4x32xui8>
  return
}

// -----

func.func @codebook(%x: tensor<4x64xf32>, %w: tensor<16x64xui8>, %s: tensor<16x2xf32>) {
  // expected-error @below {{[qnn.block_matmul.R1] has blocks of 32 codes of 8 bits, and a codebook}}
  %0 = qnn.block_matmul %x, %w scale %s {bits = 8, block = 32, codebook = array<i8: 1, 2>} : (tensor<4x64xf32>, tensor<16x64xui8>, tensor<16x2xf32>) -> tensor<4x16xf32>
  return
}
