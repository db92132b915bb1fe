// RUN: optc-opt %s --nn-show-shapes --verify-diagnostics

// floor((size + pads - (window - 1) * dilation - 1) / stride) + 1
func.func @conv(%x: tensor<?x?x?x3xf32> {nn.dims = ["N", "H", "W", ""]}, %w: tensor<8x3x3x3xf32>) {
  // expected-remark @+1 {{shape [N, ((H + 1) / 2), (W + -4), 8]}}
  %a = nn.conv %x, %w {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>, pads = array<i64: 1, 0, 1, 0>,
      group = 1 : i64} : (tensor<?x?x?x3xf32>, tensor<8x3x3x3xf32>) -> tensor<?x?x?x8xf32>
  return
}

// A size that stays is the same expression.
func.func @same(%x: tensor<?x?x4xf32> {nn.dims = ["N", "L", ""]}, %w: tensor<4x1x3xf32>) {
  // expected-remark @+1 {{shape [N, L, 4]}}
  %a = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>,
      group = 4 : i64} : (tensor<?x?x4xf32>, tensor<4x1x3xf32>) -> tensor<?x?x4xf32>
  return
}

// With ceil a window may begin inside and end behind the padding.
func.func @pool(%x: tensor<?x?x4xf32> {nn.dims = ["N", "L", ""]}, %y: tensor<1x6x4xf32>) {
  // expected-remark @+1 {{shape [N, (L / 2), 4]}}
  %a = nn.pool max %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>} : tensor<?x?x4xf32> -> tensor<?x?x4xf32>
  // expected-remark @+1 {{shape [1, 3, 4]}}
  %b = nn.pool max %y {window = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>, ceil} : tensor<1x6x4xf32> -> tensor<1x3x4xf32>
  // expected-remark @+1 {{shape [1, 2, 4]}}
  %c = nn.pool argmax %y {window = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>} : tensor<1x6x4xf32> -> tensor<1x2x4xi64>
  return
}

// Leading dimensions broadcast; the inner sizes are not in the result.
func.func @matmul(%x: tensor<?x?x4xf32> {nn.dims = ["B", "M", ""]}, %y: tensor<12x1x4x?xf32> {nn.dims = ["", "", "", "K"]}) {
  // expected-remark @+1 {{shape [12, B, M, K]}}
  %a = nn.matmul %x, %y : (tensor<?x?x4xf32>, tensor<12x1x4x?xf32>) -> tensor<12x?x?x?xf32>
  // expected-remark @+1 {{shape [12, B, M, K]}}
  %b = nn.softmax %a {axis = 3 : i64} : tensor<12x?x?x?xf32> -> tensor<12x?x?x?xf32>
  // expected-remark @+1 {{shape [12, B, M, K]}}
  %c = nn.normalize mean_variance %b [3] {epsilon = 1.0e-5 : f64} : tensor<12x?x?x?xf32> -> tensor<12x?x?x?xf32>
  return
}

// Each place has one result per phase.
func.func @phases(%x: tensor<?x?x?x4xf32> {nn.dims = ["N", "H", "W", ""]}, %w: tensor<48x4x1x1xf32>) {
  // expected-remark @+1 {{shape [N, (H * 2), (W * 3), 8]}}
  %a = nn.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      group = 1 : i64, phases = array<i64: 2, 3>} : (tensor<?x?x?x4xf32>, tensor<48x4x1x1xf32>) -> tensor<?x?x?x8xf32>
  return
}
