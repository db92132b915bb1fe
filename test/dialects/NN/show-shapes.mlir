// RUN: optc-opt %s --nn-show-shapes --verify-diagnostics

// A name is one number wherever it stands; sizes without a name have symbols of their own.
func.func @names(%x: tensor<?x3x?xf32> {nn.dims = ["N", "", "W"]}, %y: tensor<?x?xf32> {nn.dims = ["W", "N"]},
                 %z: tensor<?x?xf32>) {
  // expected-remark @+1 {{shape [N, 3, W]}}
  %a = nn.unary exp %x : tensor<?x3x?xf32> -> tensor<?x3x?xf32>
  // expected-remark @+1 {{shape [N, W]}}
  %b = nn.transpose %y [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
  // expected-remark-re @+1 {{shape [{{s[0-9]+}}, {{s[0-9]+}}]}}
  %c = nn.unary exp %z : tensor<?x?xf32> -> tensor<?x?xf32>
  return
}

// Constants are not reported; the elements of small integer tensors are.
func.func @elements(%x: tensor<?x3xf32> {nn.dims = ["N", ""]}) {
  %two = nn.constant dense<2> : tensor<1xi64>
  %s3 = nn.constant dense<3> : tensor<1xi64>
  // expected-remark @+1 {{shape [2], elements [N, 3]}}
  %s = nn.shape %x : tensor<?x3xf32> -> tensor<2xi64>
  // expected-remark @+1 {{shape [2], elements [(N * 2), 6]}}
  %d = nn.binary mul %s, %two : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{shape [2], elements [((N * 2) / 3), 2]}}
  %e = nn.binary div %d, %s3 : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  return
}
