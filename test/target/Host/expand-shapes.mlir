// RUN: optc-opt %s --host-expand-shapes --split-input-file | FileCheck %s

// CHECK-LABEL: @several_dynamic
// CHECK-SAME: (%[[M:.*]]: memref<?x8xf32>, %[[A:.*]]: index, %[[B:.*]]: index)
// CHECK: %[[BASE:.*]], %{{.*}}, %{{.*}}:2, %{{.*}}:2 = memref.extract_strided_metadata %[[M]]
// CHECK: memref.reinterpret_cast %[[BASE]] to offset: [0], sizes: [%[[A]], %[[B]], 8]
// CHECK-NOT: memref.expand_shape
func.func @several_dynamic(%m: memref<?x8xf32>, %a: index, %b: index) -> memref<?x?x8xf32> {
  %0 = memref.expand_shape %m [[0, 1], [2]] output_shape [%a, %b, 8] : memref<?x8xf32> into memref<?x?x8xf32>
  return %0 : memref<?x?x8xf32>
}

// -----

// CHECK-LABEL: @one_dynamic_is_left
// CHECK: memref.expand_shape
func.func @one_dynamic_is_left(%m: memref<?x8xf32>, %a: index) -> memref<?x2x8xf32> {
  %0 = memref.expand_shape %m [[0, 1], [2]] output_shape [%a, 2, 8] : memref<?x8xf32> into memref<?x2x8xf32>
  return %0 : memref<?x2x8xf32>
}
