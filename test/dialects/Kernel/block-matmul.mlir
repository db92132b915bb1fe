// RUN: optc-opt %s | optc-opt | FileCheck %s
// RUN: optc-opt %s --kernel-decompose | FileCheck %s --check-prefix=LINALG

// CHECK-LABEL: @integers
// CHECK: kernel.block_matmul %{{.*}} scale %{{.*}} sums %{{.*}}, %{{.*}} scale %{{.*}} zero %{{.*}} with %{{.*}} into %{{.*}} {bits = 4 : i64, block = 32 : i64
// The dots of blocks in integers, then their scaled sum, then the bias.
// LINALG-LABEL: @integers
// LINALG: %[[parts:.*]] = tensor.expand_shape %{{.*}} {{\[\[}}0], [1, 2, 3]] {{.*}} : tensor<?x64xi8> into tensor<?x2x2x16xi8>
// LINALG: %[[dots:.*]] = linalg.generic {{.*}} ins(%[[parts]] : tensor<?x2x2x16xi8>) outs(%{{.*}} : tensor<?x16x2xi32>)
// LINALG: arith.shrui
// LINALG: arith.andi
// LINALG: arith.muli
// LINALG: linalg.generic {{.*}} ins(%[[dots]]
// LINALG: arith.subf
// LINALG: arith.addf
// LINALG: linalg.generic
// LINALG: arith.addf
func.func @integers(%q: tensor<?x64xi8>, %a: tensor<?x2xf32>, %s: tensor<?x2xf32>, %w: tensor<16x32xi8>, %b: tensor<16x2xf16>,
                    %z: tensor<16x2xi8>, %bias: tensor<16xf32>, %i: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = kernel.block_matmul %q scale %a sums %s, %w scale %b zero %z with %bias into %i
      {bits = 4, block = 32, extra_maps = [affine_map<(m, n) -> (n)>]}
      : (tensor<?x64xi8>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<16x32xi8>, tensor<16x2xf16>, tensor<16x2xi8>, tensor<16xf32>, tensor<?x16xf32>)
      -> tensor<?x16xf32> {
  ^bb0(%acc: f32, %x: f32):
    %y = arith.addf %acc, %x : f32
    kernel.yield %y : f32
  }
  return %0 : tensor<?x16xf32>
}

// CHECK-LABEL: @packed
// CHECK: layout = #kernel.panels<16 interleave 4>
// LINALG-LABEL: @packed
// LINALG: linalg.generic
// LINALG: tensor.extract %{{.*}} : tensor<512xi8>
// LINALG: tensor.extract %{{.*}} : tensor<32xf32>
func.func @packed(%x: tensor<?x64xf32>, %w: tensor<512xi8>, %b: tensor<32xf32>, %i: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = kernel.block_matmul %x, %w scale %b into %i {bits = 4, block = 32, layout = #kernel.panels<16 interleave 4>}
      : (tensor<?x64xf32>, tensor<512xi8>, tensor<32xf32>, tensor<?x16xf32>) -> tensor<?x16xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x16xf32>
}

// What a code stands for is shifted out of a word.
// CHECK-LABEL: @codebook
// CHECK: codebook = array<i8: 0, 1, 2, 4>
// LINALG-LABEL: @codebook
// LINALG: arith.constant 67240192 : i64
// LINALG: arith.muli {{.*}} : i64
// LINALG: arith.shrui {{.*}} : i64
// LINALG: arith.trunci {{.*}} : i64 to i32
func.func @codebook(%x: tensor<?x64xf32>, %w: tensor<16x16xi8>, %b: tensor<16x2xf32>, %i: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = kernel.block_matmul %x, %w scale %b into %i {bits = 2, block = 32, codebook = array<i8: 0, 1, 2, 4>}
      : (tensor<?x64xf32>, tensor<16x16xi8>, tensor<16x2xf32>, tensor<?x16xf32>) -> tensor<?x16xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x16xf32>
}
