// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-outputs))' | FileCheck %s

// An output is asked for as early as its sizes allow; they follow from the input's.
// CHECK-LABEL: func.func @producer(
// CHECK-SAME:    %[[X:.*]]: tensor<?x4xf32> {bufferization.writable = false})
// CHECK-SAME:    inputs = 1, outputs = 1
// CHECK:         %[[N:.*]] = tensor.dim %[[X]]
// CHECK-NEXT:    %[[OUT:.*]] = run.output 0(%[[N]]) : memref<?x4xf32>
// CHECK:         %[[Y:.*]] = linalg.exp
// CHECK-NEXT:    bufferization.materialize_in_destination %[[Y]] in restrict writable %[[OUT]]
// CHECK-NEXT:    return
func.func @producer(%x: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {run.entry = #run.entry} {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %y = linalg.exp ins(%x : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// An input, twice.
// CHECK-LABEL: func.func @inputTwice
// CHECK-DAG:     %[[A:.*]] = run.output 0 : memref<4xf32>
// CHECK-DAG:     %[[B:.*]] = run.output 1 : memref<4xf32>
// CHECK-DAG:     materialize_in_destination %arg0 in restrict writable %[[A]]
// CHECK-DAG:     materialize_in_destination %arg0 in restrict writable %[[B]]
func.func @inputTwice(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) attributes {run.entry = #run.entry} {
  return %x, %x : tensor<4xf32>, tensor<4xf32>
}

// Sizes that come from data are waited for.
// CHECK-LABEL: func.func @dataDependent
// CHECK:         %[[N:.*]] = tensor.extract
// CHECK:         %[[I:.*]] = arith.index_cast %[[N]]
// CHECK:         run.output 0(%[[I]]) : memref<?xf32>
func.func @dataDependent(%x: tensor<i64>, %v: f32) -> tensor<?xf32> attributes {run.entry = #run.entry} {
  %n = tensor.extract %x[] : tensor<i64>
  %i = arith.index_cast %n : i64 to index
  %e = tensor.empty(%i) : tensor<?xf32>
  %y = linalg.fill ins(%v : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// Other functions stay as they are.
// CHECK-LABEL: func.func @helper
// CHECK-NEXT:    return %arg0 : tensor<4xf32>
func.func @helper(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// An output of rank 0 or 2: the memory is asked for where the rank is known.
// CHECK-LABEL: func.func @unranked
// CHECK-SAME:    outputs = 1
// CHECK:         %[[RANK:.*]] = tensor.dim %arg1, %c0
// CHECK:         %[[IS0:.*]] = arith.cmpi eq, %[[RANK]], %c0
// CHECK-NEXT:    %[[COUNT:.*]] = tensor.dim %arg0, %c0
// CHECK:         scf.if %[[IS0]] {
// CHECK-NEXT:      %[[A:.*]] = run.output 0 : memref<f32>
// CHECK:           %[[ROW:.*]] = memref.reinterpret_cast %[[A]] to offset: [0], sizes: [%[[COUNT]]], strides: [1]
// CHECK:           materialize_in_destination %arg0 in restrict writable %[[ROW]]
// CHECK:         arith.cmpi eq, %{{.*}}, %c2
// CHECK:           %[[B:.*]] = run.output 0(%{{.*}}, %{{.*}}) : memref<?x?xf32>
// CHECK-NOT:     run.output
// CHECK:         return
func.func @unranked(%flat: tensor<?xf32>, %shape: tensor<?xi64>)
    -> (tensor<?xf32> {nn.ranks = [0, 2]}, tensor<?xi64> {nn.shape_of = 0 : i64}) attributes {run.entry = #run.entry} {
  return %flat, %shape : tensor<?xf32>, tensor<?xi64>
}
