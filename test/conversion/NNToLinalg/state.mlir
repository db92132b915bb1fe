// RUN: optc-opt %s --convert-nn-to-linalg | FileCheck %s

// In place: the cache is what is written to, once it is known that the rows fit.
// CHECK-LABEL: func.func @append(
// CHECK-SAME: %[[CACHE:.*]]: tensor<1x3x?x64xf32>, %[[ROWS:.*]]: tensor<1x3x?x64xf32>, %[[LENGTH:.*]]: tensor<1xi64>)
// CHECK: %[[PLACE:.*]] = arith.index_cast
// CHECK: %[[END:.*]] = arith.addi %[[PLACE]], %[[ADDED:.*]] : index
// CHECK: arith.cmpi sge, %[[PLACE]],
// CHECK: arith.cmpi sle, %[[END]], %[[ROOM:.*]] : index
// CHECK: run.require %{{.*}}, "{{.*}}{0} tokens do not fit into a cache of {1}"(%[[END]], %[[ROOM]])
// CHECK: tensor.insert_slice %[[ROWS]] into %[[CACHE]][0, 0, %[[PLACE]], 0] [1, 3, %{{.*}}, 64] [1, 1, 1, 1]
func.func @append(%cache: tensor<1x3x?x64xf32>, %rows: tensor<1x3x?x64xf32>, %length: tensor<1xi64>) -> tensor<1x3x?x64xf32> {
  %0 = state.append %cache, %rows at %length {axis = 2 : i64} : (tensor<1x3x?x64xf32>, tensor<1x3x?x64xf32>, tensor<1xi64>) -> tensor<1x3x?x64xf32>
  return %0 : tensor<1x3x?x64xf32>
}
