// RUN: optc-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(func.func(state-form-caches))'

func.func @decoder(%tokens: tensor<?x?xi64> {nn.dims = ["batch", "new"], nn.name = "tokens"},
                   %k: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "k"},
                   %v: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "v"},
                   %length: tensor<1xi64> {nn.name = "optc.length"})
    -> (tensor<?x?x100xf32> {nn.name = "scores"}, tensor<?x2x?x8xf32> {nn.name = "new k"}, tensor<?x2x?x8xf32> {nn.name = "new v"}) {
  %words = nn.constant dense<1.0> : tensor<100x16xf32>
  %head = nn.constant dense<1.0> : tensor<16x100xf32>
  %heads = nn.constant dense<[0, 0, 2, 8]> : tensor<4xi64>
  %flat = nn.constant dense<[0, 0, 16]> : tensor<3xi64>
  %x = nn.gather %words, %tokens {axis = 0 : i64} : (tensor<100x16xf32>, tensor<?x?xi64>) -> tensor<?x?x16xf32>
  %r = nn.reshape %x, %heads : (tensor<?x?x16xf32>, tensor<4xi64>) -> tensor<?x?x2x8xf32>
  %q = nn.transpose %r [0, 2, 1, 3] : tensor<?x?x2x8xf32> -> tensor<?x2x?x8xf32>
  %all_k = nn.concat %k, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %all_v = nn.concat %v, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  // expected-error@+1 {{the first new token is not behind those that are cached}}
  %y = nn.attention %q, %all_k, %all_v {after = 0 : i64, scale = 1.0 : f64}
      : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<?x2x?x8xf32> -> tensor<?x?x2x8xf32>
  %z = nn.reshape %t, %flat : (tensor<?x?x2x8xf32>, tensor<3xi64>) -> tensor<?x?x16xf32>
  %scores = nn.matmul %z, %head : (tensor<?x?x16xf32>, tensor<16x100xf32>) -> tensor<?x?x100xf32>
  return %scores, %all_k, %all_v : tensor<?x?x100xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
}

// -----

func.func @decoder(%tokens: tensor<?x?xi64> {nn.dims = ["batch", "new"], nn.name = "tokens"},
                   %k: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "k"},
                   %v: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "v"},
                   %length: tensor<1xi64> {nn.name = "optc.length"})
    -> (tensor<?x?x100xf32> {nn.name = "scores"}, tensor<?x2x?x8xf32> {nn.name = "new k"}, tensor<?x2x?x8xf32> {nn.name = "new v"}) {
  %words = nn.constant dense<1.0> : tensor<100x16xf32>
  %head = nn.constant dense<1.0> : tensor<16x100xf32>
  %heads = nn.constant dense<[0, 0, 2, 8]> : tensor<4xi64>
  %flat = nn.constant dense<[0, 0, 16]> : tensor<3xi64>
  %x = nn.gather %words, %tokens {axis = 0 : i64} : (tensor<100x16xf32>, tensor<?x?xi64>) -> tensor<?x?x16xf32>
  %r = nn.reshape %x, %heads : (tensor<?x?x16xf32>, tensor<4xi64>) -> tensor<?x?x2x8xf32>
  %q = nn.transpose %r [0, 2, 1, 3] : tensor<?x?x2x8xf32> -> tensor<?x2x?x8xf32>
  %all_k = nn.concat %k, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %all_v = nn.concat %v, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  // expected-error@+1 {{a cache of a decoder is read in a way that is not supported: it is no attention}}
  %w = nn.unary abs %all_k : tensor<?x2x?x8xf32> -> tensor<?x2x?x8xf32>
  %y = nn.attention %q, %w, %all_v offset %length {after = 0 : i64, scale = 1.0 : f64}
      : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<1xi64>) -> tensor<?x2x?x8xf32>
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<?x2x?x8xf32> -> tensor<?x?x2x8xf32>
  %z = nn.reshape %t, %flat : (tensor<?x?x2x8xf32>, tensor<3xi64>) -> tensor<?x?x16xf32>
  %scores = nn.matmul %z, %head : (tensor<?x?x16xf32>, tensor<16x100xf32>) -> tensor<?x?x100xf32>
  return %scores, %all_k, %all_v : tensor<?x?x100xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
}

// -----

// expected-error@+1 {{the model is no decoder: no output is an input with tokens behind it}}
func.func @other(%x: tensor<?x?xi64> {nn.name = "x"}) -> tensor<?x?xi64> {
  return %x : tensor<?x?xi64>
}

// -----

// expected-error@+1 {{the input 'mix' of a decoder is neither its tokens, nor a mask or positions of them}}
func.func @decoder(%tokens: tensor<?x?xi64> {nn.dims = ["batch", "new"], nn.name = "tokens"},
                   %k: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "k"},
                   %v: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "v"},
                   %mix: tensor<?xf32> {nn.name = "mix"})
    -> (tensor<?x?x100xf32> {nn.name = "scores"}, tensor<?x2x?x8xf32> {nn.name = "new k"}, tensor<?x2x?x8xf32> {nn.name = "new v"}) {
  %words = nn.constant dense<1.0> : tensor<100x16xf32>
  %head = nn.constant dense<1.0> : tensor<16x100xf32>
  %heads = nn.constant dense<[0, 0, 2, 8]> : tensor<4xi64>
  %flat = nn.constant dense<[0, 0, 16]> : tensor<3xi64>
  %x = nn.gather %words, %tokens {axis = 0 : i64} : (tensor<100x16xf32>, tensor<?x?xi64>) -> tensor<?x?x16xf32>
  %r = nn.reshape %x, %heads : (tensor<?x?x16xf32>, tensor<4xi64>) -> tensor<?x?x2x8xf32>
  %q = nn.transpose %r [0, 2, 1, 3] : tensor<?x?x2x8xf32> -> tensor<?x2x?x8xf32>
  %all_k = nn.concat %k, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %all_v = nn.concat %v, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %y = nn.attention %q, %all_k, %all_v {after = 0 : i64, scale = 1.0 : f64}
      : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<?x2x?x8xf32> -> tensor<?x?x2x8xf32>
  %z = nn.reshape %t, %flat : (tensor<?x?x2x8xf32>, tensor<3xi64>) -> tensor<?x?x16xf32>
  %scores = nn.matmul %z, %head : (tensor<?x?x16xf32>, tensor<16x100xf32>) -> tensor<?x?x100xf32>
  return %scores, %all_k, %all_v : tensor<?x?x100xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
}

// -----

// Nothing is gathered of a table of as many rows as there are scores.
// expected-error@+1 {{the model is no decoder: rows of no vocabulary of 100 tokens}}
func.func @decoder(%tokens: tensor<?x?xi64> {nn.dims = ["batch", "new"], nn.name = "tokens"},
                   %k: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "k"},
                   %v: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "v"},
                   %length: tensor<1xi64> {nn.name = "optc.length"})
    -> (tensor<?x?x100xf32> {nn.name = "scores"}, tensor<?x2x?x8xf32> {nn.name = "new k"}, tensor<?x2x?x8xf32> {nn.name = "new v"}) {
  %words = nn.constant dense<1.0> : tensor<99x16xf32>
  %head = nn.constant dense<1.0> : tensor<16x100xf32>
  %heads = nn.constant dense<[0, 0, 2, 8]> : tensor<4xi64>
  %flat = nn.constant dense<[0, 0, 16]> : tensor<3xi64>
  %x = nn.gather %words, %tokens {axis = 0 : i64} : (tensor<99x16xf32>, tensor<?x?xi64>) -> tensor<?x?x16xf32>
  %r = nn.reshape %x, %heads : (tensor<?x?x16xf32>, tensor<4xi64>) -> tensor<?x?x2x8xf32>
  %q = nn.transpose %r [0, 2, 1, 3] : tensor<?x?x2x8xf32> -> tensor<?x2x?x8xf32>
  %all_k = nn.concat %k, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %all_v = nn.concat %v, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %y = nn.attention %q, %all_k, %all_v offset %length {after = 0 : i64, scale = 1.0 : f64}
      : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<1xi64>) -> tensor<?x2x?x8xf32>
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<?x2x?x8xf32> -> tensor<?x?x2x8xf32>
  %z = nn.reshape %t, %flat : (tensor<?x?x2x8xf32>, tensor<3xi64>) -> tensor<?x?x16xf32>
  %scores = nn.matmul %z, %head : (tensor<?x?x16xf32>, tensor<16x100xf32>) -> tensor<?x?x100xf32>
  return %scores, %all_k, %all_v : tensor<?x?x100xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
}
