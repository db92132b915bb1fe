// RUN: optc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(state-bind-inputs),canonicalize,cse)' | FileCheck %s

// The mask is true, so that `or` with it is; positions go on from the length; sizes of the past are not those of the cache.
// CHECK-LABEL: func.func @decoder(
// CHECK-SAME: %[[TOKENS:.*]]: tensor<?x?xi64> {nn.dims = ["batch", "new"], nn.name = "tokens"}, %[[K:.*]]: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "k"}, %[[V:.*]]: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "v"}, %[[LENGTH:.*]]: tensor<1xi64> {nn.name = "optc.length"})
// CHECK: %[[RANGE:.*]] = nn.range
// CHECK: %[[PLACES:.*]] = nn.binary add %[[RANGE]], %[[LENGTH]]
// CHECK: %[[ALL:.*]] = nn.expand %[[PLACES]]
// CHECK: %[[SHAPE:.*]] = nn.concat %{{.*}}, %{{.*}}, %[[LENGTH]], %{{.*}} {axis = 0 : i64}
// CHECK: nn.gather %{{.*}}, %[[ALL]]
// CHECK: %[[PAST:.*]] = nn.slice %[[SHAPE]]
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} offset %[[PAST]] {after = 0 : i64
func.func @decoder(%tokens: tensor<?x?xi64> {nn.dims = ["batch", "new"], nn.name = "tokens"},
                   %mask: tensor<?x?xi64> {nn.dims = ["batch", "all"], nn.name = "a mask"},
                   %places: tensor<?x?xi64> {nn.dims = ["batch", "new"], nn.name = "places"},
                   %k: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "k"},
                   %v: tensor<?x2x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "v"})
    -> (tensor<?x?x100xf32> {nn.name = "scores"}, tensor<?x2x?x8xf32> {nn.name = "new k"}, tensor<?x2x?x8xf32> {nn.name = "new v"}) {
  %words = nn.constant dense<1.0> : tensor<100x16xf32>
  %angles = nn.constant dense<1.0> : tensor<64x16xf32>
  %head = nn.constant dense<1.0> : tensor<16x100xf32>
  %heads = nn.constant dense<[0, 0, 2, 8]> : tensor<4xi64>
  %flat = nn.constant dense<[0, 0, 16]> : tensor<3xi64>
  %ones = nn.constant dense<[1, 1]> : tensor<2xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  %three = nn.constant dense<3> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %a = nn.gather %words, %tokens {axis = 0 : i64} : (tensor<100x16xf32>, tensor<?x?xi64>) -> tensor<?x?x16xf32>
  %b = nn.gather %angles, %places {axis = 0 : i64} : (tensor<64x16xf32>, tensor<?x?xi64>) -> tensor<?x?x16xf32>
  %x = nn.binary add %a, %b : (tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %r = nn.reshape %x, %heads : (tensor<?x?x16xf32>, tensor<4xi64>) -> tensor<?x?x2x8xf32>
  %q = nn.transpose %r [0, 2, 1, 3] : tensor<?x?x2x8xf32> -> tensor<?x2x?x8xf32>
  %all_k = nn.concat %k, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %all_v = nn.concat %v, %q {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %shape = nn.shape %k : tensor<?x2x?x8xf32> -> tensor<4xi64>
  %past = nn.slice %shape, %two, %three, %one [0] : (tensor<4xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %kept = nn.cast %mask : tensor<?x?xi64> -> tensor<?x?xi1>
  %y = nn.attention %q, %all_k, %all_v mask %kept offset %past {after = 0 : i64, scale = 1.0 : f64}
      : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x?xi1>, tensor<1xi64>) -> tensor<?x2x?x8xf32>
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<?x2x?x8xf32> -> tensor<?x?x2x8xf32>
  %z = nn.reshape %t, %flat : (tensor<?x?x2x8xf32>, tensor<3xi64>) -> tensor<?x?x16xf32>
  %scores = nn.matmul %z, %head : (tensor<?x?x16xf32>, tensor<16x100xf32>) -> tensor<?x?x100xf32>
  return %scores, %all_k, %all_v : tensor<?x?x100xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
}

// -----

// Masks that say the same everywhere are gone, whatever they are made of; what is left is causal.
// CHECK-LABEL: func.func @masks(
// CHECK: %[[CAUSAL:.*]] = nn.compare le
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} mask %[[CAUSAL]] {
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} {scale
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} {scale
func.func @masks(%tokens: tensor<?x?xi64> {nn.dims = ["batch", "new"], nn.name = "tokens"},
                 %mask: tensor<?x?xi64> {nn.dims = ["batch", "all"], nn.name = "mask"},
                 %k: tensor<?x1x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "k"},
                 %v: tensor<?x1x?x8xf32> {nn.dims = ["batch", "", "past", ""], nn.name = "v"})
    -> (tensor<?x1x?x8xf32> {nn.name = "scores"}, tensor<?x1x?x8xf32> {nn.name = "new k"}, tensor<?x1x?x8xf32> {nn.name = "new v"}) {
  %words = nn.constant dense<1.0> : tensor<8x8xf32>
  %x = nn.gather %words, %tokens {axis = 0 : i64} : (tensor<8x8xf32>, tensor<?x?xi64>) -> tensor<?x?x8xf32>
  %heads = nn.constant dense<[0, 1, -1, 8]> : tensor<4xi64>
  %q = nn.reshape %x, %heads : (tensor<?x?x8xf32>, tensor<4xi64>) -> tensor<?x1x?x8xf32>
  %all_k = nn.concat %k, %q {axis = 2 : i64} : (tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>) -> tensor<?x1x?x8xf32>
  %all_v = nn.concat %v, %q {axis = 2 : i64} : (tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>) -> tensor<?x1x?x8xf32>
  %shape = nn.shape %mask : tensor<?x?xi64> -> tensor<2xi64>
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %first = nn.constant dense<1> : tensor<1xi64>
  %second = nn.constant dense<2> : tensor<1xi64>
  %all = nn.slice %shape, %first, %second, %first [0] : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %scalar = nn.constant dense<> : tensor<0xi64>
  %count = nn.reshape %all, %scalar {allowZero} : (tensor<1xi64>, tensor<0xi64>) -> tensor<i64>
  %keys = nn.range %zero, %count, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %column = nn.constant dense<[-1, 1]> : tensor<2xi64>
  %queries = nn.reshape %keys, %column : (tensor<?xi64>, tensor<2xi64>) -> tensor<?x1xi64>
  %causal = nn.compare le %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  %four = nn.constant dense<[0, 1, 1, -1]> : tensor<4xi64>
  %kept = nn.reshape %mask, %four : (tensor<?x?xi64>, tensor<4xi64>) -> tensor<?x1x1x?xi64>
  %isKept = nn.cast %kept : tensor<?x1x1x?xi64> -> tensor<?x1x1x?xi1>
  %both = nn.binary and %isKept, %causal : (tensor<?x1x1x?xi1>, tensor<?x?xi1>) -> tensor<?x1x?x?xi1>
  %either = nn.binary or %isKept, %causal : (tensor<?x1x1x?xi1>, tensor<?x?xi1>) -> tensor<?x1x?x?xi1>
  %number = nn.cast %kept : tensor<?x1x1x?xi64> -> tensor<?x1x1x?xf32>
  %unit = nn.constant dense<1.0> : tensor<f32>
  %least = nn.constant dense<-3.0e38> : tensor<f32>
  %left = nn.binary sub %unit, %number : (tensor<f32>, tensor<?x1x1x?xf32>) -> tensor<?x1x1x?xf32>
  %added = nn.binary mul %left, %least : (tensor<?x1x1x?xf32>, tensor<f32>) -> tensor<?x1x1x?xf32>
  %a = nn.attention %q, %all_k, %all_v mask %both {scale = 1.0 : f64} : (tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x?xi1>) -> tensor<?x1x?x8xf32>
  %b = nn.attention %a, %all_k, %all_v mask %either {scale = 1.0 : f64} : (tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x?xi1>) -> tensor<?x1x?x8xf32>
  %c = nn.attention %b, %all_k, %all_v mask %added {scale = 1.0 : f64} : (tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x1x?xf32>) -> tensor<?x1x?x8xf32>
  return %c, %all_k, %all_v : tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
}
