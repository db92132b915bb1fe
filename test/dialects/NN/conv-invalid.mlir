// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @ranks(%x: tensor<1x9x4xf32>, %w: tensor<8x4x3x3xf32>) {
  // expected-error @+1 {{[nn.conv.R1] input and filter have ranks 3 and 4}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x9x4xf32>, tensor<8x4x3x3xf32>) -> tensor<1x?x8xf32>
  return
}

// -----

func.func @dynamic_window(%x: tensor<1x9x4xf32>, %w: tensor<8x4x?xf32>) {
  // expected-error @+1 {{[nn.conv.R1] the window sizes of the filter must be static}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x9x4xf32>, tensor<8x4x?xf32>) -> tensor<1x?x8xf32>
  return
}

// -----

func.func @strides(%x: tensor<1x9x4xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{[nn.conv.R2] window sizes, strides and dilations must be positive}}
  %y = nn.conv %x, %w {strides = array<i64: 0>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x9x4xf32>, tensor<8x4x3xf32>) -> tensor<1x?x8xf32>
  return
}

// -----

func.func @channels(%x: tensor<1x9x5xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{[nn.conv.R3] 1 groups of 4 channels for 5 input and 8 output channels}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x9x5xf32>, tensor<8x4x3xf32>) -> tensor<1x7x8xf32>
  return
}

// -----

func.func @too_small(%x: tensor<1x2x4xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{[nn.conv.R4] spatial dimension 0 of the padded input is smaller than the window's extent of 3}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x2x4xf32>, tensor<8x4x3xf32>) -> tensor<1x?x8xf32>
  return
}

// -----

func.func @element_types(%x: tensor<1x9x4xf16>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{[nn.conv.R5] an operand has elements of type 'f32', the result 'f32'}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x9x4xf16>, tensor<8x4x3xf32>) -> tensor<1x7x8xf32>
  return
}

// -----

func.func @phases(%x: tensor<1x9x4xf32>, %w: tensor<9x2x1xf32>) {
  // expected-error @+1 {{[nn.conv.R3] 2 groups of 2 channels for 4 input and 9 output channels}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 2 : i64, phases = array<i64: 2>} : (tensor<1x9x4xf32>, tensor<9x2x1xf32>) -> tensor<1x18x4xf32>
  return
}

// -----

func.func @phases_of_groups(%x: tensor<1x9x4xf32>, %w: tensor<10x2x1xf32>) {
  // expected-error @+1 {{[nn.conv.R6] phases [2] of 1 spatial dimensions and 2 groups do not divide 10 filters}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 2 : i64, phases = array<i64: 2>} : (tensor<1x9x4xf32>, tensor<10x2x1xf32>) -> tensor<1x18x4xf32>
  return
}
