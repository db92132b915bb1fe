// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @unary_shape(%x: tensor<2x3xf32>) {
  // nn.unary.R1, held by the shape inference all nn ops have
  // expected-error @+1 {{[nn.shape.R1] result 0 has type}}
  %y = nn.unary exp %x : tensor<2x3xf32> -> tensor<3x2xf32>
  return
}

// -----

func.func @binary_shapes(%x: tensor<?x3xf32>, %z: tensor<4xf32>) {
  // expected-error @+1 {{[nn.binary.R1] shapes do not broadcast}}
  %y = nn.binary add %x, %z : (tensor<?x3xf32>, tensor<4xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @binary_types(%x: tensor<3xf32>, %z: tensor<3xi64>) {
  // expected-error @+1 {{[nn.binary.R2] element types differ}}
  %y = nn.binary add %x, %z : (tensor<3xf32>, tensor<3xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @compare_shapes(%x: tensor<2x3xf32>, %z: tensor<2xf32>) {
  // expected-error @+1 {{[nn.compare.R1] shapes do not broadcast}}
  %y = nn.compare lt %x, %z : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xi1>
  return
}

// -----

func.func @compare_types(%x: tensor<3xf32>, %z: tensor<3xf64>) {
  // expected-error @+1 {{[nn.compare.R2] element types differ}}
  %y = nn.compare lt %x, %z : (tensor<3xf32>, tensor<3xf64>) -> tensor<3xi1>
  return
}

// -----

func.func @select_shapes(%c: tensor<2xi1>, %x: tensor<3xf32>, %z: tensor<f32>) {
  // expected-error @+1 {{[nn.select.R1] shapes do not broadcast}}
  %y = nn.select %c, %x, %z : (tensor<2xi1>, tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  return
}

// -----

func.func @select_types(%c: tensor<3xi1>, %x: tensor<3xf32>, %z: tensor<i32>) {
  // expected-error @+1 {{[nn.select.R2] element types differ}}
  %y = nn.select %c, %x, %z : (tensor<3xi1>, tensor<3xf32>, tensor<i32>) -> tensor<3xf32>
  return
}

// -----

func.func @cast_shape(%x: tensor<3xf32>) {
  // nn.cast.R1, held by the shape inference all nn ops have
  // expected-error @+1 {{[nn.shape.R1] result 0 has type}}
  %y = nn.cast %x : tensor<3xf32> -> tensor<4xi64>
  return
}
