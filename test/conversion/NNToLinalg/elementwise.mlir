// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// One generic over the result's dimensions; sizes come from the operands.
// CHECK-LABEL: func @unary
// CHECK: %[[D:.*]] = tensor.dim %arg0, %c0
// CHECK: %[[E:.*]] = tensor.empty(%[[D]]) : tensor<?x3xf32>
// CHECK: linalg.generic {{.*}}["parallel", "parallel"]} ins(%arg0 {{.*}}) outs(%[[E]]
// CHECK: arith.maximumf
func.func @unary(%x: tensor<?x3xf32>) -> tensor<?x3xf32> attributes {run.entry = #run.entry} {
  %0 = nn.unary relu %x : tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

// Dimensions of size 1 that broadcast are dropped; the map says what is read.
// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[COLUMNS:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[ROWS:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-LABEL: func @broadcast
// CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[COLUMNS]], #[[ALL]]]
// CHECK: %[[C:.*]] = tensor.collapse_shape %arg2 {{.*}} : tensor<?x1xf32> into tensor<?xf32>
// CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[ROWS]], #[[ALL]]]{{.*}} ins(%{{.*}}, %[[C]]
func.func @broadcast(%x: tensor<?x3xf32> {nn.dims = ["N", ""]}, %b: tensor<3xf32>, %c: tensor<?x1xf32> {nn.dims = ["N", ""]})
    -> tensor<?x3xf32> attributes {run.entry = #run.entry} {
  %0 = nn.binary add %x, %b : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %1 = nn.binary mul %0, %c : (tensor<?x3xf32>, tensor<?x1xf32>) -> tensor<?x3xf32>
  return %1 : tensor<?x3xf32>
}

// -----

// Booleans are bytes in memory and bits in between.
// CHECK-LABEL: func @booleans(
// CHECK-SAME: %{{.*}}: tensor<4xf32>, %{{.*}}: tensor<4xi8>) -> (tensor<4xi8>, tensor<4xf32>)
// CHECK: %[[C:.*]] = arith.cmpf olt
// CHECK: arith.extui %[[C]] : i1 to i8
// CHECK: arith.cmpi ne, %{{.*}}, %c0_i8
// CHECK: arith.andi %{{.*}} : i1
// CHECK: arith.select
func.func @booleans(%x: tensor<4xf32>, %m: tensor<4xi1>) -> (tensor<4xi1>, tensor<4xf32>) attributes {run.entry = #run.entry} {
  %0 = nn.compare lt %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %1 = nn.binary and %0, %m : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %2 = nn.select %1, %x, %x : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %1, %2 : tensor<4xi1>, tensor<4xf32>
}

// -----

// Halves are computed in f32.
// CHECK-LABEL: func @halves
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: arith.addf %{{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to f16
func.func @halves(%x: tensor<4xf16>) -> tensor<4xf16> attributes {run.entry = #run.entry} {
  %0 = nn.binary add %x, %x : (tensor<4xf16>, tensor<4xf16>) -> tensor<4xf16>
  return %0 : tensor<4xf16>
}

// -----

// Types lose their sign, ops keep it; a division by zero must not trap.
// CHECK-LABEL: func @unsigned
// CHECK: %[[ZERO:.*]] = arith.cmpi eq, %[[Y:.*]], %c0_i8
// CHECK: %[[SAFE:.*]] = arith.select %[[ZERO]], %c1_i8, %[[Y]]
// CHECK: arith.divui %{{.*}}, %[[SAFE]]
// CHECK: arith.uitofp
func.func @unsigned(%x: tensor<4xui8>, %y: tensor<4xui8>) -> tensor<4xf32> attributes {run.entry = #run.entry} {
  %0 = nn.binary div %x, %y : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %1 = nn.cast %0 : tensor<4xui8> -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
