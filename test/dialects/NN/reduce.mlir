// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: func @reduce
func.func @reduce(%x: tensor<?x3xf32>, %m: tensor<2xi1>) -> (tensor<?x1xf32>, tensor<?x?xf32>) {
  // CHECK: nn.reduce sum %{{.*}} [1] : tensor<?x3xf32> -> tensor<?x1xf32>
  %0 = nn.reduce sum %x [1] : tensor<?x3xf32> -> tensor<?x1xf32>
  // CHECK: nn.reduce_masked max %{{.*}}, %{{.*}} : (tensor<?x3xf32>, tensor<2xi1>) -> tensor<?x?xf32>
  %1 = nn.reduce_masked max %x, %m : (tensor<?x3xf32>, tensor<2xi1>) -> tensor<?x?xf32>
  return %0, %1 : tensor<?x1xf32>, tensor<?x?xf32>
}

// CHECK-LABEL: func @arg_reduce
func.func @arg_reduce(%x: tensor<?x3xf32>) -> (tensor<?x1xi64>, tensor<1x3xi64>) {
  // CHECK: nn.arg_reduce max %{{.*}} {axis = 1 : i64} : tensor<?x3xf32> -> tensor<?x1xi64>
  %0 = nn.arg_reduce max %x {axis = 1 : i64} : tensor<?x3xf32> -> tensor<?x1xi64>
  // CHECK: nn.arg_reduce min %{{.*}} {axis = 0 : i64, selectLast} : tensor<?x3xf32> -> tensor<1x3xi64>
  %1 = nn.arg_reduce min %x {axis = 0 : i64, selectLast} : tensor<?x3xf32> -> tensor<1x3xi64>
  return %0, %1 : tensor<?x1xi64>, tensor<1x3xi64>
}

// CHECK-LABEL: func @cumulative
func.func @cumulative(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // CHECK: nn.cumulative prod %{{.*}} {axis = 1 : i64, exclusive, reverse} : tensor<?x3xf32> -> tensor<?x3xf32>
  %0 = nn.cumulative prod %x {axis = 1 : i64, exclusive, reverse} : tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: func @argsort
func.func @argsort(%x: tensor<?x9xf32>, %k: tensor<1xi64>) -> tensor<?x?xi64> {
  // CHECK: nn.argsort %{{.*}}, %{{.*}} {descending} : (tensor<?x9xf32>, tensor<1xi64>) -> tensor<?x?xi64>
  %0 = nn.argsort %x, %k {descending} : (tensor<?x9xf32>, tensor<1xi64>) -> tensor<?x?xi64>
  return %0 : tensor<?x?xi64>
}
