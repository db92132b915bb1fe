// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-name-sizes))' | FileCheck %s
// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-name-sizes),canonicalize)' | FileCheck %s --check-prefix=FOLDED

// What a sum is of has a name; the sum stays in sight, so that slices are seen to lie apart.
// CHECK-LABEL: func.func @sums
// CHECK:         %[[LEAST:.*]] = arith.minsi
// CHECK-NEXT:    %[[NUMBER:.*]] = arith.index_cast %[[LEAST]] : index to i64
// CHECK-NEXT:    %[[NAME:.*]] = arith.index_cast %[[NUMBER]] : i64 to index
// CHECK:         %[[SUM:.*]] = affine.apply #{{.*}}()[%[[NAME]]]
// CHECK-NEXT:    tensor.extract_slice %{{.*}}[%[[SUM]]] [%[[NAME]]] [1]
// FOLDED-LABEL: func.func @sums
// FOLDED-NOT:    arith.index_cast
// FOLDED:        return
func.func @sums(%x: tensor<?xf32>, %a: index, %b: index) -> tensor<?xf32> {
  %least = arith.minsi %a, %b : index
  %sum = affine.apply affine_map<()[s0] -> (s0 + 4)>()[%least]
  %y = tensor.extract_slice %x[%sum] [%least] [1] : tensor<?xf32> to tensor<?xf32>
  return %y : tensor<?xf32>
}

// Left alone: constants, and sizes of nothing but tensors.
// CHECK-LABEL: func.func @others
// CHECK-NOT:     arith.index_cast
// CHECK:         return
func.func @others(%x: tensor<?xf32>, %a: index, %b: index) -> tensor<?xf32> {
  %least = arith.minsi %a, %b : index
  %e = tensor.empty(%least) : tensor<?xf32>
  %c2 = arith.constant 2 : index
  %part = tensor.extract_slice %x[%c2] [4] [1] : tensor<?xf32> to tensor<4xf32>
  %y = tensor.insert_slice %part into %e[0] [4] [1] : tensor<4xf32> into tensor<?xf32>
  return %y : tensor<?xf32>
}
