// RUN: optc-opt %s --host-lower-runtime | FileCheck %s

// CHECK-LABEL: func @packed
func.func @packed(%x: memref<?x9xi8>, %o: memref<?x4xi64>) {
  // CHECK: %[[TYPE:.*]] = arith.constant 6 : i64
  // CHECK: %[[UP:.*]] = arith.constant 0 : i64
  // CHECK: llvm.call @optc_rt_argsort({{.*}}, %[[TYPE]], %[[UP]])
  kernel.argsort ins(%x : memref<?x9xi8>) outs(%o : memref<?x4xi64>) {isUnsigned}
  return
}

// Rows that are not packed go through scratch.
// CHECK-LABEL: func @strided
func.func @strided(%x: memref<9xf32, strided<[2]>>, %o: memref<4xi64, strided<[2]>>) {
  // CHECK: llvm.call @optc_rt_scratch
  // CHECK: memref.store
  // CHECK: llvm.call @optc_rt_scratch
  // CHECK: llvm.call @optc_rt_argsort
  // CHECK: memref.store
  kernel.argsort ins(%x : memref<9xf32, strided<[2]>>) outs(%o : memref<4xi64, strided<[2]>>)
  return
}
