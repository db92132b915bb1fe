// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// Groups of dimensions with equal products; the others are not touched.
// CHECK-LABEL: func @groups
// CHECK: %[[C:.*]] = tensor.collapse_shape %arg0 {{\[\[}}0], [1, 2]] : tensor<?x6x4xf32> into tensor<?x24xf32>
// CHECK: tensor.expand_shape %[[C]] {{\[\[}}0], [1, 2]] output_shape [%{{.*}}, 2, 12]
func.func @groups(%x: tensor<?x6x4xf32>) -> tensor<?x2x12xf32> attributes {run.entry = #run.entry} {
  %s = nn.constant dense<[0, 2, 12]> : tensor<3xi64>
  %0 = nn.reshape %x, %s : (tensor<?x6x4xf32>, tensor<3xi64>) -> tensor<?x2x12xf32>
  return %0 : tensor<?x2x12xf32>
}

// -----

// A shape of the data: 0 and -1 are resolved at run time, the number of elements is checked.
// CHECK-LABEL: func @by_data
// CHECK: %[[ZERO:.*]] = arith.cmpi eq, %{{.*}}, %c0
// CHECK: %[[FIRST:.*]] = arith.select %[[ZERO]]
// CHECK: arith.cmpi eq, %[[FIRST]], %c-1
// CHECK: %[[REST:.*]] = arith.divui
// CHECK: %[[OK:.*]] = arith.cmpi eq
// CHECK: run.require %[[OK]], "node '': {0} elements can not be reshaped into {1}"
// CHECK: tensor.expand_shape %arg0
func.func @by_data(%x: tensor<?xf32>, %s: tensor<2xi64>) -> tensor<?x?xf32> attributes {run.entry = #run.entry} {
  %0 = nn.reshape %x, %s : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func @scalar
// CHECK: tensor.collapse_shape %arg0 [] : tensor<1x1xf32> into tensor<f32>
func.func @scalar(%x: tensor<1x1xf32>) -> tensor<f32> attributes {run.entry = #run.entry} {
  %s = nn.constant dense<> : tensor<0xi64>
  %0 = nn.reshape %x, %s : (tensor<1x1xf32>, tensor<0xi64>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// A wanted size that is not known is 1 or the operand's.
// CHECK-LABEL: func @expand
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %{{.*}}, %c3
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %{{.*}}, %c1
// CHECK: %[[OK:.*]] = arith.ori %[[SAME]], %[[ONE]]
// CHECK: run.require %[[OK]], "node '': sizes {0} and {1} do not broadcast"
// CHECK: linalg.generic
func.func @expand(%x: tensor<1x3xf32>, %s: tensor<2xi64>) -> tensor<?x3xf32> attributes {run.entry = #run.entry} {
  %0 = nn.expand %x, %s : (tensor<1x3xf32>, tensor<2xi64>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

// CHECK-LABEL: func @concat
// CHECK: run.require %{{.*}}, "node '': sizes {0} and {1} of concatenated inputs differ"
// CHECK: tensor.concat dim(1) %arg0, %arg1
func.func @concat(%x: tensor<?x3xf32>, %y: tensor<?x3xf32>) -> tensor<?x6xf32> attributes {run.entry = #run.entry} {
  %0 = nn.concat %x, %y {axis = 1 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}

// -----

// CHECK-LABEL: func @shape_and_transpose
// CHECK: %[[N:.*]] = arith.index_cast %{{.*}} : index to i64
// CHECK: tensor.from_elements %[[N]], %c3_i64 : tensor<2xi64>
// CHECK: linalg.transpose ins(%arg0 {{.*}} permutation = [1, 0]
func.func @shape_and_transpose(%x: tensor<?x3xf32>) -> (tensor<2xi64>, tensor<3x?xf32>) attributes {run.entry = #run.entry} {
  %0 = nn.shape %x : tensor<?x3xf32> -> tensor<2xi64>
  %1 = nn.transpose %x [1, 0] : tensor<?x3xf32> -> tensor<3x?xf32>
  return %0, %1 : tensor<2xi64>, tensor<3x?xf32>
}

// -----

// CHECK-LABEL: func @range
// CHECK: %[[N:.*]] = arith.ceildivsi
// CHECK: %[[COUNT:.*]] = arith.maxsi %[[N]], %c0_i64
// CHECK: linalg.generic
// CHECK: %[[I:.*]] = arith.index_cast %{{.*}} : index to i64
// CHECK: %[[STEP:.*]] = arith.muli %[[I]]
// CHECK: arith.addi %{{.*}}, %[[STEP]]
func.func @range(%a: tensor<i64>, %b: tensor<i64>, %c: tensor<i64>) -> tensor<?xi64> attributes {run.entry = #run.entry} {
  %0 = nn.range %a, %b, %c : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return %0 : tensor<?xi64>
}
