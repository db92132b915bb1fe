// RUN: optc-opt %s --nn-show-shapes --verify-diagnostics

// A known size wins over a symbol, a symbol over 1; what two symbols make is
// one of its own: each of them may be 1.
func.func @broadcast(%x: tensor<?x?xf32> {nn.dims = ["N", "M"]}, %y: tensor<1x3xf32>,
                     %z: tensor<?xf32> {nn.dims = ["K"]}) {
  // expected-remark @+1 {{shape [N, 3]}}
  %a = nn.binary add %x, %y : (tensor<?x?xf32>, tensor<1x3xf32>) -> tensor<?x3xf32>
  // expected-remark @+1 {{shape [N, join[M, K]]}}
  %b = nn.binary add %x, %z : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  // expected-remark @+1 {{shape [N, 3]}}
  %c = nn.compare lt %a, %y : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x3xi1>
  // expected-remark @+1 {{shape [N, 3]}}
  %d = nn.select %c, %y, %z : (tensor<?x3xi1>, tensor<1x3xf32>, tensor<?xf32>) -> tensor<?x3xf32>
  // expected-remark @+1 {{shape [N, 3]}}
  %e = nn.cast %d : tensor<?x3xf32> -> tensor<?x3xi64>
  return
}

// Integer arithmetic on sizes cancels what it can.
func.func @arithmetic(%x: tensor<?x?xf32> {nn.dims = ["N", "M"]}) {
  %one = nn.constant dense<1> : tensor<2xi64>
  %four = nn.constant dense<4> : tensor<1xi64>
  // expected-remark @+1 {{elements [N, M]}}
  %s = nn.shape %x : tensor<?x?xf32> -> tensor<2xi64>
  // expected-remark @+1 {{elements [(N + 1), (M + 1)]}}
  %a = nn.binary add %s, %one : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{elements [1, 1]}}
  %b = nn.binary sub %a, %s : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{elements [(N * 4), (M * 4)]}}
  %c = nn.binary mul %s, %four : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{elements [N, M]}}
  %d = nn.binary div %c, %four : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{elements [(N % 4), (M % 4)]}}
  %e = nn.binary mod %s, %four : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{elements [N, M]}}
  %f = nn.binary max %s, %d : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{elements [(N * -1), (M * -1)]}}
  %g = nn.unary neg %s : tensor<2xi64> -> tensor<2xi64>
  // expected-remark @+1 {{elements [N, M]}}
  %h = nn.unary abs %s : tensor<2xi64> -> tensor<2xi64>
  return
}

// What is not an expression over sizes has no elements: division of what may be negative, the
// larger of two sizes, floats.
func.func @unknown(%x: tensor<?x?xf32> {nn.dims = ["N", "M"]}, %i: tensor<2xi64>) {
  %four = nn.constant dense<4> : tensor<1xi64>
  // expected-remark @+1 {{shape [2], elements [N, M]}}
  %s = nn.shape %x : tensor<?x?xf32> -> tensor<2xi64>
  // expected-remark-re @+1 {{{{^}}shape [2]{{$}}}}
  %a = nn.binary max %s, %four : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  // expected-remark-re @+1 {{{{^}}shape [2]{{$}}}}
  %b = nn.binary div %i, %four : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  // expected-remark-re @+1 {{{{^}}shape [2]{{$}}}}
  %c = nn.cast %s : tensor<2xi64> -> tensor<2xf32>
  // expected-remark-re @+1 {{shape [2], elements [({{s[0-9]+}} * 4), ({{s[0-9]+}} * 4)]}}
  %d = nn.binary mul %i, %four : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  return
}

// Known conditions choose between elements.
func.func @choices(%x: tensor<?x?xf32> {nn.dims = ["N", "M"]}) {
  %k = nn.constant dense<[-1, 7]> : tensor<2xi64>
  %zero = nn.constant dense<0> : tensor<1xi64>
  // expected-remark @+1 {{elements [N, M]}}
  %s = nn.shape %x : tensor<?x?xf32> -> tensor<2xi64>
  // expected-remark @+1 {{elements [1, 0]}}
  %c = nn.compare lt %k, %zero : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi1>
  // expected-remark @+1 {{elements [0, 1]}}
  %n = nn.unary not %c : tensor<2xi1> -> tensor<2xi1>
  // expected-remark @+1 {{elements [N, 7]}}
  %r = nn.select %c, %s, %k : (tensor<2xi1>, tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  return
}

// What sizes decide is known, whatever the run; a truth that decides alone makes the rest irrelevant.
func.func @decisions(%x: tensor<?x?xf32> {nn.dims = ["N", "M"]}, %flag: tensor<i1>) {
  %zeros = nn.constant dense<0> : tensor<2xi64>
  %minus = nn.constant dense<-1> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<2xi64>
  %false = nn.constant dense<false> : tensor<i1>
  // expected-remark @+1 {{elements [N, M]}}
  %s = nn.shape %x : tensor<?x?xf32> -> tensor<2xi64>
  // expected-remark @+1 {{elements [(N + 1), (M + 1)]}}
  %t = nn.binary add %s, %one : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  // expected-remark @+1 {{elements [1, 1]}}
  %a = nn.compare eq %s, %s : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi1>
  // expected-remark @+1 {{elements [0, 0]}}
  %b = nn.compare eq %t, %s : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi1>
  // expected-remark @+1 {{elements [1, 1]}}
  %c = nn.compare ge %s, %zeros : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi1>
  // expected-remark @+1 {{elements [1, 1]}}
  %d = nn.compare lt %minus, %s : (tensor<1xi64>, tensor<2xi64>) -> tensor<2xi1>
  // expected-remark-re @+1 {{{{^}}shape [2]{{$}}}}
  %e = nn.compare gt %s, %zeros : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi1>
  // expected-remark @+1 {{elements [1, 1]}}
  %f = nn.binary xor %b, %c : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  // expected-remark @+1 {{elements [0]}}
  %g = nn.binary and %flag, %false : (tensor<i1>, tensor<i1>) -> tensor<i1>
  // expected-remark-re @+1 {{{{^}}shape []{{$}}}}
  %h = nn.binary or %flag, %false : (tensor<i1>, tensor<i1>) -> tensor<i1>
  // expected-remark @+1 {{elements [1, 1]}}
  %i = nn.cast %t : tensor<2xi64> -> tensor<2xi1>
  // expected-remark-re @+1 {{{{^}}shape [2]{{$}}}}
  %j = nn.cast %s : tensor<2xi64> -> tensor<2xi1>
  return
}

// Numbers are those of their type: they wrap around.
func.func @wraps(%x: tensor<?xf32> {nn.dims = ["N"]}) {
  %max = nn.constant dense<9223372036854775807> : tensor<1xi64>
  %min = nn.constant dense<-9223372036854775808> : tensor<1xi64>
  %minus = nn.constant dense<-1> : tensor<1xi64>
  %seven = nn.constant dense<-7> : tensor<1xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  %byte = nn.constant dense<200> : tensor<1xui8>
  // expected-remark @+1 {{elements [-1]}}
  %a = nn.cast %max : tensor<1xi64> -> tensor<1xi32>
  // expected-remark @+1 {{elements [144]}}
  %b = nn.binary add %byte, %byte : (tensor<1xui8>, tensor<1xui8>) -> tensor<1xui8>
  // expected-remark @+1 {{elements [-9223372036854775808]}}
  %c = nn.binary sub %max, %minus : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // expected-remark @+1 {{elements [-3]}}
  %d = nn.binary div %seven, %two : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // expected-remark @+1 {{elements [1]}}
  %e = nn.binary mod %seven, %two : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // expected-remark-re @+1 {{{{^}}shape [1]{{$}}}}
  %f = nn.binary div %min, %minus : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // expected-remark @+1 {{elements [N]}}
  %s = nn.shape %x : tensor<?xf32> -> tensor<1xi64>
  // A size that may not fit.
  // expected-remark-re @+1 {{{{^}}shape [1]{{$}}}}
  %g = nn.cast %s : tensor<1xi64> -> tensor<1xi8>
  return
}
