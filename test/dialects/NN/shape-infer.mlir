// RUN: optc-opt %s --nn-show-shapes --verify-diagnostics

// 0 copies a size, -1 is what remains; sizes cancel.
func.func @reshapes(%x: tensor<?x?x384xf32> {nn.dims = ["B", "S", ""]}) {
  %heads = nn.constant dense<[0, 0, 12, -1]> : tensor<4xi64>
  %flat = nn.constant dense<-1> : tensor<1xi64>
  // expected-remark @+1 {{shape [B, S, 12, 32]}}
  %a = nn.reshape %x, %heads : (tensor<?x?x384xf32>, tensor<4xi64>) -> tensor<?x?x12x32xf32>
  // expected-remark @+1 {{shape [((B * S) * 384)]}}
  %b = nn.reshape %a, %flat : (tensor<?x?x12x32xf32>, tensor<1xi64>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [3], elements [B, S, 384]}}
  %s = nn.shape %x : tensor<?x?x384xf32> -> tensor<3xi64>
  // expected-remark @+1 {{shape [B, S, 384]}}
  %c = nn.reshape %b, %s : (tensor<?xf32>, tensor<3xi64>) -> tensor<?x?x384xf32>
  return
}

// A shape from outside: each size is its own number, and may be -1.
func.func @reshape_by_data(%x: tensor<?xf32> {nn.dims = ["N"]}, %s: tensor<2xi64>) {
  // expected-remark-re @+1 {{shape [{{s[0-9]+}}, {{s[0-9]+}}]}}
  %a = nn.reshape %x, %s : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

func.func @concat_and_expand(%x: tensor<?x3xf32> {nn.dims = ["N", ""]}, %y: tensor<2x3xf32>, %v: tensor<1xf32>) {
  // expected-remark @+1 {{shape [((N * 2) + 2), 3]}}
  %a = nn.concat %x, %y, %x {axis = 0 : i64} : (tensor<?x3xf32>, tensor<2x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  // expected-remark @+1 {{elements [N, 3]}}
  %s = nn.shape %x : tensor<?x3xf32> -> tensor<2xi64>
  // expected-remark @+1 {{shape [4], elements [N, 3, N, 3]}}
  %t = nn.concat %s, %s {axis = 0 : i64} : (tensor<2xi64>, tensor<2xi64>) -> tensor<4xi64>
  // expected-remark @+1 {{shape [N, 3, N, 3]}}
  %b = nn.expand %v, %t : (tensor<1xf32>, tensor<4xi64>) -> tensor<?x3x?x3xf32>
  return
}

// Bounds may count from the end, exceed it, or be unknown; steps may be negative.
func.func @slices(%x: tensor<?x9xf32> {nn.dims = ["N", ""]}, %k: tensor<1xi64>) {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  %last = nn.constant dense<-1> : tensor<1xi64>
  %max = nn.constant dense<9223372036854775807> : tensor<1xi64>
  %min = nn.constant dense<-9223372036854775808> : tensor<1xi64>
  // expected-remark @+1 {{shape [positive[(N + -1)], 9]}}
  %a = nn.slice %x, %one, %max, %one [0] : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x9xf32>
  // expected-remark @+1 {{shape [positive[(N + -2)], 9]}}
  %b = nn.slice %x, %one, %last, %one [0] : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x9xf32>
  // expected-remark @+1 {{shape [N, 5]}}
  %c = nn.slice %x, %zero, %max, %two [1] : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x5xf32>
  // expected-remark @+1 {{shape [N, 9]}}
  %d = nn.slice %x, %last, %min, %last [1] : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x9xf32>
  // expected-remark-re @+1 {{shape [N, {{s[0-9]+}}]}}
  %e = nn.slice %x, %zero, %k, %one [1] : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  // expected-remark @+1 {{elements [N, 9]}}
  %s = nn.shape %x : tensor<?x9xf32> -> tensor<2xi64>
  // expected-remark @+1 {{shape [1], elements [9]}}
  %t = nn.slice %s, %last, %max, %one [0] : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  return
}

func.func @pads_and_ranges(%x: tensor<?x9xf32> {nn.dims = ["N", ""]}, %n: tensor<i64>) {
  %pads = nn.constant dense<[1, 0, 2, -4]> : tensor<4xi64>
  %value = nn.constant dense<0.0> : tensor<f32>
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %ten = nn.constant dense<10> : tensor<i64>
  %three = nn.constant dense<3> : tensor<i64>
  // expected-remark @+1 {{shape [(N + 3), 5]}}
  %a = nn.pad constant %x, %pads, %value : (tensor<?x9xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x5xf32>
  // expected-remark @+1 {{shape [4], elements [0, 3, 6, 9]}}
  %b = nn.range %zero, %ten, %three : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<4xi64>
  // expected-remark-re @+1 {{shape [{{s[0-9]+}}]}}
  %c = nn.range %zero, %n, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return
}
