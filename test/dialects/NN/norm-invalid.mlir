// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @softmax_axis(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{[nn.softmax.R1] axis 2 of an input of rank 2}}
  %y = nn.softmax %x {axis = 2 : i64} : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @normalize_order(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{[nn.normalize.R1] axes [2, 1] are not ascending dimensions of an input of rank 3}}
  %y = nn.normalize mean_variance %x [2, 1] {epsilon = 1.0e-5 : f64}
      : tensor<?x4x8xf32> -> tensor<?x4x8xf32>
  return
}

// -----

func.func @normalize_nothing(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{[nn.normalize.R1] names no axes}}
  %y = nn.normalize mean_variance %x [] {epsilon = 1.0e-5 : f64} : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}
