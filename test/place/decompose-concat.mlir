// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-decompose-concat))' | FileCheck %s
// RUN: optc-opt %s --optc-place | FileCheck %s --check-prefix=PLACE

// CHECK-LABEL: func.func @f
// CHECK-NOT:     tensor.concat
// CHECK:         tensor.insert_slice
// CHECK:         tensor.insert_slice

// Producers write into their part of the output.
// PLACE-LABEL: func.func @f(
// PLACE:         %[[OUT:.*]] = run.output 0
// PLACE:         %[[PART:.*]] = memref.subview %[[OUT]]
// PLACE:         linalg.exp ins(%arg0 : memref<?xf32>) outs(%[[PART]]
// PLACE-NOT:     memref.alloc
func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> attributes {run.entry = #run.entry} {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %z = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %r = tensor.concat dim(0) %z, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
