// RUN: optc-opt %s --kernel-share-weights --split-input-file | FileCheck %s

// Three panels of 4, 4 and 2 columns; 3 rows.
// CHECK-LABEL: @lookup
// CHECK: %[[P:.*]] = kernel.pack nk
// CHECK: linalg.generic
// CHECK: %[[N:.*]] = arith.index_cast
// CHECK: %[[K:.*]] = linalg.index 1
// CHECK-DAG: %[[W:.*]] = affine.min {{.*}}(%[[N]])
// CHECK-DAG: %[[FIRST:.*]] = affine.apply {{.*}}(%[[N]])
// CHECK-DAG: %[[IN:.*]] = affine.apply {{.*}}(%[[N]])
// CHECK: %[[PANEL:.*]] = arith.muli %[[FIRST]], %c3
// CHECK: %[[ROW:.*]] = arith.muli %[[K]], %[[W]]
// CHECK: %[[INPANEL:.*]] = arith.addi %[[ROW]], %[[IN]]
// CHECK: %[[AT:.*]] = arith.addi %[[PANEL]], %[[INPANEL]]
// CHECK: tensor.extract %[[P]][%[[AT]]] : tensor<30xf32>
func.func @lookup(%ids: tensor<?xi64>, %init: tensor<?x3xf32>) -> (tensor<?x3xf32>, tensor<30xf32>) {
  %w = arith.constant dense_resource<table> : tensor<10x3xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a)>, affine_map<(a, b) -> (a, b)>],
      iterator_types = ["parallel", "parallel"]} ins(%ids : tensor<?xi64>) outs(%init : tensor<?x3xf32>) {
  ^bb0(%id: i64, %out: f32):
    %n = arith.index_cast %id : i64 to index
    %k = linalg.index 1 : index
    %e = tensor.extract %w[%n, %k] : tensor<10x3xf32>
    linalg.yield %e : f32
  } -> tensor<?x3xf32>
  %i = tensor.empty() : tensor<30xf32>
  %p = kernel.pack nk %w into %i {layout = #kernel.panels<4, align = 2>} : (tensor<10x3xf32>, tensor<30xf32>) -> tensor<30xf32>
  return %0, %p : tensor<?x3xf32>, tensor<30xf32>
}

{-#
  dialect_resources: { builtin: { table: "0x04000000" } }
#-}

// -----

// [K, N]: the column is the second index.
// CHECK-LABEL: @columns_last
// CHECK: %[[P:.*]] = kernel.pack kn
// CHECK-NOT: affine.min
// CHECK: tensor.extract %[[P]]
func.func @columns_last(%k: index, %n: index) -> (f32, tensor<24xf32>) {
  %w = arith.constant dense_resource<table> : tensor<3x8xf32>
  %e = tensor.extract %w[%k, %n] : tensor<3x8xf32>
  %i = tensor.empty() : tensor<24xf32>
  %p = kernel.pack kn %w into %i {layout = #kernel.panels<8>} : (tensor<3x8xf32>, tensor<24xf32>) -> tensor<24xf32>
  return %e, %p : f32, tensor<24xf32>
}

{-#
  dialect_resources: { builtin: { table: "0x04000000" } }
#-}

// -----

// What else reads the matrix needs the plain form anyway.
// CHECK-LABEL: @other_user
// CHECK: tensor.extract %{{.*}} : tensor<3x8xf32>
func.func @other_user(%k: index, %n: index) -> (f32, tensor<24xf32>, tensor<3x8xf32>) {
  %w = arith.constant dense_resource<table> : tensor<3x8xf32>
  %e = tensor.extract %w[%k, %n] : tensor<3x8xf32>
  %i = tensor.empty() : tensor<24xf32>
  %p = kernel.pack kn %w into %i {layout = #kernel.panels<8>} : (tensor<3x8xf32>, tensor<24xf32>) -> tensor<24xf32>
  return %e, %p, %w : f32, tensor<24xf32>, tensor<3x8xf32>
}

{-#
  dialect_resources: { builtin: { table: "0x04000000" } }
#-}
