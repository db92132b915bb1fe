// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @shape_length(%x: tensor<?x3xf32>) {
  // nn.shape_of.R1, held by the shape inference all nn ops have
  // expected-error @+1 {{[nn.shape.R1] result 0 has type}}
  %s = nn.shape %x : tensor<?x3xf32> -> tensor<3xi64>
  return
}

// -----

func.func @reshape_two_unknown(%x: tensor<6xf32>) {
  %s = nn.constant dense<[-1, -1]> : tensor<2xi64>
  // expected-error @+1 {{[nn.reshape.R1] two sizes are -1}}
  %y = nn.reshape %x, %s : (tensor<6xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @reshape_count(%x: tensor<6xf32>) {
  %s = nn.constant dense<[2, 4]> : tensor<2xi64>
  // expected-error @+1 {{[nn.reshape.R2]}}
  %y = nn.reshape %x, %s : (tensor<6xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @transpose_twice(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{[nn.transpose.R1]}}
  %y = nn.transpose %x [0, 0] : tensor<2x3xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @expand_length(%x: tensor<3xf32>, %s: tensor<?xi64>) {
  // expected-error @+1 {{[nn.expand.R1]}}
  %y = nn.expand %x, %s : (tensor<3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  return
}

// -----

func.func @expand_sizes(%x: tensor<3xf32>) {
  %s = nn.constant dense<[2, 4]> : tensor<2xi64>
  // expected-error @+1 {{[nn.expand.R2]}}
  %y = nn.expand %x, %s : (tensor<3xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @concat_axis(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{[nn.concat.R1] axis 2 of inputs of rank 2}}
  %y = nn.concat %x, %x {axis = 2 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @concat_sizes(%x: tensor<2x3xf32>, %z: tensor<3x3xf32>) {
  // expected-error @+1 {{[nn.concat.R2]}}
  %y = nn.concat %x, %z {axis = 1 : i64} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @slice_lengths(%x: tensor<2x3xf32>, %s: tensor<1xi64>, %e: tensor<2xi64>) {
  // expected-error @+1 {{[nn.slice.R1]}}
  %y = nn.slice %x, %s, %e, %s [1] : (tensor<2x3xf32>, tensor<1xi64>, tensor<2xi64>, tensor<1xi64>) -> tensor<2x?xf32>
  return
}

// -----

func.func @slice_step(%x: tensor<2x3xf32>, %s: tensor<1xi64>) {
  %zero = nn.constant dense<0> : tensor<1xi64>
  // expected-error @+1 {{[nn.slice.R2] the step of axis 1 is zero}}
  %y = nn.slice %x, %s, %s, %zero [1] : (tensor<2x3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x?xf32>
  return
}

// -----

func.func @pad_length(%x: tensor<2x3xf32>, %p: tensor<2xi64>, %v: tensor<f32>) {
  // expected-error @+1 {{[nn.pad.R1] pads needs 4 elements}}
  %y = nn.pad constant %x, %p, %v : (tensor<2x3xf32>, tensor<2xi64>, tensor<f32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @pad_value(%x: tensor<3xf32>, %p: tensor<2xi64>, %v: tensor<i32>) {
  // expected-error @+1 {{[nn.pad.R2] the value has type}}
  %y = nn.pad constant %x, %p, %v : (tensor<3xf32>, tensor<2xi64>, tensor<i32>) -> tensor<?xf32>
  return
}

// -----

func.func @range_types(%a: tensor<i64>, %b: tensor<i32>) {
  // expected-error @+1 {{[nn.range.R1] operands must be scalars of one type}}
  %y = nn.range %a, %a, %b : (tensor<i64>, tensor<i64>, tensor<i32>) -> tensor<?xi64>
  return
}

// -----

// One element is no tensor of ? x 3, whatever the other size is.
func.func @reshape_r2_divisor(%x: tensor<f32>, %y: tensor<?xf32>) -> tensor<?x3x?xf32> {
  %n = nn.shape %y : tensor<?xf32> -> tensor<1xi64>
  %c = nn.constant dense<[3, -1]> : tensor<2xi64>
  %s = nn.concat %n, %c {axis = 0 : i64} : (tensor<1xi64>, tensor<2xi64>) -> tensor<3xi64>
  // expected-error @+1 {{[nn.reshape.R2] 1 elements can not be divided into parts of 3}}
  %r = nn.reshape %x, %s : (tensor<f32>, tensor<3xi64>) -> tensor<?x3x?xf32>
  return %r : tensor<?x3x?xf32>
}
