// RUN: optc-opt %s --place-weights | FileCheck %s

#id = affine_map<(i) -> (i)>

// Equal bytes are stored once, whatever their type; every constant starts at 64 bytes.
// CHECK: module attributes
// CHECK-SAME: run.weights = #run.weights<values = [dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>, dense<[3, 4, 5]> : tensor<3xi8>]
// CHECK-SAME: offsets = [0, 64]

// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[W:[a-z0-9]+]]: memref<?xi8> {run.image})
// CHECK:         %[[C64:.*]] = arith.constant 64 : index
// CHECK:         memref.view %[[W]][%[[C64]]][] : memref<?xi8> to memref<3xi8>
// CHECK:         memref.view %[[W]][%{{.*}}][] : memref<?xi8> to memref<2xi32>
// CHECK:         %[[C0:.*]] = arith.constant 0 : index
// CHECK:         %[[A:.*]] = memref.view %[[W]][%[[C0]]][] : memref<?xi8> to memref<2xf32>
// CHECK:         bufferization.to_tensor %[[A]] restrict : memref<2xf32>
func.func @main() -> (tensor<2xf32>, tensor<2xi32>, tensor<3xi8>) attributes {run.entry = #run.entry} {
  %a = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = arith.constant dense<[1065353216, 1073741824]> : tensor<2xi32>
  %c = arith.constant dense<[3, 4, 5]> : tensor<3xi8>
  return %a, %b, %c : tensor<2xf32>, tensor<2xi32>, tensor<3xi8>
}

// One value: a scalar of a linalg op, or a fill.
// CHECK-LABEL: func.func @splat
// CHECK:         %[[F:.*]] = linalg.fill
// CHECK:         %[[S:.*]] = arith.constant 2.000000e+00 : f32
// CHECK:         %[[Y:.*]] = linalg.generic
// CHECK-SAME:        ins(%arg0 : tensor<4xf32>)
// CHECK:           arith.mulf %{{.*}}, %[[S]]
// CHECK:         return %[[Y]], %[[F]]
func.func @splat(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) attributes {run.entry = #run.entry} {
  %a = arith.constant dense<2.0> : tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %a : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %r = arith.mulf %p, %q : f32
      linalg.yield %r : f32 } -> tensor<4xf32>
  return %y, %a : tensor<4xf32>, tensor<4xf32>
}

// The only operand that tells the size of the reduced dimension stays one.
// CHECK-LABEL: func.func @sumOfOnes
// CHECK:         linalg.fill
// CHECK:         linalg.generic
// CHECK-SAME:        ins(%{{.*}} : tensor<4xf32>)
func.func @sumOfOnes(%x: tensor<f32>) -> tensor<f32> attributes {run.entry = #run.entry} {
  %a = arith.constant dense<1.0> : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#id, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%a : tensor<4xf32>) outs(%x : tensor<f32>) {
    ^bb0(%p: f32, %o: f32):
      %r = arith.addf %p, %o : f32
      linalg.yield %r : f32 } -> tensor<f32>
  return %y : tensor<f32>
}

// CHECK-LABEL: func.func @helper
// CHECK:         arith.constant dense<[1, 2]>
func.func @helper() -> tensor<2xi32> {
  %a = arith.constant dense<[1, 2]> : tensor<2xi32>
  return %a : tensor<2xi32>
}
