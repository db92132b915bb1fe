// RUN: optc-opt %s --canonicalize --split-input-file | FileCheck %s

// Elements of small constants move at compile time (large weights: nn-fold-weights).

// CHECK-LABEL: @transpose
// CHECK: %[[C:.*]] = nn.constant dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi32>
// CHECK: return %[[C]]
func.func @transpose() -> tensor<3x2xi32> {
  %x = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %y = nn.transpose %x [1, 0] : tensor<2x3xi32> -> tensor<3x2xi32>
  return %y : tensor<3x2xi32>
}

// -----

// CHECK-LABEL: @reshape
// CHECK: %[[C:.*]] = nn.constant dense<{{\[\[}}1, 2], [3, 4]]> : tensor<2x2xi32>
// CHECK: return %[[C]]
func.func @reshape() -> tensor<2x2xi32> {
  %x = nn.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  %s = nn.constant dense<[2, -1]> : tensor<2xi64>
  %y = nn.reshape %x, %s : (tensor<4xi32>, tensor<2xi64>) -> tensor<2x2xi32>
  return %y : tensor<2x2xi32>
}

// -----

// The bytes of a resource stay where they are.
// CHECK-LABEL: @reshape_resource
// CHECK: %[[C:.*]] = nn.constant dense_resource<w> : tensor<2x1xf32>
// CHECK: return %[[C]]
func.func @reshape_resource() -> tensor<2x1xf32> {
  %x = nn.constant dense_resource<w> : tensor<2xf32>
  %s = nn.constant dense<[2, 1]> : tensor<2xi64>
  %y = nn.reshape %x, %s : (tensor<2xf32>, tensor<2xi64>) -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}
{-# dialect_resources: { builtin: { w: "0x040000000000803f00000040" } } #-}

// -----

// From the end, backwards, every second one; bounds beyond the ends.
// CHECK-LABEL: @slice
// CHECK: %[[C:.*]] = nn.constant dense<[5, 3, 1]> : tensor<3xi32>
// CHECK: return %[[C]]
func.func @slice() -> tensor<3xi32> {
  %x = nn.constant dense<[1, 2, 3, 4, 5]> : tensor<5xi32>
  %start = nn.constant dense<99> : tensor<1xi64>
  %end = nn.constant dense<-99> : tensor<1xi64>
  %step = nn.constant dense<-2> : tensor<1xi64>
  %y = nn.slice %x, %start, %end, %step [0] : (tensor<5xi32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi32>
  return %y : tensor<3xi32>
}

// -----

// CHECK-LABEL: @whole_slice
// CHECK-NEXT: return %arg0
func.func @whole_slice(%x: tensor<5x2xf32>) -> tensor<5x2xf32> {
  %start = nn.constant dense<0> : tensor<1xi64>
  %end = nn.constant dense<9223372036854775807> : tensor<1xi64>
  %step = nn.constant dense<1> : tensor<1xi64>
  %y = nn.slice %x, %start, %end, %step [0] : (tensor<5x2xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<5x2xf32>
  return %y : tensor<5x2xf32>
}

// -----

// As many elements, but in the other order.
// CHECK-LABEL: @reversed
// CHECK: nn.slice
func.func @reversed(%x: tensor<5xf32>) -> tensor<5xf32> {
  %last = nn.constant dense<-1> : tensor<1xi64>
  %end = nn.constant dense<-9223372036854775808> : tensor<1xi64>
  %y = nn.slice %x, %last, %end, %last [0] : (tensor<5xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<5xf32>
  return %y : tensor<5xf32>
}

// -----

// CHECK-LABEL: @expand_to_its_own_shape
// CHECK-NEXT: return %arg0
func.func @expand_to_its_own_shape(%x: tensor<5x2xf32>) -> tensor<5x2xf32> {
  %s = nn.constant dense<[1, 2]> : tensor<2xi64>
  %y = nn.expand %x, %s : (tensor<5x2xf32>, tensor<2xi64>) -> tensor<5x2xf32>
  return %y : tensor<5x2xf32>
}

// -----

// A dynamic size that may be 1 is not known to stay; a reshape that copies a size of its input depends on it.
// CHECK-LABEL: @leaves_alone
// CHECK: nn.expand
// CHECK: nn.reshape
// CHECK: nn.reshape
func.func @leaves_alone(%x: tensor<?x6xf32>) -> (tensor<?x6xf32>, tensor<?x3xf32>) {
  %s = nn.constant dense<[1, 6]> : tensor<2xi64>
  %u = nn.constant dense<[-1, 3]> : tensor<2xi64>
  %v = nn.constant dense<[0, 3]> : tensor<2xi64>
  %a = nn.expand %x, %s : (tensor<?x6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  %b = nn.reshape %x, %u : (tensor<?x6xf32>, tensor<2xi64>) -> tensor<?x3xf32>
  %c = nn.reshape %b, %v : (tensor<?x3xf32>, tensor<2xi64>) -> tensor<?x3xf32>
  return %a, %c : tensor<?x6xf32>, tensor<?x3xf32>
}
