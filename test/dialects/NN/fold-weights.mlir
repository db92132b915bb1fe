// RUN: optc-opt %s --nn-fold-weights | FileCheck %s

// CHECK-LABEL: @transpose
// CHECK: nn.constant dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi32>
// CHECK-NOT: nn.transpose
func.func @transpose() -> tensor<3x2xi32> {
  %c = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %t = nn.transpose %c [1, 0] : tensor<2x3xi32> -> tensor<3x2xi32>
  return %t : tensor<3x2xi32>
}

// Backwards from the end, every second element.
// CHECK-LABEL: @slice
// CHECK: nn.constant dense<{{\[\[}}3, 1], [6, 4]]> : tensor<2x2xi16>
// CHECK-NOT: nn.slice
func.func @slice() -> tensor<2x2xi16> {
  %c = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi16>
  %s = nn.constant dense<-1> : tensor<1xi64>
  %e = nn.constant dense<-100> : tensor<1xi64>
  %t = nn.constant dense<-2> : tensor<1xi64>
  %r = nn.slice %c, %s, %e, %t [1] : (tensor<2x3xi16>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x2xi16>
  return %r : tensor<2x2xi16>
}

// CHECK-LABEL: @concat
// CHECK: nn.constant dense<{{\[\[}}1, 2, 5], [3, 4, 6]]> : tensor<2x3xi32>
// CHECK-NOT: nn.concat
func.func @concat() -> tensor<2x3xi32> {
  %a = nn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>
  %b = nn.constant dense<[[5], [6]]> : tensor<2x1xi32>
  %r = nn.concat %a, %b {axis = 1 : i64} : (tensor<2x2xi32>, tensor<2x1xi32>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// One more before, one less behind.
// CHECK-LABEL: @pad
// CHECK: nn.constant dense<[7.000000e+00, 1.000000e+00, 2.000000e+00]> : tensor<3xf32>
// CHECK-NOT: nn.pad
func.func @pad() -> tensor<3xf32> {
  %c = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %p = nn.constant dense<[1, -1]> : tensor<2xi64>
  %v = nn.constant dense<7.0> : tensor<f32>
  %r = nn.pad constant %c, %p, %v : (tensor<3xf32>, tensor<2xi64>, tensor<f32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// A matrix product reads the transposed weight as it is.
// CHECK-LABEL: @matmul
// CHECK: nn.transpose
// CHECK: nn.matmul
func.func @matmul(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %c = nn.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %t = nn.transpose %c [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  %y = nn.matmul %x, %t : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// Data is not touched.
// CHECK-LABEL: @data
// CHECK: nn.transpose
func.func @data(%x: tensor<?x3xf32>) -> tensor<3x?xf32> {
  %t = nn.transpose %x [1, 0] : tensor<?x3xf32> -> tensor<3x?xf32>
  return %t : tensor<3x?xf32>
}

// A number padded to megabytes is not kept: the run fills it.
// CHECK-LABEL: @huge
// CHECK: nn.pad
// CHECK-NOT: dense_resource
func.func @huge() -> tensor<2097152xf32> {
  %c = nn.constant dense<1.0> : tensor<1xf32>
  %p = nn.constant dense<[0, 2097151]> : tensor<2xi64>
  %v = nn.constant dense<0.0> : tensor<f32>
  %r = nn.pad constant %c, %p, %v : (tensor<1xf32>, tensor<2xi64>, tensor<f32>) -> tensor<2097152xf32>
  return %r : tensor<2097152xf32>
}

// Weights that are stored in f16: to nearest, ties to even.
// CHECK-LABEL: @half
// CHECK: nn.constant dense<[1.000000e+00, 1.000980e+00, 6.550400e+04, 5.960460e-08]> : tensor<4xf16>
// CHECK-NOT: nn.cast
func.func @half() -> tensor<4xf16> {
  %c = nn.constant dense<[1.00048828125, 1.00048840045928955078125, 65519.0, 6.0e-8]> : tensor<4xf32>
  %r = nn.cast %c : tensor<4xf32> -> tensor<4xf16>
  return %r : tensor<4xf16>
}

// A product reads the narrow weight, also across; something else gets f32.
// CHECK-LABEL: @widened
// CHECK-DAG: %[[w:.*]] = nn.constant dense<{{.*}}> : tensor<2x3xf16>
// CHECK-DAG: %[[wide:.*]] = nn.constant dense<{{.*}}> : tensor<2x3xf32>
// CHECK-DAG: nn.matmul %{{.*}}, %[[w]] : (tensor<?x2xf32>, tensor<2x3xf16>) -> tensor<?x3xf32>
// CHECK-DAG: %[[t:.*]] = nn.transpose %[[w]] [1, 0] : tensor<2x3xf16> -> tensor<3x2xf16>
// CHECK-DAG: nn.matmul %{{.*}}, %[[t]] : (tensor<?x3xf32>, tensor<3x2xf16>) -> tensor<?x2xf32>
// CHECK: return %{{.*}}, %{{.*}}, %[[wide]]
func.func @widened(%x: tensor<?x2xf32>, %y: tensor<?x3xf32>) -> (tensor<?x3xf32>, tensor<?x2xf32>, tensor<2x3xf32>) {
  %c = nn.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf16>
  %f = nn.cast %c : tensor<2x3xf16> -> tensor<2x3xf32>
  %t = nn.transpose %f [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  %0 = nn.matmul %x, %f : (tensor<?x2xf32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  %1 = nn.matmul %y, %t : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
  return %0, %1, %f : tensor<?x3xf32>, tensor<?x2xf32>, tensor<2x3xf32>
}
