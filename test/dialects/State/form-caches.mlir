// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(state-form-caches),canonicalize,cse)' | FileCheck %s

// Caches are memory with room for more than there is, which attention reads up to the last new token. Scores are those of that token.
// CHECK-LABEL: func.func @decoder(
// CHECK-SAME: %[[TOKENS:.*]]: tensor<?x?xi64> {{[^%]*}}, %[[K:.*]]: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "optc.capacity", ""], nn.name = "k", state.axis = 2 : i64}, %[[V:.*]]: tensor<?x2x?x8xf32> {{.*}}state.axis = 2 : i64}, %[[LENGTH:.*]]: tensor<1xi64> {nn.name = "optc.length"})
// CHECK-SAME: -> (tensor<?x?x100xf32> {nn.name = "scores"})
// CHECK: %[[END:.*]] = nn.binary add %[[LENGTH]],
// CHECK: %[[AK:.*]] = state.append %[[K]], %[[Q:.*]] at %[[LENGTH]] {axis = 2 : i64}
// CHECK: %[[AV:.*]] = state.append %[[V]], %[[Q]] at %[[LENGTH]] {axis = 2 : i64}
// CHECK: nn.attention %[[Q]], %[[AK]], %[[AV]] offset %[[LENGTH]] lengths %[[END]] {after = 0 : i64
// CHECK: %[[LAST:.*]] = nn.slice %{{.*}} [1]
// CHECK: %[[SCORES:.*]] = nn.matmul %[[LAST]],
// CHECK: return %[[SCORES]] : tensor<?x?x100xf32>
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
  %y = nn.attention %q, %all_k, %all_v offset %length {after = 0 : i64, scale = 1.0 : f64}
      : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<1xi64>) -> tensor<?x2x?x8xf32>
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<?x2x?x8xf32> -> tensor<?x?x2x8xf32>
  %z = nn.reshape %t, %flat : (tensor<?x?x2x8xf32>, tensor<3xi64>) -> tensor<?x?x16xf32>
  %scores = nn.matmul %z, %head : (tensor<?x?x16xf32>, tensor<16x100xf32>) -> tensor<?x?x100xf32>
  return %scores, %all_k, %all_v : tensor<?x?x100xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
}
