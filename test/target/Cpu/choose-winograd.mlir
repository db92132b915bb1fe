// RUN: optc-opt %s --cpu-choose-winograd | FileCheck %s
// RUN: optc-opt %s --cpu-choose-winograd=forbidden=--exact | FileCheck %s --check-prefix=EXACT

// EXACT-NOT: kernel.pack

// CHECK-LABEL: @large_tiles
// CHECK: %[[P:.*]] = kernel.pack filter %{{.*}} {layout = #kernel.winograd<4, panels = <16>>} : (tensor<64x64x3x3xf32>, tensor<147456xf32>)
// CHECK: kernel.conv %{{.*}}, %[[P]] {{.*}} layout = #kernel.winograd<4, panels = <16>>
func.func @large_tiles(%x: tensor<1x30x30x64xf32>, %i: tensor<1x28x28x64xf32>) -> tensor<1x28x28x64xf32> {
  %w = arith.constant dense<1.0> : tensor<64x64x3x3xf32>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<1x30x30x64xf32>, tensor<64x64x3x3xf32>, tensor<1x28x28x64xf32>) -> tensor<1x28x28x64xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x28x28x64xf32>
}

// Four tiles of 4 x 4 would be a little faster, but not worth 38 MB of weights.
// CHECK-LABEL: @small_tiles
// CHECK: layout = #kernel.winograd<2, panels = <16>>
func.func @small_tiles(%x: tensor<1x9x9x512xf32>, %i: tensor<1x7x7x512xf32>) -> tensor<1x7x7x512xf32> {
  %w = arith.constant dense<1.0> : tensor<512x512x3x3xf32>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<1x9x9x512xf32>, tensor<512x512x3x3xf32>, tensor<1x7x7x512xf32>) -> tensor<1x7x7x512xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x7x7x512xf32>
}

// Unknown sizes are taken for usual ones; 24 columns make a panel of their own.
// CHECK-LABEL: @unknown_sizes
// CHECK: layout = #kernel.winograd<4, panels = <24>>
func.func @unknown_sizes(%x: tensor<?x?x?x96xf32>, %i: tensor<?x?x?x24xf32>) -> tensor<?x?x?x24xf32> {
  %w = arith.constant dense<1.0> : tensor<24x96x3x3xf32>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<?x?x?x96xf32>, tensor<24x96x3x3xf32>, tensor<?x?x?x24xf32>) -> tensor<?x?x?x24xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x?x?x24xf32>
}

// CHECK-LABEL: @one_output
// CHECK-NOT: kernel.pack
// CHECK: return
func.func @one_output(%x: tensor<1x3x3x64xf32>, %i: tensor<1x1x1x64xf32>) -> tensor<1x1x1x64xf32> {
  %w = arith.constant dense<1.0> : tensor<64x64x3x3xf32>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<1x3x3x64xf32>, tensor<64x64x3x3xf32>, tensor<1x1x1x64xf32>) -> tensor<1x1x1x64xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x1x1x64xf32>
}

// CHECK-LABEL: @two_groups
// CHECK-NOT: kernel.pack
// CHECK: return
func.func @two_groups(%x: tensor<1x30x30x64xf32>, %i: tensor<1x28x28x64xf32>) -> tensor<1x28x28x64xf32> {
  %w = arith.constant dense<1.0> : tensor<64x32x3x3xf32>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2}
      : (tensor<1x30x30x64xf32>, tensor<64x32x3x3xf32>, tensor<1x28x28x64xf32>) -> tensor<1x28x28x64xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x28x28x64xf32>
}

// CHECK-LABEL: @variable_filter
// CHECK-NOT: kernel.pack
// CHECK: return
func.func @variable_filter(%x: tensor<1x30x30x64xf32>, %w: tensor<64x64x3x3xf32>, %i: tensor<1x28x28x64xf32>) -> tensor<1x28x28x64xf32> {
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<1x30x30x64xf32>, tensor<64x64x3x3xf32>, tensor<1x28x28x64xf32>) -> tensor<1x28x28x64xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x28x28x64xf32>
}

// Products of bf16 pairs.
// CHECK-LABEL: @narrow
// CHECK: kernel.pack filter %{{.*}} {layout = #kernel.winograd<4, panels = <24 interleave 2>>} : (tensor<24x96x3x3xbf16>, tensor<82944xbf16>)
// CHECK: kernel.conv {{.*}} : (tensor<1x42x42x96xbf16>, tensor<82944xbf16>, tensor<1x40x40x24xf32>)
func.func @narrow(%x: tensor<1x42x42x96xbf16>, %i: tensor<1x40x40x24xf32>) -> tensor<1x40x40x24xf32> {
  %w = arith.constant dense<1.0> : tensor<24x96x3x3xbf16>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<1x42x42x96xbf16>, tensor<24x96x3x3xbf16>, tensor<1x40x40x24xf32>) -> tensor<1x40x40x24xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x40x40x24xf32>
}

// Four tiles of 4 take as many products as nine of 2.
// CHECK-LABEL: @narrow_small_tiles
// CHECK: layout = #kernel.winograd<2, panels = <16 interleave 2>>
func.func @narrow_small_tiles(%x: tensor<1x8x8x128xbf16>, %i: tensor<1x6x6x128xf32>) -> tensor<1x6x6x128xf32> {
  %w = arith.constant dense<1.0> : tensor<128x128x3x3xbf16>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<1x8x8x128xbf16>, tensor<128x128x3x3xbf16>, tensor<1x6x6x128xf32>) -> tensor<1x6x6x128xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x6x6x128xf32>
}

// Of an odd number of channels there are no pairs: a filter of bf16 is transformed in f32.
// CHECK-LABEL: @narrow_odd
// CHECK: kernel.pack filter %{{.*}} {layout = #kernel.winograd<4, panels = <24>>} : (tensor<24x95x3x3xbf16>, tensor<82080xf32>)
// CHECK: kernel.conv {{.*}} : (tensor<1x42x42x95xbf16>, tensor<82080xf32>, tensor<1x40x40x24xf32>)
func.func @narrow_odd(%x: tensor<1x42x42x95xbf16>, %i: tensor<1x40x40x24xf32>) -> tensor<1x40x40x24xf32> {
  %w = arith.constant dense<1.0> : tensor<24x95x3x3xbf16>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<1x42x42x95xbf16>, tensor<24x95x3x3xbf16>, tensor<1x40x40x24xf32>) -> tensor<1x40x40x24xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x40x40x24xf32>
}

// CHECK-LABEL: @narrow_direct
// CHECK-NOT: kernel.pack
// CHECK: return
func.func @narrow_direct(%x: tensor<1x3x4x512xbf16>, %i: tensor<1x1x2x512xf32>) -> tensor<1x1x2x512xf32> {
  %w = arith.constant dense<1.0> : tensor<512x512x3x3xbf16>
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1}
      : (tensor<1x3x4x512xbf16>, tensor<512x512x3x3xbf16>, tensor<1x1x2x512xf32>) -> tensor<1x1x2x512xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x1x2x512xf32>
}
