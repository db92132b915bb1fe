// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-copies-to-linalg))' | FileCheck %s

// CHECK-LABEL: func.func @f
// CHECK-NOT:     memref.copy
// CHECK:         linalg.generic
// CHECK-SAME:        ins(%arg0 : memref<?x4xf32>) outs(%arg1 : memref<?x4xf32, strided<[8, 1]>>)
// CHECK-NOT:     linalg.generic
func.func @f(%x: memref<?x4xf32>, %y: memref<?x4xf32, strided<[8, 1]>>) {
  memref.copy %x, %y : memref<?x4xf32> to memref<?x4xf32, strided<[8, 1]>>
  memref.copy %x, %x : memref<?x4xf32> to memref<?x4xf32>
  return
}
