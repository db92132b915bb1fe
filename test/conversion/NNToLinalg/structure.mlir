// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// Booleans are bytes in memory, also those that canonicalization made a constant.
// CHECK-LABEL: func @folded
// CHECK: arith.constant dense<1> : tensor<i8>
func.func @folded() -> tensor<i1> attributes {run.entry = #run.entry} {
  %true = arith.constant dense<true> : tensor<i1>
  return %true : tensor<i1>
}

// -----

// What a loop carries and collects follows.
// CHECK-LABEL: func @collected
// CHECK-SAME: %[[X:.*]]: tensor<4xi8>, %[[N:.*]]: index) -> (tensor<?x4xi8>, tensor<?x4xi8>)
// CHECK: %[[L:.*]] = run.list %[[N]]
// CHECK: tensor.empty(%[[N]]) : tensor<?x4xi8>
// CHECK: scf.for {{.*}} -> (tensor<?x4xi8>)
// CHECK:   tensor.insert_slice %[[X]] into %{{.*}} : tensor<4xi8> into tensor<?x4xi8>
// CHECK:   run.append %[[X]] to %[[L]] : tensor<4xi8>
// CHECK: run.take %[[L]] into %{{.*}} : tensor<?x4xi8> -> tensor<?x4xi8>
func.func @collected(%x: tensor<4xi1>, %n: index) -> (tensor<?x4xi1>, tensor<?x4xi1>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %l = run.list %n
  %none = tensor.empty(%n) : tensor<?x4xi1>
  %all = scf.for %i = %c0 to %n step %c1 iter_args(%rows = %none) -> tensor<?x4xi1> {
    %more = tensor.insert_slice %x into %rows[%i, 0] [1, 4] [1, 1] : tensor<4xi1> into tensor<?x4xi1>
    run.append %x to %l : tensor<4xi1>
    scf.yield %more : tensor<?x4xi1>
  }
  %taken = run.take %l into %none : tensor<?x4xi1> -> tensor<?x4xi1>
  return %all, %taken : tensor<?x4xi1>, tensor<?x4xi1>
}
