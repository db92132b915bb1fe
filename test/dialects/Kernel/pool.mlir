// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @max
// CHECK: kernel.pool max %{{.*}} into
func.func @max(%x: tensor<1x9x16xf32>, %c: tensor<1x5x16xf32>) -> tensor<1x5x16xf32> {
  %r = kernel.pool max %x into %c {window = array<i64: 2>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
      : (tensor<1x9x16xf32>, tensor<1x5x16xf32>) -> tensor<1x5x16xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<1x5x16xf32>
}

// CHECK-LABEL: @average
// CHECK: kernel.pool average %{{.*}} into %{{.*}} {count_pads
func.func @average(%x: memref<?x?x?x7xf16>, %c: memref<?x?x?x7xf16>) {
  kernel.pool average %x into %c {window = array<i64: 3, 2>, strides = array<i64: 1, 2>,
      dilations = array<i64: 1, 1>, pads_begin = array<i64: 1, 0>, pads_end = array<i64: 1, 0>, count_pads}
      : (memref<?x?x?x7xf16>, memref<?x?x?x7xf16>) -> () {
  ^bb0(%acc: f16):
    kernel.yield %acc : f16
  }
  return
}
