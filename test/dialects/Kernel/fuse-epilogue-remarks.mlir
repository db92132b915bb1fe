// RUN: optc-opt %s --kernel-fuse-epilogue --split-input-file --remark-format=emitRemark --remarks-filter='.*' --verify-diagnostics -o /dev/null

#id = affine_map<(m, n) -> (m, n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

func.func @made(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-remark @below {{[Passed] epilogue | Category:kernel-fuse-epilogue | op=kernel.matmul, with=linalg.generic}}
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%i : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.negf %p : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

// -----

#id = affine_map<(m, n) -> (m, n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

func.func @two_users(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  // expected-remark @below {{op=kernel.matmul, reason="the result has several consumers", with=linalg.generic}}
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%i : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.negf %p : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  return %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
}

// -----

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

func.func @reshaped(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x4xf32>) -> tensor<16xf32> {
  // expected-remark @below {{reason="the consumer is no linalg.generic", with=tensor.collapse_shape}}
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = tensor.collapse_shape %0 [[0, 1]] : tensor<4x4xf32> into tensor<16xf32>
  return %1 : tensor<16xf32>
}

// -----

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// Nothing to fuse with is no fusion refused.
func.func @chain_of_kernels(%a: tensor<4x8xf32>, %b: tensor<8x8xf32>, %i: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = kernel.matmul %0, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %1 : tensor<4x8xf32>
}
