// RUN: optc-opt %s | optc-opt | FileCheck %s
// RUN: optc-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s --check-prefix=BUFFER
// RUN: optc-opt %s --canonicalize --cse | FileCheck %s --check-prefix=KEPT

// CHECK-LABEL: func.func @collect
// CHECK:         %[[L:.*]] = run.list %{{.*}}
// CHECK:         scf.for
// CHECK:           run.append %{{.*}} to %[[L]] : tensor<?x4xf32>
// CHECK:         run.take %[[L]] into %{{.*}} : tensor<?x?x4xf32> -> tensor<?x?x4xf32>
// BUFFER-LABEL: func.func @collect
// BUFFER:         run.append %arg0 to %[[L:.*]] : memref<?x4xf32>
// BUFFER:         %[[A:.*]] = memref.alloc
// BUFFER:         run.take %[[L]] into %[[A]] : memref<?x?x4xf32>
// Two lists are two, however equal they look; rows are taken behind the loop.
// KEPT-LABEL: func.func @collect
// KEPT-COUNT-2: run.list
// KEPT:         scf.for
// KEPT:         run.take
func.func @collect(%row: tensor<?x4xf32>, %n: index) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %l = run.list %n
  %m = run.list %n
  scf.for %i = %c0 to %n step %c1 {
    run.append %row to %l : tensor<?x4xf32>
    run.append %row to %m : tensor<?x4xf32>
  }
  %size = tensor.dim %row, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n, %size) : tensor<?x?x4xf32>
  %all = run.take %l into %e : tensor<?x?x4xf32> -> tensor<?x?x4xf32>
  return %all : tensor<?x?x4xf32>
}
