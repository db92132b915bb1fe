// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 | FileCheck %s

// CHECK-LABEL: @max
// CHECK: arith.maximumf {{.*}} : vector<16xf32>
// CHECK: vector.store
func.func @max(%x: memref<1x?x?x64xf32>, %c: memref<1x?x?x64xf32>) {
  kernel.pool max %x into %c {window = array<i64: 3, 3>, strides = array<i64: 2, 2>,
      dilations = array<i64: 1, 1>, pads_begin = array<i64: 1, 1>, pads_end = array<i64: 1, 1>}
      : (memref<1x?x?x64xf32>, memref<1x?x?x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Channels that fill no vector are masked.
// CHECK-LABEL: @average
// CHECK: vector.maskedload
// CHECK: arith.divf {{.*}} : vector<16xf32>
// CHECK: vector.maskedstore
func.func @average(%x: memref<1x8x7xf32>, %c: memref<1x4x7xf32>) {
  kernel.pool average %x into %c {window = array<i64: 2>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
      : (memref<1x8x7xf32>, memref<1x4x7xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
