// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-decompose-concat{most-inserts=2}))' | FileCheck %s

// Many pieces go into views of a buffer, which is there before them.
// CHECK-LABEL:  func.func @wide
// CHECK:          %[[ALL:.*]] = memref.alloc() : memref<12xf32>
// CHECK-DAG:      %[[FIRST:.*]] = memref.subview %[[ALL]][0] [4] [1]
// CHECK-DAG:      %[[LAST:.*]] = memref.subview %[[ALL]][8] [4] [1]
// CHECK:          %[[EXP:.*]] = linalg.exp
// CHECK:          bufferization.materialize_in_destination %[[EXP]] in restrict writable %[[FIRST]]
// CHECK:          bufferization.materialize_in_destination %{{.*}} in restrict writable %[[LAST]]
// CHECK:          bufferization.to_tensor %[[ALL]] restrict : memref
// CHECK-NOT:      tensor.concat
func.func @wide(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<12xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %z = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %r = tensor.concat dim(0) %z, %y, %x : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<12xf32>
  return %r, %y : tensor<12xf32>, tensor<4xf32>
}

// What is written to later is copied first: the buffer keeps what it had.
// CHECK-LABEL:  func.func @written
// CHECK:          %[[OWN:.*]] = bufferization.alloc_tensor() copy(%arg0)
// CHECK:          bufferization.materialize_in_destination %[[OWN]] in restrict writable
func.func @written(%x: tensor<4xf32>, %y: tensor<4xf32>, %v: f32) -> (tensor<12xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %r = tensor.concat dim(0) %x, %y, %y : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<12xf32>
  %w = tensor.insert %v into %x[%c0] : tensor<4xf32>
  return %r, %w : tensor<12xf32>, tensor<4xf32>
}

// A piece of a piece is in the memory of the whole.
// CHECK-LABEL:  func.func @nested
// CHECK:          memref.alloc() : memref<20xf32>
// CHECK-NOT:      memref.alloc
// CHECK:          return
func.func @nested(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<20xf32> {
  %i = tensor.concat dim(0) %x, %y, %x : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<12xf32>
  %r = tensor.concat dim(0) %y, %i, %y : (tensor<4xf32>, tensor<12xf32>, tensor<4xf32>) -> tensor<20xf32>
  return %r : tensor<20xf32>
}
