// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%q: tensor<4x5x8xf32>, %k: tensor<2x4x5x8xf32>) {
  // expected-error @+1 {{[nn.attention.R1] an operand has the type 'tensor<4x5x8xf32>', needed are rank 4}}
  %y = nn.attention %q, %k, %k {scale = 1.0 : f64}
    : (tensor<4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @element(%q: tensor<2x4x5x8xf16>, %k: tensor<2x4x5x8xf32>) {
  // expected-error @+1 {{[nn.attention.R1] an operand has the type 'tensor<2x4x5x8xf16>'}}
  %y = nn.attention %q, %k, %k {scale = 1.0 : f64}
    : (tensor<2x4x5x8xf16>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @batch(%q: tensor<2x4x5x8xf32>, %k: tensor<3x4x5x8xf32>) {
  // expected-error @+1 {{[nn.attention.R2] batches or heads differ}}
  %y = nn.attention %q, %k, %k {scale = 1.0 : f64}
    : (tensor<2x4x5x8xf32>, tensor<3x4x5x8xf32>, tensor<3x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @groups(%q: tensor<2x4x5x8xf32>, %k: tensor<2x3x5x8xf32>) {
  // expected-error @+1 {{[nn.attention.R2] 'tensor<2x4x5x8xf32>' has not a known multiple of the heads}}
  %y = nn.attention %q, %k, %k {scale = 1.0 : f64}
    : (tensor<2x4x5x8xf32>, tensor<2x3x5x8xf32>, tensor<2x3x5x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @keys(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x6x8xf32>) {
  // expected-error @+1 {{[nn.attention.R3] sizes of a head or numbers of keys differ}}
  %y = nn.attention %q, %k, %v {scale = 1.0 : f64}
    : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x6x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @mask_type(%q: tensor<2x4x5x8xf32>, %m: tensor<5x5xf16>) {
  // expected-error @+1 {{[nn.attention.R4] the mask has elements of type 'f16'}}
  %y = nn.attention %q, %q, %q mask %m {scale = 1.0 : f64}
    : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<5x5xf16>) -> tensor<2x4x5x8xf32>
  return
}

// -----

// The keys do not broadcast.
func.func @mask_shape(%q: tensor<2x4x5x8xf32>, %m: tensor<5x1xf32>) {
  // expected-error @+1 {{[nn.attention.R4] the mask 'tensor<5x1xf32>' does not broadcast to the scores}}
  %y = nn.attention %q, %q, %q mask %m {scale = 1.0 : f64}
    : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<5x1xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @offset(%q: tensor<2x4x5x8xf32>, %p: tensor<3xi64>) {
  // expected-error @+1 {{[nn.attention.R5] offset or lengths has the type 'tensor<3xi64>'}}
  %y = nn.attention %q, %q, %q offset %p {scale = 1.0 : f64}
    : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<3xi64>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @window(%q: tensor<2x4x5x8xf32>) {
  // expected-error @+1 {{[nn.attention.R6] before and after must not be negative}}
  %y = nn.attention %q, %q, %q {before = -1 : i64, scale = 1.0 : f64}
    : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @narrow(%q: tensor<2x4x5x8xf16>) {
  // expected-error @+1 {{[nn.attention.R7] can not round operands of type 'tensor<2x4x5x8xf16>' to 'bf16'}}
  %y = nn.attention %q, %q, %q {narrow = bf16, scale = 1.0 : f64}
    : (tensor<2x4x5x8xf16>, tensor<2x4x5x8xf16>, tensor<2x4x5x8xf16>) -> tensor<2x4x5x8xf16>
  return
}

// -----

func.func @rope_tables(%x: tensor<2x4x5x8xf32>, %c: tensor<3x4xf32>) {
  // expected-error @+1 {{[nn.rope.R1] cos and sin have types 'tensor<3x4xf32>' and 'tensor<3x4xf32>'}}
  %y = nn.rope %x, %c, %c : (tensor<2x4x5x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @rope_pairs(%x: tensor<2x4x5x8xf32>, %c: tensor<5x5xf32>) {
  // expected-error @+1 {{[nn.rope.R2] pairs of 'tensor<2x4x5x8xf32>' can not be turned by angles of 'tensor<5x5xf32>'}}
  %y = nn.rope %x, %c, %c : (tensor<2x4x5x8xf32>, tensor<5x5xf32>, tensor<5x5xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @rope_types(%x: tensor<2x4x5x8xf32>, %c: tensor<5x4xf16>) {
  // expected-error @+1 {{[nn.rope.R3] element types differ: 'f16' and 'f32'}}
  %y = nn.rope %x, %c, %c : (tensor<2x4x5x8xf32>, tensor<5x4xf16>, tensor<5x4xf16>) -> tensor<2x4x5x8xf32>
  return
}
