// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @plain
// CHECK: kernel.matmul %{{.*}}, %{{.*}} into %{{.*}} {maps = [
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32):
// CHECK-NEXT: kernel.yield %[[A]] : f32
func.func @plain(%a: tensor<?x64xf32>, %b: tensor<64x32xf32>, %c: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %r = kernel.matmul %a, %b into %c {
      maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
              affine_map<(m, n, k) -> (m, n)>]}
      : (tensor<?x64xf32>, tensor<64x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<?x32xf32>
}

// CHECK-LABEL: @packed_with_bias_and_residual
// CHECK: with %{{.*}}, %{{.*}} into
// CHECK-SAME: layout = #kernel.panels<64>
func.func @packed_with_bias_and_residual(%a: tensor<2x?x30xf32>, %b: tensor<2400xf32>, %bias: tensor<77xf32>,
    %res: tensor<2x?x77xf32>, %c: tensor<2x?x77xf32>) -> tensor<2x?x77xf32> {
  %r = kernel.matmul %a, %b with %bias, %res into %c {layout = #kernel.panels<64>,
      maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (k, n)>,
              affine_map<(b, m, n, k) -> (b, m, n)>],
      extra_maps = [affine_map<(b, m, n) -> (n)>, affine_map<(b, m, n) -> (b, m, n)>]}
      : (tensor<2x?x30xf32>, tensor<2400xf32>, tensor<77xf32>, tensor<2x?x77xf32>, tensor<2x?x77xf32>)
      -> tensor<2x?x77xf32> {
  ^bb0(%acc: f32, %x: f32, %y: f32):
    %0 = arith.addf %acc, %x : f32
    %1 = arith.addf %0, %y : f32
    kernel.yield %1 : f32
  }
  return %r : tensor<2x?x77xf32>
}

// Grouped heads: four query heads read one key head, and the heads lie between rows.
// CHECK-LABEL: @attention_scores
func.func @attention_scores(%q: memref<?x?x2x4x64xf32>, %k: memref<?x?x2x64xf32>, %s: memref<?x2x4x?x?xf32>) {
  // CHECK: : (memref<?x?x2x4x64xf32>, memref<?x?x2x64xf32>, memref<?x2x4x?x?xf32>) -> ()
  kernel.matmul %q, %k into %s {
      maps = [affine_map<(b, h, g, m, n, k) -> (b, m, h, g, k)>,
              affine_map<(b, h, g, m, n, k) -> (b, n, h, k)>,
              affine_map<(b, h, g, m, n, k) -> (b, h, g, m, n)>]}
      : (memref<?x?x2x4x64xf32>, memref<?x?x2x64xf32>, memref<?x2x4x?x?xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @wide_accumulator
func.func @wide_accumulator(%a: tensor<4x8xbf16>, %b: tensor<8x4xbf16>, %c: tensor<4x4xbf16>) -> tensor<4x4xbf16> {
  %r = kernel.matmul %a, %b into %c {
      maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
              affine_map<(m, n, k) -> (m, n)>]}
      : (tensor<4x8xbf16>, tensor<8x4xbf16>, tensor<4x4xbf16>) -> tensor<4x4xbf16> {
  ^bb0(%acc: f32):
    %0 = arith.truncf %acc : f32 to bf16
    kernel.yield %0 : bf16
  }
  return %r : tensor<4x4xbf16>
}
