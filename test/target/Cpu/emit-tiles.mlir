// RUN: optc-opt %s --cpu-emit-rows --canonicalize --cse | FileCheck %s

// Squares of 16 x 16, transposed in registers: 16 loads, 4 x 16 shuffles, 16 stores; then the
// masked ones at the edges.
// CHECK-LABEL: @transpose
// CHECK: run.parallel
// CHECK-COUNT-16: vector.load
// CHECK-COUNT-64: vector.shuffle
// CHECK-COUNT-16: vector.store
// CHECK-COUNT-16: vector.maskedload
// CHECK-COUNT-64: vector.shuffle
// CHECK-COUNT-16: vector.maskedstore
func.func @transpose(%a: memref<?x?xf32>, %o: memref<?x?xf32>) {
  linalg.transpose ins(%a : memref<?x?xf32>) outs(%o : memref<?x?xf32>) permutation = [1, 0]
  return
}

// Too narrow for tiles.
// CHECK-LABEL: @narrow
// CHECK-NOT: vector.shuffle
// CHECK: vector.gather
func.func @narrow(%a: memref<?x3xf32>, %o: memref<3x?xf32>) {
  linalg.transpose ins(%a : memref<?x3xf32>) outs(%o : memref<3x?xf32>) permutation = [1, 0]
  return
}

// A planar image becomes pixels: vectors of neighbouring pixels per channel, shuffled.
// CHECK-LABEL: @pixels
// CHECK-COUNT-3: vector.load {{.*}} vector<16xf32>
// CHECK: vector.shuffle {{.*}} [0, 16, 2, 1, 17, 5, 2, 18, 8, 3, 19, 11, 4, 20, 14, 5]
// CHECK: vector.shuffle {{.*}} [0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15]
// CHECK-COUNT-3: vector.store
// CHECK-COUNT-3: vector.maskedload
// CHECK-COUNT-3: vector.maskedstore
func.func @pixels(%a: memref<3x?x?xf32>, %o: memref<?x?x3xbf16>) {
  linalg.generic {indexing_maps = [affine_map<(h, w, c) -> (c, h, w)>, affine_map<(h, w, c) -> (h, w, c)>],
      iterator_types = ["parallel", "parallel", "parallel"]} ins(%a : memref<3x?x?xf32>) outs(%o : memref<?x?x3xbf16>) {
  ^bb0(%x: f32, %y: bf16):
    %0 = arith.truncf %x : f32 to bf16
    linalg.yield %0 : bf16
  }
  return
}
