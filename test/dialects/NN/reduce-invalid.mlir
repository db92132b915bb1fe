// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @axes_order(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.reduce.R1] axes [1, 0] of an input of rank 2}}
  %0 = nn.reduce sum %x [1, 0] : tensor<2x3xf32> -> tensor<1x1xf32>
  return
}

// -----

func.func @axis_range(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.reduce.R1]}}
  %0 = nn.reduce sum %x [2] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @element_type(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.reduce.R2] reduces 'f32' to 'f64'}}
  %0 = nn.reduce sum %x [1] : tensor<2x3xf32> -> tensor<2x1xf64>
  return
}

// -----

func.func @mask_length(%x: tensor<2x3xf32>, %m: tensor<3xi1>) {
  // expected-error@+1 {{[nn.reduce_masked.R1] the mask has 'tensor<3xi1>' for an input of rank 2}}
  %0 = nn.reduce_masked sum %x, %m : (tensor<2x3xf32>, tensor<3xi1>) -> tensor<?x?xf32>
  return
}

// -----

func.func @masked_element_type(%x: tensor<2x3xf32>, %m: tensor<2xi1>) {
  // expected-error@+1 {{[nn.reduce_masked.R2]}}
  %0 = nn.reduce_masked sum %x, %m : (tensor<2x3xf32>, tensor<2xi1>) -> tensor<?x?xf16>
  return
}

// -----

func.func @arg_axis(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.arg_reduce.R1] axis 2 of an input of rank 2}}
  %0 = nn.arg_reduce max %x {axis = 2 : i64} : tensor<2x3xf32> -> tensor<2x1xi64>
  return
}

// -----

func.func @arg_kind(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.arg_reduce.R2] the kind is sum}}
  %0 = nn.arg_reduce sum %x {axis = 1 : i64} : tensor<2x3xf32> -> tensor<2x1xi64>
  return
}

// -----

func.func @cumulative_axis(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.cumulative.R1]}}
  %0 = nn.cumulative sum %x {axis = -1 : i64} : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @cumulative_kind(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.cumulative.R2] the kind is max}}
  %0 = nn.cumulative max %x {axis = 1 : i64} : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @cumulative_type(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{[nn.cumulative.R3]}}
  %0 = nn.cumulative sum %x {axis = 1 : i64} : tensor<2x3xf32> -> tensor<2x3xf64>
  return
}

// -----

func.func @sort_scalar(%x: tensor<f32>, %k: tensor<1xi64>) {
  // expected-error@+1 {{[nn.argsort.R1] a scalar can not be sorted}}
  %0 = nn.argsort %x, %k : (tensor<f32>, tensor<1xi64>) -> tensor<i64>
  return
}

// -----

func.func @sort_k(%x: tensor<4xf32>, %k: tensor<2xi64>) {
  // expected-error@+1 {{[nn.argsort.R2] k has 'tensor<2xi64>'}}
  %0 = nn.argsort %x, %k : (tensor<4xf32>, tensor<2xi64>) -> tensor<?xi64>
  return
}

// -----

func.func @sort_too_many(%x: tensor<4xf32>) {
  %k = nn.constant dense<5> : tensor<1xi64>
  // expected-error@+1 {{[nn.argsort.R2] k is 5, a row has 4 elements}}
  %0 = nn.argsort %x, %k : (tensor<4xf32>, tensor<1xi64>) -> tensor<5xi64>
  return
}
