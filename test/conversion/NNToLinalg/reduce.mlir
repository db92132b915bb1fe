// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// CHECK-LABEL: func @sum
func.func @sum(%x: tensor<?x3xf32>) -> tensor<?x1xf32> attributes {run.entry = #run.entry} {
  // CHECK: linalg.fill
  // CHECK: %[[R:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]
  // CHECK: arith.addf
  // CHECK: tensor.expand_shape %[[R]] {{\[\[}}0, 1]]
  %0 = nn.reduce sum %x [1] : tensor<?x3xf32> -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

// -----

// Halves are accumulated in f32.
// CHECK-LABEL: func @half
func.func @half(%x: tensor<?x3xf16>) -> tensor<1x1xf16> attributes {run.entry = #run.entry} {
  // CHECK: linalg.generic {{.*}} outs({{.*}} : tensor<f32>)
  // CHECK: arith.extf
  // CHECK: arith.addf {{.*}} : f32
  // CHECK: arith.truncf
  %0 = nn.reduce sum %x [0, 1] : tensor<?x3xf16> -> tensor<1x1xf16>
  return %0 : tensor<1x1xf16>
}

// -----

// CHECK-LABEL: func @unsigned
func.func @unsigned(%x: tensor<4xui8>) -> tensor<1xui8> attributes {run.entry = #run.entry} {
  // CHECK: arith.constant 0 : i8
  // CHECK: arith.maxui
  %0 = nn.reduce max %x [0] : tensor<4xui8> -> tensor<1xui8>
  return %0 : tensor<1xui8>
}

// -----

// CHECK-LABEL: func @masked
func.func @masked(%x: tensor<?x3xf32>, %m: tensor<2xi1>) -> tensor<?x?xf32> attributes {run.entry = #run.entry} {
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: tensor.insert
  %0 = nn.reduce_masked sum %x, %m : (tensor<?x3xf32>, tensor<2xi1>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func @arg
func.func @arg(%x: tensor<?x3xf32>) -> tensor<?x1xi64> attributes {run.entry = #run.entry} {
  // CHECK: linalg.generic {{.*}} outs({{.*}} : tensor<?xf32>, tensor<?xi64>)
  // CHECK: linalg.index 1
  %0 = nn.arg_reduce max %x {axis = 1 : i64} : tensor<?x3xf32> -> tensor<?x1xi64>
  return %0 : tensor<?x1xi64>
}

// -----

// CHECK-LABEL: func @sort
func.func @sort(%x: tensor<?x9xui8>, %k: tensor<1xi64>) -> tensor<?x?xi64> attributes {run.entry = #run.entry} {
  // CHECK: run.require
  // CHECK: kernel.argsort ins({{.*}} : tensor<?x9xi8>) outs({{.*}} : tensor<?x?xi64>) {descending, isUnsigned}
  %0 = nn.argsort %x, %k {descending} : (tensor<?x9xui8>, tensor<1xi64>) -> tensor<?x?xi64>
  return %0 : tensor<?x?xi64>
}
