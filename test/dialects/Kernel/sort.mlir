// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: func @argsort
func.func @argsort(%x: tensor<?x9xf32>, %e: tensor<?x?xi64>) -> tensor<?x?xi64> {
  // CHECK: kernel.argsort ins(%{{.*}} : tensor<?x9xf32>) outs(%{{.*}} : tensor<?x?xi64>) {descending} -> tensor<?x?xi64>
  %0 = kernel.argsort ins(%x : tensor<?x9xf32>) outs(%e : tensor<?x?xi64>) {descending} -> tensor<?x?xi64>
  return %0 : tensor<?x?xi64>
}

// CHECK-LABEL: func @buffers
func.func @buffers(%x: memref<9xi8>, %o: memref<4xi64>) {
  // CHECK: kernel.argsort ins(%{{.*}} : memref<9xi8>) outs(%{{.*}} : memref<4xi64>) {isUnsigned}
  kernel.argsort ins(%x : memref<9xi8>) outs(%o : memref<4xi64>) {isUnsigned}
  return
}
