// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @rnn
// CHECK: nn.recurrent rnn %{{.*}} weights %{{.*}}, %{{.*}} state %{{.*}} {activations = [#nn.activation<tanh>], alphas = array<f64: 0.000000e+00>, betas = array<f64: 0.000000e+00>, reverse}
func.func @rnn(%x: tensor<?x?x3xf32>, %w: tensor<3x4xf32>, %r: tensor<4x4xf32>, %h: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %all, %last = nn.recurrent rnn %x weights %w, %r state %h {reverse,
      activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<?x?x3xf32>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<?x4xf32>) -> (tensor<?x?x4xf32>, tensor<?x4xf32>)
  return %last : tensor<?x4xf32>
}

// CHECK-LABEL: @gru
// CHECK: nn.recurrent gru %{{.*}} weights %{{.*}}, %{{.*}} bias %{{.*}} recurrent_bias %{{.*}} lengths %{{.*}} state %{{.*}} {
// CHECK-SAME: linearBeforeReset
func.func @gru(%x: tensor<5x2x3xf32>, %w: tensor<3x12xf32>, %r: tensor<4x12xf32>, %b: tensor<12xf32>, %rb: tensor<4xf32>,
               %l: tensor<2xi64>, %h: tensor<2x4xf32>) -> tensor<5x2x4xf32> {
  %all, %last = nn.recurrent gru %x weights %w, %r bias %b recurrent_bias %rb lengths %l state %h {linearBeforeReset,
      activations = [#nn.activation<sigmoid>, #nn.activation<tanh>], alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>}
    : (tensor<5x2x3xf32>, tensor<3x12xf32>, tensor<4x12xf32>, tensor<12xf32>, tensor<4xf32>, tensor<2xi64>, tensor<2x4xf32>)
    -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return %all : tensor<5x2x4xf32>
}

// CHECK-LABEL: @lstm
// CHECK: nn.recurrent lstm %{{.*}} weights %{{.*}}, %{{.*}} peepholes %{{.*}} state %{{.*}} cell %{{.*}} {
// CHECK-SAME: clip = 5.000000e+00 : f64, inputForget
func.func @lstm(%x: tensor<5x2x3xf32>, %w: tensor<3x16xf32>, %r: tensor<4x16xf32>, %p: tensor<12xf32>, %h: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %all, %last, %cell = nn.recurrent lstm %x weights %w, %r peepholes %p state %h cell %h {inputForget, clip = 5.0 : f64,
      activations = [#nn.activation<hard_sigmoid>, #nn.activation<tanh>, #nn.activation<softsign>],
      alphas = array<f64: 0.2, 0.0, 0.0>, betas = array<f64: 0.5, 0.0, 0.0>}
    : (tensor<5x2x3xf32>, tensor<3x16xf32>, tensor<4x16xf32>, tensor<12xf32>, tensor<2x4xf32>, tensor<2x4xf32>)
    -> (tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>)
  return %cell : tensor<2x4xf32>
}
