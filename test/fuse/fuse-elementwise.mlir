// RUN: optc-opt %s --fuse-elementwise --split-input-file | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>

// A chain becomes one loop, an operand that broadcasts goes with it.
// CHECK-LABEL: @chain
// CHECK: linalg.generic {{.*}} ins(%arg0, %arg1 : tensor<?x4xf32>, tensor<4xf32>)
// CHECK: %[[S:.*]] = arith.addf
// CHECK: %[[E:.*]] = math.exp %[[S]]
// CHECK: linalg.yield %[[E]]
// CHECK-NOT: linalg.generic
func.func @chain(%x: tensor<?x4xf32>, %b: tensor<4xf32>, %i: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<?x4xf32>, tensor<4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<?x4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// -----

#id = affine_map<(i, j) -> (i, j)>

// Left alone: computed once for two users.
// CHECK-LABEL: @two_users
// CHECK-COUNT-3: linalg.generic
func.func @two_users(%x: tensor<?x4xf32>, %i: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<?x4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.negf %p : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<?x4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.sqrt %p : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  return %1, %2 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

#one = affine_map<(i) -> (i)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>

// Left alone: each exponential would be computed once per row.
// CHECK-LABEL: @broadcast
// CHECK-COUNT-2: linalg.generic
func.func @broadcast(%b: tensor<4xf32>, %j: tensor<4xf32>, %x: tensor<?x4xf32>, %i: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]}
      ins(%b : tensor<4xf32>) outs(%j : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %0 : tensor<?x4xf32>, tensor<4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>

// A producer that only repeats its operand is joined even with two users.
// CHECK-LABEL: @trivial
// CHECK-COUNT-2: linalg.generic {{.*}} ins(%arg0 : tensor<4xf32>)
// CHECK-NOT: linalg.generic
func.func @trivial(%b: tensor<4xf32>, %i: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<?x4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<?x4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<?x4xf32>) outs(%i : tensor<?x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.negf %p : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  return %1, %2 : tensor<?x4xf32>, tensor<?x4xf32>
}

// Sizes that become constants here: the pass ends.
// CHECK-LABEL: @size_becomes_known
// CHECK: linalg.generic
func.func @size_becomes_known(%x: tensor<?xf32>, %n: index) -> tensor<?x?xf32> {
  %zero = arith.subi %n, %n : index
  %empty = tensor.empty(%zero, %n) : tensor<?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      outs(%empty : tensor<?x?xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 1 : index
    %e = tensor.extract %x[%i] : tensor<?xf32>
    linalg.yield %e : f32
  } -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// -----

#before = affine_map<(h, i, w, c) -> (h, w, c)>
#after = affine_map<(h, w, j, c) -> (h, w, c)>
#id = affine_map<(h, i, w, c) -> (h, i, w, c)>

// An image is enlarged by one op, not along one dim after the other.
// CHECK-LABEL: @enlarge
// CHECK: linalg.generic {{.*}} ins(%arg0 : tensor<?x20x24xf32>) outs(%{{.*}} : tensor<?x2x20x3x24xf32>)
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2, 3], [4]]
// CHECK-NOT: linalg.generic
func.func @enlarge(%x: tensor<?x20x24xf32>, %i: tensor<?x2x20x24xf32>, %j: tensor<?x20x3x24xf32>) -> tensor<?x60x24xf32> {
  %0 = linalg.generic {indexing_maps = [#before, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x20x24xf32>) outs(%i : tensor<?x2x20x24xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<?x2x20x24xf32>
  %1 = tensor.collapse_shape %0 [[0, 1], [2], [3]] : tensor<?x2x20x24xf32> into tensor<?x20x24xf32>
  %2 = linalg.generic {indexing_maps = [#after, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%1 : tensor<?x20x24xf32>) outs(%j : tensor<?x20x3x24xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<?x20x3x24xf32>
  %3 = tensor.collapse_shape %2 [[0], [1, 2], [3]] : tensor<?x20x3x24xf32> into tensor<?x60x24xf32>
  return %3 : tensor<?x60x24xf32>
}

// The sum is written where it belongs: no reshape comes behind it.
// CHECK-LABEL: @stays
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: tensor.collapse_shape
// CHECK: return
func.func @stays(%x: tensor<5x20x24xf32>, %i: tensor<5x2x20x24xf32>, %j: tensor<10x20x24xf32>) -> tensor<10x20x24xf32> {
  %0 = linalg.generic {indexing_maps = [#before, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<5x20x24xf32>) outs(%i : tensor<5x2x20x24xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<5x2x20x24xf32>
  %1 = tensor.collapse_shape %0 [[0, 1], [2], [3]] : tensor<5x2x20x24xf32> into tensor<10x20x24xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(h, w, c) -> (h, w, c)>, affine_map<(h, w, c) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%1 : tensor<10x20x24xf32>) outs(%j : tensor<10x20x24xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<10x20x24xf32>
  return %2 : tensor<10x20x24xf32>
}
