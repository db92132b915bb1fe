// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @vector(%a: tensor<3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+1 {{[nn.matmul.R1] operands have ranks 1 and 2}}
  %c = nn.matmul %a, %b : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @inner_sizes(%a: tensor<2x3xf32>, %b: tensor<5x4xf32>) {
  // expected-error @+1 {{[nn.matmul.R2] inner sizes differ: lhs has 3, rhs 5}}
  %c = nn.matmul %a, %b : (tensor<2x3xf32>, tensor<5x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @leading_sizes(%a: tensor<2x2x3xf32>, %b: tensor<5x3x4xf32>) {
  // expected-error @+1 {{[nn.matmul.R3] leading dimensions do not broadcast}}
  %c = nn.matmul %a, %b : (tensor<2x2x3xf32>, tensor<5x3x4xf32>) -> tensor<2x2x4xf32>
  return
}

// -----

func.func @element_types(%a: tensor<2x3xf16>, %b: tensor<3x4xf32>) {
  // expected-error @+1 {{[nn.matmul.R4] an operand has elements of type 'f32', the result 'f32'}}
  %c = nn.matmul %a, %b : (tensor<2x3xf16>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @result(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+1 {{[nn.shape.R1]}}
  %c = nn.matmul %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x5xf32>
  return
}
