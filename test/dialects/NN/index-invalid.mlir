// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @gather_axis(%x: tensor<2x3xf32>, %i: tensor<4xi64>) {
  // expected-error@+1 {{[nn.gather.R1] axis 2 of an input of rank 2}}
  %0 = nn.gather %x, %i {axis = 2 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<2x3xf32>
  return
}

// -----

func.func @elements_rank(%x: tensor<2x3xf32>, %i: tensor<4xi64>) {
  // expected-error@+1 {{[nn.gather_elements.R1] axis 0, an input of rank 2, indices of rank 1}}
  %0 = nn.gather_elements %x, %i {axis = 0 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @elements_size(%x: tensor<2x3xf32>, %i: tensor<1x4xi64>) {
  // expected-error@+1 {{[nn.gather_elements.R2] size 1 of the indices is 4, the input has 3}}
  %0 = nn.gather_elements %x, %i {axis = 0 : i64} : (tensor<2x3xf32>, tensor<1x4xi64>) -> tensor<1x4xf32>
  return
}

// -----

func.func @vectors_length(%x: tensor<2x3xf32>, %i: tensor<4x?xi64>) {
  // expected-error@+1 {{[nn.gather_nd.R1] indices of type 'tensor<4x?xi64>' with 0 batch dimensions}}
  %0 = nn.gather_nd %x, %i {batchDims = 0 : i64} : (tensor<2x3xf32>, tensor<4x?xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @vectors_batch(%x: tensor<2x3xf32>, %i: tensor<4x1x1xi64>) {
  // expected-error@+1 {{[nn.gather_nd.R2] batch size 0 differs}}
  %0 = nn.gather_nd %x, %i {batchDims = 1 : i64} : (tensor<2x3xf32>, tensor<4x1x1xi64>) -> tensor<4x1xf32>
  return
}

// -----

func.func @scatter_rank(%x: tensor<2x3xf32>, %i: tensor<1xi64>, %u: tensor<1xf32>) {
  // expected-error@+1 {{[nn.scatter_elements.R1] axis 0, ranks 2, 1, 1}}
  %0 = nn.scatter_elements %x, %i, %u {axis = 0 : i64} : (tensor<2x3xf32>, tensor<1xi64>, tensor<1xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_shapes(%x: tensor<2x3xf32>, %i: tensor<1x3xi64>, %u: tensor<1x2xf32>) {
  // expected-error@+1 {{[nn.scatter_elements.R2]}}
  %0 = nn.scatter_elements %x, %i, %u {axis = 0 : i64} : (tensor<2x3xf32>, tensor<1x3xi64>, tensor<1x2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_types(%x: tensor<2x3xf32>, %i: tensor<1x3xi64>, %u: tensor<1x3xf64>) {
  // expected-error@+1 {{[nn.scatter_elements.R3] element types differ: 'f32', 'f64'}}
  %0 = nn.scatter_elements %x, %i, %u {axis = 0 : i64} : (tensor<2x3xf32>, tensor<1x3xi64>, tensor<1x3xf64>) -> tensor<2x3xf32>
  return
}

// -----

func.func @nd_length(%x: tensor<2x3xf32>, %i: tensor<4x3xi64>, %u: tensor<4xf32>) {
  // expected-error@+1 {{[nn.scatter_nd.R1]}}
  %0 = nn.scatter_nd %x, %i, %u : (tensor<2x3xf32>, tensor<4x3xi64>, tensor<4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @nd_updates(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4x2xf32>) {
  // expected-error@+1 {{[nn.scatter_nd.R2] updates have 'tensor<4x2xf32>', needed are 'tensor<4x3xf32>'}}
  %0 = nn.scatter_nd %x, %i, %u : (tensor<2x3xf32>, tensor<4x1xi64>, tensor<4x2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @nd_types(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4x3xf16>) {
  // expected-error@+1 {{[nn.scatter_nd.R3]}}
  %0 = nn.scatter_nd %x, %i, %u : (tensor<2x3xf32>, tensor<4x1xi64>, tensor<4x3xf16>) -> tensor<2x3xf32>
  return
}

// -----

// nn.nonzero.R1 is held by the inferred shape.
func.func @nonzero_rows(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.shape.R1] result 0 has type 'tensor<3x?xi64>'}}
  %0 = nn.nonzero %x : tensor<2x3xf32> -> tensor<3x?xi64>
  return
}
