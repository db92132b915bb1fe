// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(nn-narrow-contractions{least-taps=25 most-taps=50},nn-fold-weights))' | FileCheck %s
// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(nn-narrow-contractions{type=f16 least-taps=25 most-taps=50}))' | FileCheck %s --check-prefix=HALF
// RUN: not optc-opt %s --pass-pipeline='builtin.module(func.func(nn-narrow-contractions{type=f8}))' 2>&1 | FileCheck %s --check-prefix=NONE

// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(nn-narrow-contractions{exact=true least-taps=25 most-taps=50}))' | FileCheck %s --check-prefix=EXACT

// NONE: nn-narrow-contractions: no narrow float type 'f8'

// The sum of %h and its product read one rounded %h; the bias and the sums are f32.
// CHECK-LABEL: @residual
// CHECK-DAG: %[[W:.*]] = nn.constant dense<1.500000e+00> : tensor<4x4xbf16>
// CHECK: %[[H:.*]] = nn.unary tanh %{{.*}} : tensor<?x4xf32> -> tensor<?x4xf32>
// CHECK: %[[N:.*]] = nn.cast %[[H]] : tensor<?x4xf32> -> tensor<?x4xbf16>
// CHECK: %[[F:.*]] = nn.cast %[[N]] : tensor<?x4xbf16> -> tensor<?x4xf32>
// CHECK: %[[P:.*]] = nn.matmul %[[N]], %[[W]] : (tensor<?x4xbf16>, tensor<4x4xbf16>) -> tensor<?x4xf32>
// CHECK: %[[S:.*]] = nn.binary add %[[P]], %[[F]]
// CHECK: return %[[S]] : tensor<?x4xf32>
// HALF-LABEL: @residual
// HALF: nn.matmul {{.*}} : (tensor<?x4xf16>, tensor<4x4xf16>) -> tensor<?x4xf32>
func.func @residual(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = nn.constant dense<1.5> : tensor<4x4xf32>
  %h = nn.unary tanh %x : tensor<?x4xf32> -> tensor<?x4xf32>
  %p = nn.matmul %h, %w : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %s = nn.binary add %p, %h : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

// Rounded before it is moved.
// CHECK-LABEL: @moved
// CHECK: %[[E:.*]] = nn.unary exp
// CHECK: %[[N:.*]] = nn.cast %[[E]] : tensor<4x?xf32> -> tensor<4x?xbf16>
// CHECK: %[[T:.*]] = nn.transpose %[[N]] [1, 0] : tensor<4x?xbf16> -> tensor<?x4xbf16>
// CHECK: nn.matmul %[[T]]
func.func @moved(%x: tensor<4x?xf32>) -> tensor<?x8xf32> {
  %w = nn.constant dense<1.5> : tensor<4x8xf32>
  %e = nn.unary exp %x : tensor<4x?xf32> -> tensor<4x?xf32>
  %t = nn.transpose %e [1, 0] : tensor<4x?xf32> -> tensor<?x4xf32>
  %p = nn.matmul %t, %w : (tensor<?x4xf32>, tensor<4x8xf32>) -> tensor<?x8xf32>
  return %p : tensor<?x8xf32>
}

// A result of the model keeps all its bits.
// CHECK-LABEL: @returned
// CHECK: %[[E:.*]] = nn.unary exp
// CHECK: nn.cast %[[E]]
// CHECK: return %[[E]]
func.func @returned(%x: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x8xf32>) {
  %w = nn.constant dense<1.5> : tensor<4x8xf32>
  %e = nn.unary exp %x : tensor<2x4xf32> -> tensor<2x4xf32>
  %p = nn.matmul %e, %w : (tensor<2x4xf32>, tensor<4x8xf32>) -> tensor<2x8xf32>
  return %e, %p : tensor<2x4xf32>, tensor<2x8xf32>
}

// Odd depths, depthwise convolutions of few taps, other types, products of two activations, and what a loop
// holds.
// CHECK-LABEL: @left_alone
// CHECK-NOT: bf16
// CHECK: return
func.func @left_alone(%x: tensor<2x3xf32>, %i: tensor<1x9x4xf32>, %d: tensor<2x4xf64>, %n: index, %a0: tensor<4x4xf32>)
    -> (tensor<2x8xf32>, tensor<1x7x4xf32>, tensor<2x4xf64>, tensor<4x4xf32>, tensor<4x4xf32>) {
  %w = nn.constant dense<1.5> : tensor<3x8xf32>
  %f = nn.constant dense<1.5> : tensor<4x1x3xf32>
  %v = nn.constant dense<1.5> : tensor<4x4xf64>
  %s = nn.constant dense<1.5> : tensor<4x4xf32>
  %p = nn.matmul %x, %w : (tensor<2x3xf32>, tensor<3x8xf32>) -> tensor<2x8xf32>
  %c = nn.conv %i, %f {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, group = 4 : i64}
      : (tensor<1x9x4xf32>, tensor<4x1x3xf32>) -> tensor<1x7x4xf32>
  %q = nn.matmul %d, %v : (tensor<2x4xf64>, tensor<4x4xf64>) -> tensor<2x4xf64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %l = scf.for %k = %c0 to %n step %c1 iter_args(%a = %a0) -> tensor<4x4xf32> {
    %m = nn.matmul %a, %s : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    scf.yield %m : tensor<4x4xf32>
  }
  %b = nn.matmul %a0, %a0 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %p, %c, %q, %l, %b : tensor<2x8xf32>, tensor<1x7x4xf32>, tensor<2x4xf64>, tensor<4x4xf32>, tensor<4x4xf32>
}

// Attention may round what it multiplies; keys of the past stay as they are.
// CHECK-LABEL: @attention
// CHECK: nn.attention %arg0, %arg1, %arg1 {narrow = bf16, scale = 1.000000e+00 : f64}
// HALF-LABEL: @attention
// HALF: narrow = f16
func.func @attention(%q: tensor<2x4x?x8xf32>, %k: tensor<2x4x?x8xf32>) -> tensor<2x4x?x8xf32> {
  %y = nn.attention %q, %k, %k {scale = 1.0 : f64}
    : (tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>) -> tensor<2x4x?x8xf32>
  return %y : tensor<2x4x?x8xf32>
}

// Three channels are no pairs: a window's row of one place gets a fourth of weight zero, and rows a
// place more. The sizes of the result stay the expressions they were.
// CHECK-LABEL: @image
// CHECK: %[[P:.*]] = nn.pad constant %{{.*}} : (tensor<1x?x?x3xbf16>, tensor<8xi64>, tensor<bf16>) -> tensor<1x?x?x3xbf16>
// CHECK: %[[R:.*]] = nn.reshape %[[P]], %{{.*}} : (tensor<1x?x?x3xbf16>, tensor<4xi64>) -> tensor<1x?x?x1xbf16>
// CHECK: %[[F:.*]] = nn.constant dense<{{\[\[\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00, 0.000000e+00]]], {{\[\[\[}}4.000000e+00, 5.000000e+00, 6.000000e+00, 0.000000e+00]]]]> : tensor<2x1x1x4xbf16>
// CHECK: nn.conv %[[R]], %[[F]] {dilations = array<i64: 2, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 6>}
// CHECK-SAME: (tensor<1x?x?x1xbf16>, tensor<2x1x1x4xbf16>) -> tensor<1x?x?x2xf32>
// EXACT-LABEL: @image
// EXACT-NOT: bf16
// EXACT: return
func.func @image(%x: tensor<1x?x?x3xf32>) -> tensor<1x?x?x2xf32> {
  %w = nn.constant dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]]]> : tensor<2x3x1x1xf32>
  %y = nn.conv %x, %w {dilations = array<i64: 2, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}
      : (tensor<1x?x?x3xf32>, tensor<2x3x1x1xf32>) -> tensor<1x?x?x2xf32>
  return %y : tensor<1x?x?x2xf32>
}

// One channel, and an even number of places side by side.
// CHECK-LABEL: @signal
// CHECK: nn.conv %{{.*}} strides = array<i64: 3>} : (tensor<2x40x1xbf16>, tensor<8x1x4xbf16>)
func.func @signal(%x: tensor<2x40x1xf32>) -> tensor<2x13x8xf32> {
  %w = nn.constant dense<1.5> : tensor<8x1x4xf32>
  %y = nn.conv %x, %w {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 3>}
      : (tensor<2x40x1xf32>, tensor<8x1x4xf32>) -> tensor<2x13x8xf32>
  return %y : tensor<2x13x8xf32>
}

// The transpose is part of how attention stores its result: what is rounded lies behind it.
// CHECK-LABEL: @transposed_attention
// CHECK: %[[A:.*]] = nn.attention {{.*}} -> tensor<2x4x6x8xf32>
// CHECK: %[[T:.*]] = nn.transpose %[[A]] {{.*}} -> tensor<2x6x4x8xf32>
// CHECK: nn.cast %[[T]] {{.*}} -> tensor<2x6x4x8xbf16>
// CHECK: nn.reshape
// CHECK: nn.matmul
func.func @transposed_attention(%q: tensor<2x4x6x8xf32>) -> tensor<2x6x5xf32> {
  %w = nn.constant dense<1.0> : tensor<32x5xf32>
  %y = nn.attention %q, %q, %q {scale = 1.0 : f64}
    : (tensor<2x4x6x8xf32>, tensor<2x4x6x8xf32>, tensor<2x4x6x8xf32>) -> tensor<2x4x6x8xf32>
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<2x4x6x8xf32> -> tensor<2x6x4x8xf32>
  %s = nn.constant dense<[2, 6, 32]> : tensor<3xi64>
  %r = nn.reshape %t, %s : (tensor<2x6x4x8xf32>, tensor<3xi64>) -> tensor<2x6x32xf32>
  %m = nn.matmul %r, %w : (tensor<2x6x32xf32>, tensor<32x5xf32>) -> tensor<2x6x5xf32>
  return %m : tensor<2x6x5xf32>
}

// One filter per channel: 25 taps are enough that pairs of them pay, 9 are not.
// CHECK-LABEL: @depthwise
// CHECK: nn.conv {{.*}}pads = array<i64: 2, 2, 2, 2>{{.*}} (tensor<1x?x?x8xbf16>, tensor<8x1x5x5xbf16>) -> tensor<1x?x?x8xf32>
// CHECK: nn.conv {{.*}}pads = array<i64: 1, 1, 1, 1>{{.*}} (tensor<1x?x?x8xf32>, tensor<8x1x3x3xf32>) -> tensor<1x?x?x8xf32>
func.func @depthwise(%x: tensor<1x?x?x8xf32>) -> tensor<1x?x?x8xf32> {
  %w = nn.constant dense<1.5> : tensor<8x1x5x5xf32>
  %v = nn.constant dense<1.5> : tensor<8x1x3x3xf32>
  %y = nn.conv %x, %w {dilations = array<i64: 1, 1>, group = 8 : i64, pads = array<i64: 2, 2, 2, 2>, strides = array<i64: 1, 1>}
      : (tensor<1x?x?x8xf32>, tensor<8x1x5x5xf32>) -> tensor<1x?x?x8xf32>
  %z = nn.conv %y, %v {dilations = array<i64: 1, 1>, group = 8 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
      : (tensor<1x?x?x8xf32>, tensor<8x1x3x3xf32>) -> tensor<1x?x?x8xf32>
  return %z : tensor<1x?x?x8xf32>
}
