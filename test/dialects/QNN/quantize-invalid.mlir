// RUN: optc-opt --split-input-file --verify-diagnostics %s

func.func @scale_is_larger(%x: tensor<1x8xf32>, %s: tensor<3x1xf32>) {
  // expected-error @below {{[qnn.quantize.R1] a scale or zero point of type 'tensor<3x1xf32>' does not broadcast to 'tensor<1x8xf32>'}}
  %0 = qnn.quantize %x, %s : (tensor<1x8xf32>, tensor<3x1xf32>) -> tensor<1x8xi8>
  return
}

// -----

func.func @too_many_bits(%x: tensor<8xf32>, %s: tensor<f32>) {
  // expected-error @below {{[qnn.quantize.R2] the result has elements of type 'i32', needed are integers of at most 16 bits}}
  %0 = qnn.quantize %x, %s : (tensor<8xf32>, tensor<f32>) -> tensor<8xi32>
  return
}

// -----

func.func @other_channels(%x: tensor<8xi8>, %s: tensor<3xf32>) {
  // expected-error @below {{[qnn.dequantize.R1]}}
  %0 = qnn.dequantize %x, %s : (tensor<8xi8>, tensor<3xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @zero_of_sums(%x: tensor<8xi32>, %s: tensor<f32>, %z: tensor<i32>) {
  // expected-error @below {{[qnn.dequantize.R2] the input has elements of type 'i32', the zero point 'i32'}}
  %0 = qnn.dequantize %x, %s zero %z : (tensor<8xi32>, tensor<f32>, tensor<i32>) -> tensor<8xf32>
  return
}

// -----

func.func @more_dims(%x: tensor<8xi32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{[qnn.requantize.R1]}}
  %0 = qnn.requantize %x, %s : (tensor<8xi32>, tensor<2x8xf32>) -> tensor<8xi8>
  return
}

// -----

func.func @sums_of_bytes(%x: tensor<8xi8>, %s: tensor<f32>) {
  // expected-error @below {{[qnn.requantize.R2] makes 'tensor<8xi8>' with scales 'tensor<f32>' to 'i8'}}
  %0 = qnn.requantize %x, %s : (tensor<8xi8>, tensor<f32>) -> tensor<8xi8>
  return
}

// -----

func.func @range(%x: tensor<8xi32>, %s: tensor<f32>) {
  // expected-error @below {{[qnn.requantize.R3] the range [0, 200] is none of 'i8'}}
  %0 = qnn.requantize %x, %s {range = array<i64: 0, 200>} : (tensor<8xi32>, tensor<f32>) -> tensor<8xi8>
  return
}

// -----

func.func @table(%x: tensor<?x8xui8>) {
  // expected-error @below {{[qnn.table.R1] makes 'tensor<?x8xui8>' of 'tensor<?x8xui8>' by a table of 2 entries}}
  %0 = qnn.table %x {table = array<i8: 1, 2>} : (tensor<?x8xui8>) -> tensor<?x8xui8>
  return
}
