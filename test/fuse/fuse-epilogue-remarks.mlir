// RUN: optc-opt %s --fuse-epilogue --split-input-file --remark-format=emitRemark --remarks-filter='.*' --verify-diagnostics -o /dev/null

#id = affine_map<(m, n) -> (m, n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

func.func @made(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-remark @below {{[Passed] epilogue | Category:fuse-epilogue | op=kernel.matmul, with=linalg.generic}}
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

// -----

#id = affine_map<(m, n) -> (m, n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

func.func @bounded(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %i: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-remark @below {{reason="the joined body would be too large"}}
  %0 = kernel.matmul %a, %b into %i {maps = #maps} : (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%acc: f32):
    %v0 = math.exp %acc : f32
    %v1 = math.exp %v0 : f32
    %v2 = math.exp %v1 : f32
    %v3 = math.exp %v2 : f32
    %v4 = math.exp %v3 : f32
    %v5 = math.exp %v4 : f32
    %v6 = math.exp %v5 : f32
    %v7 = math.exp %v6 : f32
    %v8 = math.exp %v7 : f32
    %v9 = math.exp %v8 : f32
    %v10 = math.exp %v9 : f32
    %v11 = math.exp %v10 : f32
    %v12 = math.exp %v11 : f32
    %v13 = math.exp %v12 : f32
    %v14 = math.exp %v13 : f32
    %v15 = math.exp %v14 : f32
    %v16 = math.exp %v15 : f32
    %v17 = math.exp %v16 : f32
    %v18 = math.exp %v17 : f32
    %v19 = math.exp %v18 : f32
    kernel.yield %v19 : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%i : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %w0 = math.exp %p : f32
    %w1 = math.exp %w0 : f32
    %w2 = math.exp %w1 : f32
    %w3 = math.exp %w2 : f32
    %w4 = math.exp %w3 : f32
    %w5 = math.exp %w4 : f32
    %w6 = math.exp %w5 : f32
    %w7 = math.exp %w6 : f32
    %w8 = math.exp %w7 : f32
    %w9 = math.exp %w8 : f32
    %w10 = math.exp %w9 : f32
    %w11 = math.exp %w10 : f32
    %w12 = math.exp %w11 : f32
    %w13 = math.exp %w12 : f32
    %w14 = math.exp %w13 : f32
    %w15 = math.exp %w14 : f32
    %w16 = math.exp %w15 : f32
    %w17 = math.exp %w16 : f32
    %w18 = math.exp %w17 : f32
    %w19 = math.exp %w18 : f32
    linalg.yield %w19 : f32
  } -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}
