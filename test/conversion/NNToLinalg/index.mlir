// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// Indices are resolved once per index, not once per element.
// CHECK-LABEL: func @gather
func.func @gather(%x: tensor<9x4xf32>, %i: tensor<?xi64>) -> tensor<?x4xf32> attributes {run.entry = #run.entry} {
  // CHECK: linalg.generic
  // CHECK: run.checked_index
  // CHECK: linalg.generic
  // CHECK-NOT: run.checked_index
  // CHECK: tensor.extract
  %0 = nn.gather %x, %i {axis = 0 : i64} : (tensor<9x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: func @gather_nd
func.func @gather_nd(%x: tensor<?x4x5xf32>, %i: tensor<?x3x1xi64>) -> tensor<?x3x5xf32> attributes {run.entry = #run.entry} {
  // CHECK: run.require %{{.*}}, "node '': batch sizes {0} and {1} differ"
  // CHECK: linalg.generic
  %0 = nn.gather_nd %x, %i {batchDims = 1 : i64} : (tensor<?x4x5xf32>, tensor<?x3x1xi64>) -> tensor<?x3x5xf32>
  return %0 : tensor<?x3x5xf32>
}

// -----

// CHECK-LABEL: func @scatter
func.func @scatter(%x: tensor<4xf32>, %i: tensor<2xi64>, %u: tensor<2xf32>) -> tensor<4xf32> attributes {run.entry = #run.entry} {
  // CHECK: scf.for {{.*}} iter_args(%[[T:.*]] = %arg0)
  // CHECK: %[[I:.*]] = run.checked_index
  // CHECK: tensor.extract %[[T]][%[[I]]]
  // CHECK: arith.addf
  // CHECK: tensor.insert {{.*}} into %[[T]][%[[I]]]
  %0 = nn.scatter_elements %x, %i, %u {axis = 0 : i64, reduction = #nn<reduce_kind sum>}
    : (tensor<4xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func @nonzero
func.func @nonzero(%x: tensor<?x3xi1>) -> tensor<2x?xi64> attributes {run.entry = #run.entry} {
  // CHECK: linalg.generic {{.*}}["reduction", "reduction"]
  // CHECK: %[[N:.*]] = arith.index_cast
  // CHECK: scf.for
  // CHECK: tensor.extract_slice {{.*}}[0, 0] [2, %[[N]]] [1, 1]
  %0 = nn.nonzero %x : tensor<?x3xi1> -> tensor<2x?xi64>
  return %0 : tensor<2x?xi64>
}
