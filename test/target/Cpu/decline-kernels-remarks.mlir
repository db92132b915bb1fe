// RUN: optc-opt %s --cpu-decline-kernels --remark-format=emitRemark --remarks-filter='.*' --verify-diagnostics -o /dev/null

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
#across = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (n, m)>]

func.func @kept(%a: tensor<?x8xf32>, %b: tensor<8x4xf32>, %i: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<?x8xf32>, tensor<8x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x4xf32>
}

func.func @double_precision(%a: tensor<?x8xf64>, %b: tensor<8x4xf64>, %i: tensor<?x4xf64>) -> tensor<?x4xf64> {
  // expected-remark @below {{[Missed] kernel | Category:cpu-decline-kernels | op=kernel.matmul, reason="neither f32 nor bf16, nor 8-bit integers"}}
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<?x8xf64>, tensor<8x4xf64>, tensor<?x4xf64>) -> tensor<?x4xf64> {
  ^bb0(%acc: f64):
    kernel.yield %acc : f64
  }
  return %0 : tensor<?x4xf64>
}

func.func @stored_across(%a: tensor<?x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x?xf32>) -> tensor<4x?xf32> {
  // expected-remark @below {{reason="the result is stored across its columns"}}
  %0 = kernel.matmul %a, %b into %i {maps = #across} : (tensor<?x8xf32>, tensor<8x4xf32>, tensor<4x?xf32>) -> tensor<4x?xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<4x?xf32>
}
