// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @axis(%cache: tensor<1x3x8x4xf32>, %rows: tensor<1x3x?x4xf32>, %length: tensor<1xi64>) -> tensor<1x3x8x4xf32> {
  // expected-error@+1 {{[state.append.R1] adds 'tensor<1x3x?x4xf32>' along dim 4 to 'tensor<1x3x8x4xf32>'}}
  %0 = state.append %cache, %rows at %length {axis = 4 : i64} : (tensor<1x3x8x4xf32>, tensor<1x3x?x4xf32>, tensor<1xi64>) -> tensor<1x3x8x4xf32>
  return %0 : tensor<1x3x8x4xf32>
}

// -----

func.func @type(%cache: tensor<1x3x8x4xf32>, %rows: tensor<1x3x?x4xf16>, %length: tensor<1xi64>) -> tensor<1x3x8x4xf32> {
  // expected-error@+1 {{[state.append.R1]}}
  %0 = state.append %cache, %rows at %length {axis = 2 : i64} : (tensor<1x3x8x4xf32>, tensor<1x3x?x4xf16>, tensor<1xi64>) -> tensor<1x3x8x4xf32>
  return %0 : tensor<1x3x8x4xf32>
}

// -----

func.func @size(%cache: tensor<1x3x8x4xf32>, %rows: tensor<1x2x?x4xf32>, %length: tensor<1xi64>) -> tensor<1x3x8x4xf32> {
  // expected-error@+1 {{[state.append.R2] dim 1 of the cache has 3 elements, that of the rows 2}}
  %0 = state.append %cache, %rows at %length {axis = 2 : i64} : (tensor<1x3x8x4xf32>, tensor<1x2x?x4xf32>, tensor<1xi64>) -> tensor<1x3x8x4xf32>
  return %0 : tensor<1x3x8x4xf32>
}

// -----

func.func @length(%cache: tensor<1x3x8x4xf32>, %rows: tensor<1x3x?x4xf32>, %length: tensor<2xi64>) -> tensor<1x3x8x4xf32> {
  // expected-error@+1 {{[state.append.R3] the length is one i64, and not 'tensor<2xi64>'}}
  %0 = state.append %cache, %rows at %length {axis = 2 : i64} : (tensor<1x3x8x4xf32>, tensor<1x3x?x4xf32>, tensor<2xi64>) -> tensor<1x3x8x4xf32>
  return %0 : tensor<1x3x8x4xf32>
}
