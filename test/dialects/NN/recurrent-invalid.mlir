// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %r: tensor<4x4xf32>, %h: tensor<2x4xf32>) {
  // expected-error @+1 {{[nn.recurrent.R1] input and recurrent weights have types}}
  %all, %last = nn.recurrent rnn %x weights %w, %r state %h {activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @bias_rank(%x: tensor<5x2x3xf32>, %w: tensor<3x4xf32>, %r: tensor<4x4xf32>, %h: tensor<2x4xf32>, %b: tensor<1x4xf32>) {
  // expected-error @+1 {{[nn.recurrent.R1] an operand has the type}}
  %all, %last = nn.recurrent rnn %x weights %w, %r bias %b state %h {activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<5x2x3xf32>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<1x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @hidden(%x: tensor<5x2x3xf32>, %w: tensor<3x4xf32>, %r: tensor<?x4xf32>, %h: tensor<2x4xf32>) {
  // expected-error @+1 {{[nn.recurrent.R2] the size of the state is not known}}
  %all, %last = nn.recurrent rnn %x weights %w, %r state %h {activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<5x2x3xf32>, tensor<3x4xf32>, tensor<?x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @gates(%x: tensor<5x2x3xf32>, %w: tensor<3x8xf32>, %r: tensor<4x4xf32>, %h: tensor<2x4xf32>) {
  // expected-error @+1 {{[nn.recurrent.R2] an operand has the type 'tensor<3x8xf32>', where a size must be 4}}
  %all, %last = nn.recurrent rnn %x weights %w, %r state %h {activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<5x2x3xf32>, tensor<3x8xf32>, tensor<4x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @element(%x: tensor<5x2x3xf16>, %w: tensor<3x4xf32>, %r: tensor<4x4xf32>, %h: tensor<2x4xf32>) {
  // expected-error @+1 {{[nn.recurrent.R3] element types differ}}
  %all, %last = nn.recurrent rnn %x weights %w, %r state %h {activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<5x2x3xf16>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @no_cell(%x: tensor<5x2x3xf32>, %w: tensor<3x16xf32>, %r: tensor<4x16xf32>, %h: tensor<2x4xf32>) {
  // expected-error @+1 {{[nn.recurrent.R4] lstm needs cell}}
  %all, %last = nn.recurrent lstm %x weights %w, %r state %h {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>], alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0>}
    : (tensor<5x2x3xf32>, tensor<3x16xf32>, tensor<4x16xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @peepholes(%x: tensor<5x2x3xf32>, %w: tensor<3x4xf32>, %r: tensor<4x4xf32>, %h: tensor<2x4xf32>, %p: tensor<12xf32>) {
  // expected-error @+1 {{[nn.recurrent.R4] rnn has no such peepholes or recurrent bias}}
  %all, %last = nn.recurrent rnn %x weights %w, %r peepholes %p state %h {activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<5x2x3xf32>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<12xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @activations(%x: tensor<5x2x3xf32>, %w: tensor<3x12xf32>, %r: tensor<4x12xf32>, %h: tensor<2x4xf32>) {
  // expected-error @+1 {{[nn.recurrent.R5] gru needs 2 activations, alphas and betas}}
  %all, %last = nn.recurrent gru %x weights %w, %r state %h {activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<5x2x3xf32>, tensor<3x12xf32>, tensor<4x12xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}
