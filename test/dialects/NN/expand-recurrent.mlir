// RUN: optc-opt %s --nn-expand-recurrent | FileCheck %s

// The product of the input is outside, that of the state inside of the loop.
// CHECK-LABEL: @loop
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x3xf32>, %[[W:.*]]: tensor<3x4xf32>, %[[R:.*]]: tensor<4x4xf32>, %[[B:.*]]: tensor<4xf32>, %[[H:.*]]: tensor<?x4xf32>)
// CHECK: nn.matmul %[[X]], %[[W]]
// CHECK: nn.binary add %{{.*}}, %[[B]]
// CHECK: scf.for %{{.*}} iter_args(%{{.*}}, %[[S:.*]] = %[[H]])
// CHECK: tensor.extract_slice
// CHECK: nn.matmul %[[S]], %[[R]]
// CHECK: nn.unary tanh
// CHECK: tensor.insert_slice
// CHECK: return
func.func @loop(%x: tensor<?x?x3xf32>, %w: tensor<3x4xf32>, %r: tensor<4x4xf32>, %b: tensor<4xf32>, %h: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %all, %last = nn.recurrent rnn %x weights %w, %r bias %b state %h {
      activations = [#nn.activation<tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<?x?x3xf32>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<4xf32>, tensor<?x4xf32>) -> (tensor<?x?x4xf32>, tensor<?x4xf32>)
  return %last : tensor<?x4xf32>
}

// CHECK-LABEL: @one_step
// CHECK-NOT: scf.for
// CHECK-COUNT-3: nn.unary sigmoid
// CHECK-NOT: nn.recurrent
func.func @one_step(%x: tensor<1x?x3xf32>, %w: tensor<3x16xf32>, %r: tensor<4x16xf32>, %h: tensor<?x4xf32>) -> tensor<1x?x4xf32> {
  %all, %last, %cell = nn.recurrent lstm %x weights %w, %r state %h cell %h {
      activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>],
      alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0>}
    : (tensor<1x?x3xf32>, tensor<3x16xf32>, tensor<4x16xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
    -> (tensor<1x?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
  return %all : tensor<1x?x4xf32>
}

// Backwards, with lengths: a step behind the end of a sequence gives 0 and keeps the state.
// CHECK-LABEL: @lengths
// CHECK: scf.for
// CHECK: arith.subi
// CHECK: %[[V:.*]] = nn.compare gt
// CHECK: nn.select %[[V]]
// CHECK: nn.select %[[V]]
func.func @lengths(%x: tensor<7x2x3xf32>, %w: tensor<3x4xf32>, %r: tensor<4x4xf32>, %l: tensor<2xi64>, %h: tensor<2x4xf32>) -> (tensor<7x2x4xf32>, tensor<2x4xf32>) {
  %all, %last = nn.recurrent rnn %x weights %w, %r lengths %l state %h {reverse,
      activations = [#nn.activation<relu>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<7x2x3xf32>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<2xi64>, tensor<2x4xf32>) -> (tensor<7x2x4xf32>, tensor<2x4xf32>)
  return %all, %last : tensor<7x2x4xf32>, tensor<2x4xf32>
}

// CHECK-LABEL: @no_sequences
// CHECK: nn.recurrent
// CHECK-NOT: scf.for
func.func @no_sequences(%x: tensor<7x0x3xf32>, %w: tensor<3x4xf32>, %r: tensor<4x4xf32>, %h: tensor<0x4xf32>) -> (tensor<7x0x4xf32>, tensor<0x4xf32>) {
  %all, %last = nn.recurrent rnn %x weights %w, %r state %h {
      activations = [#nn.activation<relu>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>}
    : (tensor<7x0x3xf32>, tensor<3x4xf32>, tensor<4x4xf32>, tensor<0x4xf32>) -> (tensor<7x0x4xf32>, tensor<0x4xf32>)
  return %all, %last : tensor<7x0x4xf32>, tensor<0x4xf32>
}
