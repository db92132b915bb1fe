// RUN: optc-opt %s --cpu-emit-rows --canonicalize --cse | FileCheck %s

// Squares of 16 x 16, transposed in registers: 16 loads, 4 x 16 shuffles, 16 stores; then the
// masked ones at the edges.
// CHECK-LABEL: @transpose
// CHECK: kernel.parallel
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
