// RUN: optc-opt %s --nn-fold-batch-norm | FileCheck %s

// (conv - 1) * [2, 3] + 5: the filter times [2, 3], plus [5 - 2, 5 - 3].
// CHECK-LABEL: @written_out
// CHECK: %[[W:.*]] = nn.constant dense<{{\[\[\[}}2.000000e+00]], {{\[\[}}6.000000e+00]]]> : tensor<2x1x1xf32>
// CHECK: %[[C:.*]] = nn.conv %{{.*}}, %[[W]]
// CHECK: %[[B:.*]] = nn.constant dense<[3.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: %[[A:.*]] = nn.binary add %[[C]], %[[B]]
// CHECK-NEXT: return %[[A]]
func.func @written_out(%x: tensor<1x?x1xf32>) -> tensor<1x?x2xf32> {
  %w = nn.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %s = nn.constant dense<[[[2.0, 3.0]]]> : tensor<1x1x2xf32>
  %t = nn.constant dense<5.0> : tensor<1xf32>
  %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x?x1xf32>, tensor<2x1x1xf32>) -> tensor<1x?x2xf32>
  %a = nn.binary sub %c, %one : (tensor<1x?x2xf32>, tensor<f32>) -> tensor<1x?x2xf32>
  %m = nn.binary mul %s, %a : (tensor<1x1x2xf32>, tensor<1x?x2xf32>) -> tensor<1x?x2xf32>
  %r = nn.binary add %m, %t : (tensor<1x?x2xf32>, tensor<1xf32>) -> tensor<1x?x2xf32>
  return %r : tensor<1x?x2xf32>
}

// The value before the scale has another user.
// CHECK-LABEL: @other_user
// CHECK: %[[C:.*]] = nn.conv
// CHECK: %[[M:.*]] = nn.binary mul %[[C]]
// CHECK: return %[[C]], %[[M]]
func.func @other_user(%x: tensor<1x?x1xf32>) -> (tensor<1x?x2xf32>, tensor<1x?x2xf32>) {
  %w = nn.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %s = nn.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x?x1xf32>, tensor<2x1x1xf32>) -> tensor<1x?x2xf32>
  %m = nn.binary mul %c, %s : (tensor<1x?x2xf32>, tensor<2xf32>) -> tensor<1x?x2xf32>
  return %c, %m : tensor<1x?x2xf32>, tensor<1x?x2xf32>
}

// One addition is the bias: left alone.
// CHECK-LABEL: @bias
// CHECK: %[[C:.*]] = nn.conv
// CHECK: nn.binary add %[[C]]
func.func @bias(%x: tensor<1x?x1xf32>) -> tensor<1x?x2xf32> {
  %w = nn.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %s = nn.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x?x1xf32>, tensor<2x1x1xf32>) -> tensor<1x?x2xf32>
  %m = nn.binary add %c, %s : (tensor<1x?x2xf32>, tensor<2xf32>) -> tensor<1x?x2xf32>
  return %m : tensor<1x?x2xf32>
}

// The channels of a transposed convolution are interleaved with space: scale and shift apply
// to each phase.
// CHECK-LABEL: @interleaved
// CHECK: %[[W:.*]] = nn.constant dense<{{\[\[\[}}2.000000e+00]], {{\[\[}}8.000000e+00]]]> : tensor<2x1x1xf32>
// CHECK: %[[C:.*]] = nn.conv %{{.*}}, %[[W]]
// CHECK: %[[B:.*]] = nn.constant dense<7.000000e+00> : tensor<2xf32>
// CHECK: %[[A:.*]] = nn.binary add %[[C]], %[[B]] : (tensor<1x9x2xf32>, tensor<2xf32>)
// CHECK: %[[R:.*]] = nn.reshape %[[A]]
// CHECK: return %[[R]]
func.func @interleaved(%x: tensor<1x9x1xf32>) -> tensor<1x18x1xf32> {
  %w = nn.constant dense<[[[1.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %s = nn.constant dense<2.0> : tensor<f32>
  %t = nn.constant dense<7.0> : tensor<1xf32>
  %shape = nn.constant dense<[1, 18, 1]> : tensor<3xi64>
  %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x9x1xf32>, tensor<2x1x1xf32>) -> tensor<1x9x2xf32>
  %r = nn.reshape %c, %shape : (tensor<1x9x2xf32>, tensor<3xi64>) -> tensor<1x18x1xf32>
  %m = nn.binary mul %r, %s : (tensor<1x18x1xf32>, tensor<f32>) -> tensor<1x18x1xf32>
  %a = nn.binary add %m, %t : (tensor<1x18x1xf32>, tensor<1xf32>) -> tensor<1x18x1xf32>
  return %a : tensor<1x18x1xf32>
}

// Two groups of one channel in two phases: filters are [group, phase, channel].
// CHECK-LABEL: @phases
// CHECK: nn.constant dense<{{\[\[\[}}2.000000e+00]], {{\[\[}}4.000000e+00]], {{\[\[}}9.000000e+00]], {{\[\[}}1.200000e+01]]]> : tensor<4x1x1xf32>
// CHECK-NEXT: nn.conv
// CHECK-NOT: nn.binary
func.func @phases(%x: tensor<1x9x2xf32>) -> tensor<1x18x2xf32> {
  %w = nn.constant dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]> : tensor<4x1x1xf32>
  %s = nn.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 2 : i64, phases = array<i64: 2>} : (tensor<1x9x2xf32>, tensor<4x1x1xf32>) -> tensor<1x18x2xf32>
  %m = nn.binary mul %c, %s : (tensor<1x18x2xf32>, tensor<2xf32>) -> tensor<1x18x2xf32>
  return %m : tensor<1x18x2xf32>
}
