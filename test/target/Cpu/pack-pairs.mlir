// RUN: optc-opt %s --cpu-pack-weights | FileCheck %s
// RUN: optc-opt %s --cpu-pack-weights --kernel-evaluate-packs | FileCheck %s --check-prefix=VALUES

// Weights of bf16 lie in pairs of rows: 0 3 1 4 2 5 | ..
// VALUES: pairs_packed: "0x4000000000004040803F80400040A040000
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// CHECK-LABEL: @pairs
// CHECK: kernel.pack kn %{{.*}} {layout = #kernel.panels<8 interleave 2>} : (tensor<2x3xbf16>, tensor<16xbf16>) -> tensor<16xbf16>
// CHECK: kernel.matmul {{.*}} {layout = #kernel.panels<8 interleave 2>
func.func @pairs(%a: tensor<?x2xbf16>, %i: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense_resource<pairs> : tensor<2x3xbf16>
  %0 = kernel.matmul %a, %w into %i {maps = #maps} : (tensor<?x2xbf16>, tensor<2x3xbf16>, tensor<?x3xf32>) -> tensor<?x3xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x3xf32>
}

// Pairs of channels need an even number of them.
// CHECK-LABEL: @odd
// CHECK-NOT: kernel.pack
// CHECK: return
func.func @odd(%x: tensor<1x9x3xbf16>, %i: tensor<1x8x4xf32>, %a: tensor<?x3xbf16>, %j: tensor<?x3xf32>)
    -> (tensor<1x8x4xf32>, tensor<?x3xf32>) {
  %f = arith.constant dense<1.0> : tensor<4x3x2xbf16>
  %0 = kernel.conv %x, %f into %i {window = array<i64: 2>, strides = array<i64: 1>, dilations = array<i64: 1>, groups = 1}
      : (tensor<1x9x3xbf16>, tensor<4x3x2xbf16>, tensor<1x8x4xf32>) -> tensor<1x8x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %w = arith.constant dense<1.0> : tensor<3x3xbf16>
  %1 = kernel.matmul %a, %w into %j {maps = #maps} : (tensor<?x3xbf16>, tensor<3x3xbf16>, tensor<?x3xf32>) -> tensor<?x3xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0, %1 : tensor<1x8x4xf32>, tensor<?x3xf32>
}

// 0 1 2 / 3 4 5
{-#
  dialect_resources: { builtin: { pairs: "0x020000000000803F004040408040A040" } }
#-}
