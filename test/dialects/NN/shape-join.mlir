// RUN: optc-opt %s --nn-show-shapes --verify-diagnostics --split-input-file

// Sizes that are not known to be equal are joined: to one symbol, however they meet.
func.func @joined(%x: tensor<?xf32> {nn.dims = ["A"]}, %y: tensor<?xf32> {nn.dims = ["B"]}, %z: tensor<?xf32> {nn.dims = ["C"]}) {
  // expected-remark @+1 {{shape [join[A, B]]}}
  %a = nn.binary add %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [join[A, B]]}}
  %b = nn.binary add %y, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [join[A, B]]}}
  %c = nn.binary mul %x, %a : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [join[A, B, C]]}}
  %d = nn.binary mul %z, %a : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [join[A, B, C]]}}
  %e = nn.binary mul %d, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return
}

// -----

// What can not be 1 is the result: static sizes, even ones, those of at least two.
func.func @not_one(%x: tensor<?x?xf32> {nn.dims = ["A", "B"]}, %y: tensor<?x?xf32> {nn.dims = ["C", "D"]}, %five: tensor<5xf32>) {
  // expected-remark @+1 {{shape [A, 5]}}
  %a = nn.binary add %x, %five : (tensor<?x?xf32>, tensor<5xf32>) -> tensor<?x5xf32>
  // expected-remark @+1 {{shape [(C * 2), D]}}
  %b = nn.concat %y, %y {axis = 0 : i64} : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  // expected-remark @+1 {{shape [(C * 2), join[B, D]]}}
  %c = nn.binary add %x, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %pads = nn.constant dense<[1, 0, 1, 0]> : tensor<4xi64>
  %zero = nn.constant dense<0.0> : tensor<f32>
  // expected-remark @+1 {{shape [(A + 2), B]}}
  %p = nn.pad constant %x, %pads, %zero : (tensor<?x?xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x?xf32>
  // expected-remark @+1 {{shape [(A + 2), join[B, D]]}}
  %d = nn.binary add %y, %p : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

// The product requires the joined size to be K: so it is, from the sum on.
func.func @required(%x: tensor<?x?xf32> {nn.dims = ["M", "K"]}, %mask: tensor<?xf32> {nn.dims = ["T"]}, %v: tensor<?x4xf32> {nn.dims = ["K", ""]}) {
  // expected-remark @+1 {{shape [M, K]}}
  %a = nn.binary add %x, %mask : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  // expected-remark @+1 {{shape [M, 4]}}
  %b = nn.matmul %a, %v : (tensor<?x?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

// What only a branch requires is not known outside of it.
func.func @required_in_branch(%x: tensor<?x?xf32> {nn.dims = ["M", "K"]}, %mask: tensor<?xf32> {nn.dims = ["T"]}, %v: tensor<?x4xf32> {nn.dims = ["K", ""]}, %c: i1) {
  // expected-remark @+1 {{shape [M, join[K, T]]}}
  %a = nn.binary add %x, %mask : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  scf.if %c {
    // expected-remark @+1 {{shape [M, 4]}}
    %b = nn.matmul %a, %v : (tensor<?x?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  }
  return
}

// -----

// A slice has no more than there is; a table cut to a computed length is as long as what it meets.
func.func @cut(%x: tensor<?xf32> {nn.dims = ["N"]}, %table: tensor<512xf32>) {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %three = nn.constant dense<3> : tensor<1xi64>
  %most = nn.constant dense<300> : tensor<1xi64>
  %last = nn.constant dense<-1> : tensor<1xi64>
  %fifth = nn.constant dense<-5> : tensor<1xi64>
  // expected-remark @+1 {{shape [least[300, N]]}}
  %a = nn.slice %x, %zero, %most, %one [0] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [least[4, positive[(N + -1)]]]}}
  %b = nn.slice %x, %fifth, %last, %one [0] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [least[((N + 2) / 3), 100]]}}
  %d = nn.slice %x, %zero, %most, %three [0] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  // expected-remark @+1 {{elements [N]}}
  %n = nn.shape %x : tensor<?xf32> -> tensor<1xi64>
  // expected-remark @+1 {{shape [least[512, N]]}}
  %t = nn.slice %table, %zero, %n, %one [0] : (tensor<512xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [N]}}
  %e = nn.binary add %x, %t : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return
}

// -----

// One way of writing a quotient: with a numerator that is not negative.
func.func @quotients(%x: tensor<1x?x1xf32> {nn.dims = ["", "N", ""]}, %f: tensor<1x1x1xf32>) {
  // expected-remark @+1 {{shape [1, ((N + 1) / 2), 1]}}
  %a = nn.conv %x, %f {window = array<i64: 1>, strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, group = 1 : i64}
      : (tensor<1x?x1xf32>, tensor<1x1x1xf32>) -> tensor<1x?x1xf32>
  return
}
