// RUN: optc-opt %s --fuse-elementwise --split-input-file --remark-format=emitRemark --remarks-filter='.*' --verify-diagnostics -o /dev/null

#id = affine_map<(i) -> (i)>

func.func @made(%x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  // expected-remark @below {{[Passed] chain | Category:fuse-elementwise | op=linalg.generic, with=linalg.generic}}
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = arith.negf %a : f32
    linalg.yield %n : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%0 : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = math.exp %a : f32
    linalg.yield %n : f32
  } -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

#id = affine_map<(i) -> (i)>
#row = affine_map<(i, j) -> (i)>
#ij = affine_map<(i, j) -> (i, j)>

func.func @refused(%x: tensor<8xf32>, %e: tensor<8xf32>, %m: tensor<8x9xf32>) -> tensor<8x9xf32> {
  // expected-remark @below {{reason="the consumer reads each element more than once"}}
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = math.exp %a : f32
    linalg.yield %n : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#row, #ij], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<8xf32>) outs(%m : tensor<8x9xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = arith.negf %a : f32
    linalg.yield %n : f32
  } -> tensor<8x9xf32>
  return %1 : tensor<8x9xf32>
}

// -----

#id = affine_map<(i) -> (i)>

func.func @two_users(%x: tensor<8xf32>, %e: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // expected-remark @below {{reason="the producer has other users"}}
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = math.exp %a : f32
    linalg.yield %n : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%0 : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = arith.negf %a : f32
    linalg.yield %n : f32
  } -> tensor<8xf32>
  return %0, %1 : tensor<8xf32>, tensor<8xf32>
}

// -----

#id = affine_map<(i) -> (i)>

func.func @bounded(%x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  // expected-remark @below {{reason="the joined body would be too large"}}
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v0 = math.exp %a0 : f32
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
    linalg.yield %v19 : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%0 : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v0 = math.exp %a0 : f32
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
    linalg.yield %v19 : f32
  } -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

#id = affine_map<(i) -> (i)>

func.func @loop(%n: index, %x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  // expected-remark @below {{reason="the consumer runs in a loop"}}
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = math.exp %a0 : f32
    linalg.yield %r : f32
  } -> tensor<8xf32>
  %r = scf.for %k = %zero to %n step %one iter_args(%s = %x) -> tensor<8xf32> {
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%0 : tensor<8xf32>) outs(%s : tensor<8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.negf %a0 : f32
    linalg.yield %r : f32
  } -> tensor<8xf32>
    scf.yield %1 : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#turned = affine_map<(i, j) -> (j, i)>

func.func @orders(%x: tensor<8x8xf32>, %e: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-remark @below {{reason="the consumer reads the elements in two orders"}}
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = math.exp %a0 : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #turned, #id], iterator_types = ["parallel", "parallel"]} ins(%0, %0 : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}
