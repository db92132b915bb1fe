// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%x: tensor<1x4xf32>) {
  // expected-error @+1 {{[nn.pool.R1] the input has rank 2}}
  %y = nn.pool max %x {window = array<i64>, strides = array<i64>, dilations = array<i64>,
      pads = array<i64>} : tensor<1x4xf32> -> tensor<1x4xf32>
  return
}

// -----

func.func @pads(%x: tensor<1x9x4xf32>) {
  // expected-error @+1 {{[nn.pool.R2] has 1 window sizes, 1 strides, 1 dilations and 1 pads for 1 spatial dimensions}}
  %y = nn.pool max %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 0>} : tensor<1x9x4xf32> -> tensor<1x4x4xf32>
  return
}

// -----

func.func @too_small(%x: tensor<1x2x4xf32>) {
  // expected-error @+1 {{[nn.pool.R3] spatial dimension 0 of the padded input is smaller than the window's extent of 3}}
  %y = nn.pool max %x {window = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>} : tensor<1x2x4xf32> -> tensor<1x?x4xf32>
  return
}

// -----

func.func @element_type(%x: tensor<1x9x4xf32>) {
  // expected-error @+1 {{[nn.pool.R4] argmax of 'f32' gives elements of type 'f32'}}
  %y = nn.pool argmax %x {window = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>} : tensor<1x9x4xf32> -> tensor<1x7x4xf32>
  return
}
