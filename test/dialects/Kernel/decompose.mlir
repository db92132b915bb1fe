// RUN: optc-opt %s --kernel-decompose | FileCheck %s

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
#nk = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]

// Without an epilogue, sums are made in the destination.
// CHECK-LABEL: @matmul
// CHECK-SAME: %{{.*}}: tensor<?x8xf16>, %{{.*}}: tensor<4x8xf16>, %[[I:.*]]: tensor<?x4xf16>
// CHECK: %[[Z:.*]] = linalg.fill ins(%{{.*}} : f16) outs(%[[I]]
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} {{.*}} outs(%[[Z]]
// CHECK-NOT: linalg.generic
func.func @matmul(%a: tensor<?x8xf16>, %b: tensor<4x8xf16>, %i: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = kernel.matmul %a, %b into %i {maps = #nk} : (tensor<?x8xf16>, tensor<4x8xf16>, tensor<?x4xf16>) -> tensor<?x4xf16> {
  ^bb0(%acc: f16):
    kernel.yield %acc : f16
  }
  return %0 : tensor<?x4xf16>
}

// CHECK-LABEL: @wide_accumulator
// CHECK: linalg.generic
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK: arith.addf %{{.*}} : f32
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<4x4xbf16>)
// CHECK: arith.truncf
func.func @wide_accumulator(%a: tensor<4x8xbf16>, %b: tensor<8x4xbf16>, %c: tensor<4x4xbf16>) -> tensor<4x4xbf16> {
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xbf16>, tensor<8x4xbf16>, tensor<4x4xbf16>) -> tensor<4x4xbf16> {
  ^bb0(%acc: f32):
    %0 = arith.truncf %acc : f32 to bf16
    kernel.yield %0 : bf16
  }
  return %r : tensor<4x4xbf16>
}

// CHECK-LABEL: @grouped_conv
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0], [1], [2, 3]]
// CHECK: linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]
// CHECK: tensor.collapse_shape
func.func @grouped_conv(%x: tensor<2x?x8xf64>, %w: tensor<10x4x5xf64>, %c: tensor<2x?x10xf64>) -> tensor<2x?x10xf64> {
  %r = kernel.conv %x, %w into %c {window = array<i64: 5>, strides = array<i64: 3>,
      dilations = array<i64: 1>, groups = 2} : (tensor<2x?x8xf64>, tensor<10x4x5xf64>, tensor<2x?x10xf64>) -> tensor<2x?x10xf64> {
  ^bb0(%acc: f64):
    kernel.yield %acc : f64
  }
  return %r : tensor<2x?x10xf64>
}

// CHECK-LABEL: @bare_conv
// CHECK: tensor.pad %{{.*}} low[0, 6, 0] high[0, 5, 0]
// CHECK: linalg.generic
func.func @bare_conv(%x: tensor<2x4x8xf32>, %w: tensor<10x8x3xf32>, %c: tensor<2x3x10xf32>) -> tensor<2x3x10xf32> {
  %r = kernel.conv %x, %w into %c {window = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 6>,
      groups = 1, pads = array<i64: 6, 5>} : (tensor<2x4x8xf32>, tensor<10x8x3xf32>, tensor<2x3x10xf32>) -> tensor<2x3x10xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<2x3x10xf32>
}

// CHECK-LABEL: @max_pool
// CHECK: arith.constant -128 : i8
// CHECK: tensor.pad
// CHECK: arith.maxsi
func.func @max_pool(%x: tensor<1x9x16xi8>, %c: tensor<1x5x16xi8>) -> tensor<1x5x16xi8> {
  %r = kernel.pool max %x into %c {window = array<i64: 2>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
      : (tensor<1x9x16xi8>, tensor<1x5x16xi8>) -> tensor<1x5x16xi8> {
  ^bb0(%acc: i8):
    kernel.yield %acc : i8
  }
  return %r : tensor<1x5x16xi8>
}

// CHECK-LABEL: @average_pool
// CHECK-NOT: tensor.pad
// CHECK: arith.addf
// CHECK: arith.divf
func.func @average_pool(%x: tensor<1x8x16xf32>, %c: tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
  %r = kernel.pool average %x into %c {window = array<i64: 2>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
      : (tensor<1x8x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<1x4x16xf32>
}

// The filter is transformed back, then the conv is like any other.
// CHECK-LABEL: @winograd_conv
// CHECK: %[[F:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%{{.*}} : tensor<4x2x3x3xf32>)
// CHECK-COUNT-4: tensor.extract %{{.*}} : tensor<256xf32>
// CHECK: tensor.expand_shape %[[F]]
// CHECK: linalg.generic
// CHECK-NOT: tensor.extract
func.func @winograd_conv(%x: tensor<1x6x7x2xf32>, %w: tensor<256xf32>, %c: tensor<1x4x5x4xf32>) -> tensor<1x4x5x4xf32> {
  %r = kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<2, panels = <8>>}
      : (tensor<1x6x7x2xf32>, tensor<256xf32>, tensor<1x4x5x4xf32>) -> tensor<1x4x5x4xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<1x4x5x4xf32>
}

// In double precision, as kernel-evaluate-packs computes it.
// CHECK-LABEL: @winograd_pack
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<256xf32>)
// CHECK-COUNT-9: arith.extf %{{.*}} : f32 to f64
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @winograd_pack(%w: tensor<4x2x3x3xf32>, %i: tensor<256xf32>) -> tensor<256xf32> {
  %0 = kernel.pack filter %w into %i {layout = #kernel.winograd<2, panels = <8>>} : (tensor<4x2x3x3xf32>, tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}

// To bf16 by way of f32, as kernel-evaluate-packs rounds.
// CHECK-LABEL: @winograd_pack_of_pairs
// CHECK: arith.truncf %{{.*}} : f64 to f32
// CHECK-NEXT: arith.truncf %{{.*}} : f32 to bf16
func.func @winograd_pack_of_pairs(%w: tensor<4x2x3x3xbf16>, %i: tensor<256xbf16>) -> tensor<256xbf16> {
  %0 = kernel.pack filter %w into %i {layout = #kernel.winograd<2, panels = <8 interleave 2>>} : (tensor<4x2x3x3xbf16>, tensor<256xbf16>) -> tensor<256xbf16>
  return %0 : tensor<256xbf16>
}

// CHECK-LABEL: @pack
// CHECK: linalg.generic
// CHECK: tensor.extract
// CHECK: arith.select
func.func @pack(%w: tensor<?x?xf32>, %i: tensor<?xf32>) -> tensor<?xf32> {
  %0 = kernel.pack nk %w into %i {layout = #kernel.panels<64>} : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// Phases are dims beside the places that they are interleaved with.
// CHECK-LABEL: @phases
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0], [1, 2], [3], [4]] {{.*}} into tensor<1x?x2x1x5xf32>
// CHECK: tensor.expand_shape %{{.*}} into tensor<1x2x5x4x1xf32>
// CHECK: linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2], [3, 4]]
func.func @phases(%x: tensor<1x?x4xf32>, %w: tensor<10x4x1xf32>, %c: tensor<1x?x5xf32>) -> tensor<1x?x5xf32> {
  %r = kernel.conv %x, %w into %c {window = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
      groups = 1, phases = array<i64: 2>} : (tensor<1x?x4xf32>, tensor<10x4x1xf32>, tensor<1x?x5xf32>) -> tensor<1x?x5xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<1x?x5xf32>
}
