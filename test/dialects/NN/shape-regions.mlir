// RUN: optc-opt %s --nn-show-shapes --verify-diagnostics --split-input-file

// A loop keeps the sizes of its state where its body hands on the same ones.
func.func @kept(%x: tensor<?x?xf32> {nn.dims = ["A", "B"]}, %lower: index, %upper: index, %step: index) {
  %r = scf.for %i = %lower to %upper step %step iter_args(%s = %x) -> tensor<?x?xf32> {
    // expected-remark @+1 {{shape [A, B]}}
    %t = nn.binary add %s, %x : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    scf.yield %t : tensor<?x?xf32>
  }
  // expected-remark @+1 {{shape [B, A]}}
  %u = nn.transpose %r [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
  return
}

// -----

// A size that grows is another one in every iteration, and after the loop.
func.func @grows(%x: tensor<?x?xf32> {nn.dims = ["A", "B"]}, %lower: index, %upper: index, %step: index) {
  %r = scf.for %i = %lower to %upper step %step iter_args(%s = %x) -> tensor<?x?xf32> {
    // expected-remark-re @+1 {{shape [(A + {{s[0-9]+}}), B]}}
    %t = nn.concat %s, %x {axis = 0 : i64} : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    scf.yield %t : tensor<?x?xf32>
  }
  // expected-remark-re @+1 {{shape [B, {{s[0-9]+}}]}}
  %u = nn.transpose %r [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
  return
}

// -----

// The same for scf.while: the condition passes the state through.
func.func @condition(%x: tensor<?xf32> {nn.dims = ["A"]}, %c: i1) {
  %r = scf.while (%s = %x) : (tensor<?xf32>) -> tensor<?xf32> {
    scf.condition(%c) %s : tensor<?xf32>
  } do {
  ^bb0(%s: tensor<?xf32>):
    // expected-remark @+1 {{shape [A]}}
    %t = nn.binary mul %s, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %t : tensor<?xf32>
  }
  // expected-remark @+1 {{shape [A]}}
  %u = nn.unary exp %r : tensor<?xf32> -> tensor<?xf32>
  return
}

// -----

// A branch has the sizes both sides agree on.
func.func @branch(%x: tensor<?x?xf32> {nn.dims = ["A", "B"]}, %y: tensor<?x?xf32> {nn.dims = ["C", "B"]}, %c: i1) {
  %r = scf.if %c -> tensor<?x?xf32> {
    scf.yield %x : tensor<?x?xf32>
  } else {
    scf.yield %y : tensor<?x?xf32>
  }
  // expected-remark-re @+1 {{shape [B, {{s[0-9]+}}]}}
  %u = nn.transpose %r [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
  return
}

// -----

// Rows of a tensor keep its other sizes.
func.func @rows(%x: tensor<?x?xf32> {nn.dims = ["A", "B"]}, %i: index) {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %row = tensor.extract_slice %x[%i, 0] [1, %n] [1, 1] : tensor<?x?xf32> to tensor<?xf32>
  // expected-remark @+1 {{shape [B]}}
  %u = nn.unary exp %row : tensor<?xf32> -> tensor<?xf32>
  return
}
