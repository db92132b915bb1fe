// RUN: optc-opt %s --nn-show-shapes --verify-diagnostics

// Bounds that are computed count from the side that their sign tells; where it does not, the run does.

func.func @negative_size(%x: tensor<?x4xf32> {nn.dims = ["N", ""]}, %y: tensor<?x?xf32> {nn.dims = ["N", "M"]}) {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %max = nn.constant dense<9223372036854775807> : tensor<1xi64>
  // expected-remark @+1 {{elements [N, 4]}}
  %s = nn.shape %x : tensor<?x4xf32> -> tensor<2xi64>
  // expected-remark @+1 {{elements [N]}}
  %n = nn.slice %s, %zero, %one, %one [0] : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // expected-remark @+1 {{elements [(N * -1)]}}
  %minus = nn.unary neg %n : tensor<1xi64> -> tensor<1xi64>
  // expected-remark @+1 {{elements [((N * -1) + -1)]}}
  %less = nn.binary sub %minus, %one : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // All of it, as from the beginning.
  // expected-remark @+1 {{shape [N, 4]}}
  %a = nn.slice %x, %minus, %max, %one [0] : (tensor<?x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>
  // All of it if N is 0, else the last N.
  // expected-remark @+1 {{shape [N, slice[M, (N * -1), 9223372036854775807, 1, least[N, M]]]}}
  %b = nn.slice %y, %minus, %max, %one [1] : (tensor<?x?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  // The last N + 1, whatever N.
  // expected-remark @+1 {{shape [N, least[(N + 1), M]]}}
  %c = nn.slice %y, %less, %max, %one [1] : (tensor<?x?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  // expected-remark @+1 {{shape [N, positive[(((N * -1) + M) + -1)]]}}
  %d = nn.slice %y, %zero, %less, %one [1] : (tensor<?x?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  // From the end to so far from the beginning.
  // expected-remark @+1 {{shape [N, least[N, (N + 1), M, positive[(((N * 2) + (M * -1)) + 1)]]]}}
  %e = nn.slice %y, %less, %n, %one [1] : (tensor<?x?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  return
}

func.func @steps(%x: tensor<?xf32> {nn.dims = ["N"]}) {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  %last = nn.constant dense<-1> : tensor<1xi64>
  %back = nn.constant dense<-3> : tensor<1xi64>
  %max = nn.constant dense<9223372036854775807> : tensor<1xi64>
  %min = nn.constant dense<-9223372036854775808> : tensor<1xi64>
  // expected-remark @+1 {{shape [((N + 1) / 2)]}}
  %a = nn.slice %x, %zero, %max, %two [0] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [((N + 2) / 3)]}}
  %b = nn.slice %x, %last, %min, %back [0] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  // expected-remark-re @+1 {{shape [{{s[0-9]+}}]}}
  %c = nn.slice %x, %back, %min, %last [0] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  // expected-remark @+1 {{shape [1]}}
  %d = nn.slice %two, %zero, %max, %max [0] : (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  return
}

// A size that occurs twice is divided out twice.
func.func @powers(%x: tensor<?x?x?xf32> {nn.dims = ["H", "L", "L"]}) {
  %all = nn.constant dense<-1> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  // expected-remark @+1 {{elements [H, L, L]}}
  %s = nn.shape %x : tensor<?x?x?xf32> -> tensor<3xi64>
  // expected-remark @+1 {{elements [L]}}
  %l = nn.slice %s, %one, %two, %one [0] : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // expected-remark @+1 {{elements [-1, L, L]}}
  %t = nn.concat %all, %l, %l {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>
  // expected-remark @+1 {{shape [H, L, L]}}
  %a = nn.reshape %x, %t : (tensor<?x?x?xf32>, tensor<3xi64>) -> tensor<?x?x?xf32>
  // expected-remark @+1 {{elements [L, -1]}}
  %u = nn.concat %l, %all {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{shape [L, (H * L)]}}
  %b = nn.reshape %x, %u : (tensor<?x?x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}
