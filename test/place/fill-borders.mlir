// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-fill-borders,canonicalize))' | FileCheck %s

// Rows above and below, then columns left and right of the interior; no border along the last dim.
// CHECK-LABEL: func.func @image
// CHECK: %[[E:.*]] = tensor.empty() : tensor<5x7x3xf32>
// CHECK: %[[T:.*]] = tensor.extract_slice %[[E]][0, 0, 0] [1, 7, 3] [1, 1, 1]
// CHECK: %[[TF:.*]] = linalg.fill {{.*}} outs(%[[T]] : tensor<1x7x3xf32>)
// CHECK: %[[A:.*]] = tensor.insert_slice %[[TF]] into %[[E]][0, 0, 0] [1, 7, 3]
// CHECK: %[[B:.*]] = tensor.extract_slice %[[A]][3, 0, 0] [2, 7, 3]
// CHECK: tensor.extract_slice %{{.*}}[1, 0, 0] [2, 2, 3]
// CHECK: %[[R:.*]] = tensor.extract_slice %{{.*}}[1, 6, 0] [2, 1, 3]
// CHECK: %[[RF:.*]] = linalg.fill {{.*}} outs(%[[R]]
// CHECK: %[[ALL:.*]] = tensor.insert_slice %[[RF]]
// CHECK-NOT: linalg.fill
// CHECK: tensor.insert_slice %{{.*}} into %[[ALL]][1, 2, 0] [2, 4, 3]
func.func @image(%x: tensor<2x4x3xf32>, %v: f32) -> tensor<5x7x3xf32> {
  %e = tensor.empty() : tensor<5x7x3xf32>
  %f = linalg.fill ins(%v : f32) outs(%e : tensor<5x7x3xf32>) -> tensor<5x7x3xf32>
  %p = tensor.insert_slice %x into %f[1, 2, 0] [2, 4, 3] [1, 1, 1] : tensor<2x4x3xf32> into tensor<5x7x3xf32>
  return %p : tensor<5x7x3xf32>
}

// CHECK-LABEL: func.func @dynamic
// CHECK: %[[AFTER:.*]] = affine.apply {{.*}}%[[N:.*]], %{{.*}}]
// CHECK: tensor.extract_slice %{{.*}}[0] [1] [1]
// CHECK: tensor.extract_slice %{{.*}}[%[[END:.*]]] [%[[AFTER]]] [1]
// CHECK: tensor.insert_slice %arg0 into %{{.*}}[1] [%[[N]]] [1]
func.func @dynamic(%x: tensor<?xf32>, %n: index, %m: index, %v: f32) -> tensor<?xf32> {
  %e = tensor.empty(%m) : tensor<?xf32>
  %f = linalg.fill ins(%v : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %p = tensor.insert_slice %x into %f[1] [%n] [1] : tensor<?xf32> into tensor<?xf32>
  return %p : tensor<?xf32>
}

// Between the steps, and by another user, the fill is seen.
// CHECK-LABEL: func.func @left_alone
// CHECK-COUNT-2: linalg.fill {{.*}} outs(%{{.*}} : tensor<8xf32>)
// CHECK-NOT: linalg.fill
// CHECK: return
func.func @left_alone(%x: tensor<4xf32>, %v: f32) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %e0 = tensor.empty() : tensor<8xf32>
  %f0 = linalg.fill ins(%v : f32) outs(%e0 : tensor<8xf32>) -> tensor<8xf32>
  %p = tensor.insert_slice %x into %f0[0] [4] [2] : tensor<4xf32> into tensor<8xf32>
  %e1 = tensor.empty() : tensor<8xf32>
  %f1 = linalg.fill ins(%v : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %q = tensor.insert_slice %x into %f1[0] [4] [1] : tensor<4xf32> into tensor<8xf32>
  return %p, %q, %f1 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}
