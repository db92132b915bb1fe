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

// The inner state has the shape of the outer one, and that of the inner one.
// CHECK-LABEL: func.func @nested(
// CHECK-COUNT-2:   bufferization.materialize_in_destination
func.func @nested(%x: tensor<?xf32>, %c: i1) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %r = scf.while (%a = %x) : (tensor<?xf32>) -> tensor<?xf32> {
    scf.condition(%c) %a : tensor<?xf32>
  } do {
  ^bb0(%a: tensor<?xf32>):
    %inner = scf.while (%s = %a) : (tensor<?xf32>) -> tensor<?xf32> {
      scf.condition(%c) %s : tensor<?xf32>
    } do {
    ^bb0(%s: tensor<?xf32>):
      %e = tensor.empty(%d) : tensor<?xf32>
      %y = linalg.exp ins(%s : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
      scf.yield %y : tensor<?xf32>
    }
    scf.yield %inner : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// The outer state is as long as the inner one, which grows: neither stays.
// CHECK-LABEL: func.func @nestedGrowing
// CHECK-NOT:       materialize_in_destination
// CHECK:           return
func.func @nestedGrowing(%x: tensor<?xf32>, %n: index, %c: i1) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.while (%a = %x) : (tensor<?xf32>) -> tensor<?xf32> {
    scf.condition(%c) %a : tensor<?xf32>
  } do {
  ^bb0(%a: tensor<?xf32>):
    %inner = scf.for %i = %c0 to %n step %c1 iter_args(%s = %a) -> tensor<?xf32> {
      %y = tensor.concat dim(0) %s, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
      scf.yield %y : tensor<?xf32>
    }
    scf.yield %inner : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// A branch that hands on what is used elsewhere copies it; the other writes into the state.
// CHECK-LABEL: func.func @shared
// CHECK:           %[[B:.*]] = scf.if
// CHECK-NEXT:        %[[COPY:.*]] = bufferization.alloc_tensor() copy(%arg0)
// CHECK-NEXT:        scf.yield %[[COPY]]
// CHECK-NOT:         alloc_tensor
// CHECK:           materialize_in_destination %[[B]] in
func.func @shared(%x: tensor<4xf32>, %y: tensor<4xf32>, %n: index, %c: i1) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %y) -> tensor<4xf32> {
    %b = scf.if %c -> tensor<4xf32> {
      scf.yield %x : tensor<4xf32>
    } else {
      %e = tensor.empty() : tensor<4xf32>
      %z = linalg.exp ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
      scf.yield %z : tensor<4xf32>
    }
    scf.yield %b : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
