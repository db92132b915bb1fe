// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-loop-state))' | FileCheck %s

// CHECK-LABEL: func.func @staticState
// CHECK:         scf.for {{.*}} iter_args(%[[S:.*]] = %arg0)
// CHECK:           %[[Y:.*]] = linalg.exp
// CHECK:           %[[K:.*]] = bufferization.materialize_in_destination %[[Y]] in %[[S]]
// CHECK:           scf.yield %[[K]]
func.func @staticState(%x: tensor<4xf32>, %n: index) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> tensor<4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %y = linalg.exp ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %y : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// By induction: every state has the size of the first.
// CHECK-LABEL: func.func @dynamicState
// CHECK:           bufferization.materialize_in_destination
func.func @dynamicState(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> tensor<?xf32> {
    %e = tensor.empty(%d) : tensor<?xf32>
    %y = linalg.exp ins(%s : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// CHECK-LABEL: func.func @growing
// CHECK-NOT:       materialize_in_destination
func.func @growing(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> tensor<?xf32> {
    %y = tensor.concat dim(0) %s, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// States that trade places are read before they are overwritten.
// CHECK-LABEL: func.func @swap
// CHECK:         ^bb0(%[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>)
// CHECK:           %[[CB:.*]] = bufferization.alloc_tensor() copy(%[[B]])
// CHECK:           %[[CA:.*]] = bufferization.alloc_tensor() copy(%[[A]])
// CHECK:           materialize_in_destination %[[CB]] in %[[A]]
// CHECK:           materialize_in_destination %[[CA]] in %[[B]]
func.func @swap(%x: tensor<4xf32>, %y: tensor<4xf32>, %c: i1) -> (tensor<4xf32>, tensor<4xf32>) {
  %r:2 = scf.while (%a = %x, %b = %y) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    scf.condition(%c) %a, %b : tensor<4xf32>, tensor<4xf32>
  } do {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    scf.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  }
  return %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
}
