// RUN: optc-opt %s --nn-push-transposes | FileCheck %s

// The transposes around two convolutions meet and cancel.
// CHECK-LABEL: @between_convs
// CHECK-SAME: (%[[X:.*]]: tensor<1x?x4xf32>
// CHECK: %[[A:.*]] = nn.conv %[[X]]
// CHECK: %[[R:.*]] = nn.unary relu %[[A]]
// CHECK: %[[B:.*]] = nn.conv %[[R]]
// CHECK: %[[T:.*]] = nn.transpose %[[B]] [0, 2, 1]
// CHECK: return %[[T]]
func.func @between_convs(%x: tensor<1x?x4xf32>, %w: tensor<4x4x1xf32>) -> tensor<1x4x?xf32> {
  %a = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x?x4xf32>, tensor<4x4x1xf32>) -> tensor<1x?x4xf32>
  %at = nn.transpose %a [0, 2, 1] : tensor<1x?x4xf32> -> tensor<1x4x?xf32>
  %r = nn.unary relu %at : tensor<1x4x?xf32> -> tensor<1x4x?xf32>
  %rt = nn.transpose %r [0, 2, 1] : tensor<1x4x?xf32> -> tensor<1x?x4xf32>
  %b = nn.conv %rt, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      group = 1 : i64} : (tensor<1x?x4xf32>, tensor<4x4x1xf32>) -> tensor<1x?x4xf32>
  %bt = nn.transpose %b [0, 2, 1] : tensor<1x?x4xf32> -> tensor<1x4x?xf32>
  return %bt : tensor<1x4x?xf32>
}

// An operand that broadcasts is reshaped (only dimensions of size 1 move), a constant too.
// CHECK-LABEL: @broadcast
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x?x4xf32>, %[[G:.*]]: tensor<?x4x1x1xf32>)
// CHECK: %[[S:.*]] = nn.reshape %[[G]], %{{.*}} -> tensor<?x1x1x4xf32>
// CHECK: %[[M:.*]] = nn.binary mul %[[X]], %[[S]]
// CHECK: %[[A:.*]] = nn.binary add %[[M]], %{{.*}} : (tensor<?x?x?x4xf32>, tensor<1x1x1x4xf32>)
// CHECK: nn.transpose %[[A]] [0, 3, 1, 2]
func.func @broadcast(%x: tensor<?x?x?x4xf32>, %g: tensor<?x4x1x1xf32>) -> tensor<?x4x?x?xf32> {
  %c = nn.constant dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]> : tensor<4x1x1xf32>
  %t = nn.transpose %x [0, 3, 1, 2] : tensor<?x?x?x4xf32> -> tensor<?x4x?x?xf32>
  %m = nn.binary mul %t, %g : (tensor<?x4x?x?xf32>, tensor<?x4x1x1xf32>) -> tensor<?x4x?x?xf32>
  %a = nn.binary add %m, %c : (tensor<?x4x?x?xf32>, tensor<4x1x1xf32>) -> tensor<?x4x?x?xf32>
  return %a : tensor<?x4x?x?xf32>
}

// Both inputs of a concat, a slice, a softmax and a reduction follow; what is left to do then
// moves only dimensions of size 1.
// CHECK-LABEL: @along_axes
// CHECK: nn.concat %{{.*}}, %{{.*}} {axis = 3 : i64}
// CHECK: nn.slice %{{.*}} [3]
// CHECK: nn.softmax %{{.*}} {axis = 3 : i64}
// CHECK: nn.reduce sum %{{.*}} [1, 2]
// CHECK: nn.reshape
// CHECK-NOT: nn.transpose
// CHECK: return
func.func @along_axes(%x: tensor<1x5x?x4xf32>, %y: tensor<1x5x?x2xf32>) -> tensor<1x5x1x1xf32> {
  %s = nn.constant dense<1> : tensor<1xi64>
  %e = nn.constant dense<6> : tensor<1xi64>
  %a = nn.transpose %x [0, 3, 1, 2] : tensor<1x5x?x4xf32> -> tensor<1x4x5x?xf32>
  %b = nn.transpose %y [0, 3, 1, 2] : tensor<1x5x?x2xf32> -> tensor<1x2x5x?xf32>
  %c = nn.concat %a, %b {axis = 1 : i64} : (tensor<1x4x5x?xf32>, tensor<1x2x5x?xf32>) -> tensor<1x6x5x?xf32>
  %d = nn.slice %c, %s, %e, %s [1] : (tensor<1x6x5x?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x5x5x?xf32>
  %f = nn.softmax %d {axis = 1 : i64} : tensor<1x5x5x?xf32> -> tensor<1x5x5x?xf32>
  %g = nn.reduce sum %f [2, 3] : tensor<1x5x5x?xf32> -> tensor<1x5x1x1xf32>
  return %g : tensor<1x5x1x1xf32>
}

// Joining the spatial dimensions keeps them together: the transpose moves below.
// CHECK-LABEL: @flatten_space
// CHECK-SAME: (%[[X:.*]]: tensor<?x6x7x4xf32>)
// CHECK: %[[R:.*]] = nn.reshape %[[X]], %{{.*}} -> tensor<?x42x4xf32>
// CHECK-NOT: nn.transpose
// CHECK: return %[[R]]
func.func @flatten_space(%x: tensor<?x6x7x4xf32>) -> tensor<?x42x4xf32> {
  %s = nn.constant dense<[0, 4, 42]> : tensor<3xi64>
  %t = nn.transpose %x [0, 3, 1, 2] : tensor<?x6x7x4xf32> -> tensor<?x4x6x7xf32>
  %r = nn.reshape %t, %s : (tensor<?x4x6x7xf32>, tensor<3xi64>) -> tensor<?x4x42xf32>
  %u = nn.transpose %r [0, 2, 1] : tensor<?x4x42xf32> -> tensor<?x42x4xf32>
  return %u : tensor<?x42x4xf32>
}

// Joining channels with space mixes them: left alone.
// CHECK-LABEL: @flatten_all
// CHECK: nn.transpose
// CHECK: nn.reshape
// CHECK: return
func.func @flatten_all(%x: tensor<?x6x7x4xf32>) -> tensor<?x168xf32> {
  %s = nn.constant dense<[0, 168]> : tensor<2xi64>
  %t = nn.transpose %x [0, 3, 1, 2] : tensor<?x6x7x4xf32> -> tensor<?x4x6x7xf32>
  %r = nn.reshape %t, %s : (tensor<?x4x6x7xf32>, tensor<2xi64>) -> tensor<?x168xf32>
  return %r : tensor<?x168xf32>
}

// One operand of full size is not transposed: nothing would be gained.
// CHECK-LABEL: @other_layout
// CHECK: %[[T:.*]] = nn.transpose
// CHECK: nn.binary add %[[T]], %{{.*}}
func.func @other_layout(%x: tensor<1x5x7x4xf32>, %y: tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32> {
  %t = nn.transpose %x [0, 3, 1, 2] : tensor<1x5x7x4xf32> -> tensor<1x4x5x7xf32>
  %a = nn.binary add %t, %y : (tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32>
  return %a : tensor<1x4x5x7xf32>
}
