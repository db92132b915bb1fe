// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: func @append(
// CHECK: state.append %{{.*}}, %{{.*}} at %{{.*}} {axis = 2 : i64} : (tensor<?x3x?x64xf32>, tensor<?x3x?x64xf32>, tensor<1xi64>) -> tensor<?x3x?x64xf32>
func.func @append(%cache: tensor<?x3x?x64xf32>, %rows: tensor<?x3x?x64xf32>, %length: tensor<1xi64>) -> tensor<?x3x?x64xf32> {
  %0 = state.append %cache, %rows at %length {axis = 2 : i64} : (tensor<?x3x?x64xf32>, tensor<?x3x?x64xf32>, tensor<1xi64>) -> tensor<?x3x?x64xf32>
  return %0 : tensor<?x3x?x64xf32>
}
