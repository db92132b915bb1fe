// RUN: optc-opt %s --nn-show-shapes --verify-diagnostics

func.func @gathers(%x: tensor<?x?x3xf32> {nn.dims = ["N", "M", ""]}, %i: tensor<?x2xi64> {nn.dims = ["K", ""]},
                   %e: tensor<?x?x2xi64> {nn.dims = ["N", "K", ""]}, %n: tensor<?x5x1xi64> {nn.dims = ["N", "", ""]}) {
  // expected-remark @+1 {{shape [N, K, 2, 3]}}
  %a = nn.gather %x, %i {axis = 1 : i64} : (tensor<?x?x3xf32>, tensor<?x2xi64>) -> tensor<?x?x2x3xf32>
  // expected-remark @+1 {{shape [N, K, 2]}}
  %b = nn.gather_elements %x, %e {axis = 1 : i64} : (tensor<?x?x3xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2xf32>
  // expected-remark @+1 {{shape [N, 5, 3]}}
  %c = nn.gather_nd %x, %n {batchDims = 1 : i64} : (tensor<?x?x3xf32>, tensor<?x5x1xi64>) -> tensor<?x5x3xf32>
  return
}

// A gather from sizes picks expressions.
func.func @gather_of_sizes(%x: tensor<?x?x3xf32> {nn.dims = ["N", "M", ""]}) {
  %i = nn.constant dense<[-1, 1]> : tensor<2xi64>
  %j = nn.constant dense<0> : tensor<i64>
  // expected-remark @+1 {{elements [N, M, 3]}}
  %s = nn.shape %x : tensor<?x?x3xf32> -> tensor<3xi64>
  // expected-remark @+1 {{shape [2], elements [3, M]}}
  %a = nn.gather %s, %i {axis = 0 : i64} : (tensor<3xi64>, tensor<2xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{shape [], elements [N]}}
  %b = nn.gather %s, %j {axis = 0 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  return
}

// Scatters have the shape of what they write into; how much is not zero only the data knows.
func.func @data(%x: tensor<?x3xf32> {nn.dims = ["N", ""]}, %i: tensor<?x2xi64> {nn.dims = ["K", ""]}, %u: tensor<?x2xf32>,
                %j: tensor<?x1xi64>, %v: tensor<?x3xf32>) {
  // expected-remark @+1 {{shape [N, 3]}}
  %a = nn.scatter_elements %x, %i, %u {axis = 1 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
  // expected-remark @+1 {{shape [N, 3]}}
  %b = nn.scatter_nd %x, %j, %v : (tensor<?x3xf32>, tensor<?x1xi64>, tensor<?x3xf32>) -> tensor<?x3xf32>
  // expected-remark-re @+1 {{shape [2, {{s[0-9]+}}]}}
  %c = nn.nonzero %x : tensor<?x3xf32> -> tensor<2x?xi64>
  return
}

func.func @reductions(%x: tensor<?x?x3xf32> {nn.dims = ["N", "M", ""]}, %m: tensor<3xi1>, %k: tensor<1xi64>) {
  %mask = nn.constant dense<[false, true, true]> : tensor<3xi1>
  %two = nn.constant dense<2> : tensor<1xi64>
  // expected-remark @+1 {{shape [N, 1, 3]}}
  %a = nn.reduce sum %x [1] : tensor<?x?x3xf32> -> tensor<?x1x3xf32>
  // expected-remark-re @+1 {{shape [{{s[0-9]+}}, {{s[0-9]+}}, {{s[0-9]+}}]}}
  %b = nn.reduce_masked sum %x, %m : (tensor<?x?x3xf32>, tensor<3xi1>) -> tensor<?x?x?xf32>
  // expected-remark @+1 {{shape [N, 1, 1]}}
  %c = nn.reduce_masked sum %x, %mask : (tensor<?x?x3xf32>, tensor<3xi1>) -> tensor<?x1x1xf32>
  // expected-remark @+1 {{shape [N, M, 1]}}
  %d = nn.arg_reduce max %x {axis = 2 : i64} : tensor<?x?x3xf32> -> tensor<?x?x1xi64>
  // expected-remark @+1 {{shape [N, M, 3]}}
  %e = nn.cumulative sum %x {axis = 2 : i64} : tensor<?x?x3xf32> -> tensor<?x?x3xf32>
  // expected-remark @+1 {{shape [N, M, 2]}}
  %f = nn.argsort %x, %two : (tensor<?x?x3xf32>, tensor<1xi64>) -> tensor<?x?x2xi64>
  // expected-remark @+1 {{elements [N, M, 3]}}
  %s = nn.shape %x : tensor<?x?x3xf32> -> tensor<3xi64>
  // expected-remark @+1 {{shape [1], elements [((N * M) * 3)]}}
  %g = nn.reduce prod %s [0] : tensor<3xi64> -> tensor<1xi64>
  return
}
