// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize | FileCheck %s

// CHECK-DAG: #[[PAIRS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[HALVES:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d3)>
// CHECK-DAG: #[[NEIGHBOURS:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d2)>

// One op over [.., half, angle], without a copy.
// CHECK-LABEL: @halves
// CHECK: %[[X:.*]] = tensor.expand_shape %{{.*}} {{.*}} into tensor<?x5x2x4xf32>
// CHECK: linalg.generic {indexing_maps = [#[[PAIRS]], #[[HALVES]], #[[HALVES]], #[[PAIRS]]]
// CHECK: tensor.extract %[[X]]
// CHECK-NOT: tensor.concat
// CHECK: tensor.collapse_shape {{.*}} into tensor<?x5x8xf32>
func.func @halves(%x: tensor<?x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<?x5x8xf32> {
  %y = nn.rope %x, %c, %s : (tensor<?x5x8xf32>, tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<?x5x8xf32>
  return %y : tensor<?x5x8xf32>
}

// CHECK-LABEL: @neighbours
// CHECK: tensor.expand_shape {{.*}} into tensor<?x5x4x2xf32>
// CHECK: linalg.generic {indexing_maps = [#[[PAIRS]], #[[NEIGHBOURS]], #[[NEIGHBOURS]], #[[PAIRS]]]
func.func @neighbours(%x: tensor<?x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<?x5x8xf32> {
  %y = nn.rope %x, %c, %s {interleaved} : (tensor<?x5x8xf32>, tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<?x5x8xf32>
  return %y : tensor<?x5x8xf32>
}

// What does not turn is copied behind.
// CHECK-LABEL: @part
// CHECK: %[[R:.*]] = tensor.collapse_shape {{.*}} into tensor<?x5x6xf32>
// CHECK: %[[C:.*]] = tensor.extract_slice %{{.*}}[0, 0, 6] [%{{.*}}, 5, 2] [1, 1, 1]
// CHECK: tensor.concat dim(2) %[[R]], %[[C]]
func.func @part(%x: tensor<?x5x8xf32>, %c: tensor<5x3xf32>, %s: tensor<5x3xf32>) -> tensor<?x5x8xf32> {
  %y = nn.rope %x, %c, %s : (tensor<?x5x8xf32>, tensor<5x3xf32>, tensor<5x3xf32>) -> tensor<?x5x8xf32>
  return %y : tensor<?x5x8xf32>
}
