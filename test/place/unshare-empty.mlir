// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-unshare-empty))' | FileCheck %s

// CHECK-LABEL: func.func @f
// CHECK-DAG:     %[[A:.*]] = tensor.empty
// CHECK-DAG:     %[[B:.*]] = tensor.empty
// CHECK:         %[[FA:.*]] = linalg.fill
// CHECK:         linalg.exp {{.*}} outs(%[[FA]]
// CHECK:         %[[FB:.*]] = linalg.fill
// CHECK:         linalg.log {{.*}} outs(%[[FB]]
func.func @f(%x: tensor<?xf32>, %n: index, %v: f32) -> (tensor<?xf32>, tensor<?xf32>) {
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%v : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %y = linalg.exp ins(%x : tensor<?xf32>) outs(%f : tensor<?xf32>) -> tensor<?xf32>
  %z = linalg.log ins(%x : tensor<?xf32>) outs(%f : tensor<?xf32>) -> tensor<?xf32>
  return %y, %z : tensor<?xf32>, tensor<?xf32>
}

// Up to where the size is known.
// CHECK-LABEL: func.func @alone
// CHECK:         %[[M:.*]] = arith.addi
// CHECK-NEXT:    tensor.empty(%[[M]])
// CHECK-NOT:     tensor.empty
func.func @alone(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %m = arith.addi %n, %n : index
  %v = arith.constant 1.0 : f32
  %e = tensor.empty(%m) : tensor<?xf32>
  %y = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
