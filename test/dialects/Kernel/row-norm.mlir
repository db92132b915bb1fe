// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @softmax_with_mask
// CHECK: kernel.row_norm softmax [1] ins(%{{.*}}, %{{.*}} : tensor<?x16xf32>, tensor<16xf32>) outs(%{{.*}} : tensor<?x16xf32>)
// CHECK: prologue {
// CHECK: arith.addf
// CHECK: epilogue {
// CHECK: -> tensor<?x16xf32>
func.func @softmax_with_mask(%x: tensor<?x16xf32>, %m: tensor<16xf32>, %e: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %y = kernel.row_norm softmax [1] ins(%x, %m : tensor<?x16xf32>, tensor<16xf32>) outs(%e : tensor<?x16xf32>)
      {maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>]} prologue {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    kernel.yield %s : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32, %b: f32):
    kernel.yield %n : f32
  } -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
