// RUN: optc-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize --split-input-file | FileCheck %s

// Sizes of results as IR over the operands: the op itself is not needed.

// CHECK-LABEL: @broadcast
// CHECK-SAME: (%[[X:.*]]: tensor<?x3xf32>
// CHECK: %[[D:.*]] = tensor.dim %[[X]], %c0
// CHECK-NEXT: return %[[D]]
func.func @broadcast(%x: tensor<?x3xf32>, %y: tensor<3xf32>) -> index {
  %c0 = arith.constant 0 : index
  %a = nn.binary add %x, %y : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %d = tensor.dim %a, %c0 : tensor<?x3xf32>
  return %d : index
}

// -----

// CHECK: #[[MAP:.*]] = affine_map<()[s0] -> (s0 floordiv 2)>
// CHECK-LABEL: @window
// CHECK: %[[D:.*]] = tensor.dim %arg0, %c1
// CHECK: %[[R:.*]] = affine.apply #[[MAP]]()[%[[D]]]
// CHECK: return %[[R]]
func.func @window(%x: tensor<1x?x4xf32>) -> index {
  %c1 = arith.constant 1 : index
  %a = nn.pool max %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads = array<i64: 0, 0>} : tensor<1x?x4xf32> -> tensor<1x?x4xf32>
  %d = tensor.dim %a, %c1 : tensor<1x?x4xf32>
  return %d : index
}

// -----

// A size that is an element of an operand.
// CHECK-LABEL: @element
// CHECK-SAME: (%[[X:.*]]: tensor<1xf32>, %[[S:.*]]: tensor<2xi64>)
// CHECK: %[[E:.*]] = tensor.extract %[[S]][%c1]
// CHECK: %[[I:.*]] = arith.index_cast %[[E]]
// CHECK: return %[[I]]
func.func @element(%x: tensor<1xf32>, %s: tensor<2xi64>) -> index {
  %c1 = arith.constant 1 : index
  %a = nn.expand %x, %s : (tensor<1xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  %d = tensor.dim %a, %c1 : tensor<?x?xf32>
  return %d : index
}

// -----

// A size that only the data decides stays with the op.
// CHECK-LABEL: @data
// CHECK: %[[A:.*]] = nn.nonzero %arg0
// CHECK: %[[D:.*]] = tensor.dim %[[A]], %c1
// CHECK: return %[[D]]
func.func @data(%x: tensor<?xf32>) -> index {
  %c1 = arith.constant 1 : index
  %a = nn.nonzero %x : tensor<?xf32> -> tensor<1x?xi64>
  %d = tensor.dim %a, %c1 : tensor<1x?xi64>
  return %d : index
}
