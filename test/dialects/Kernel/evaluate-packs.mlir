// RUN: optc-opt %s --kernel-evaluate-packs | FileCheck %s
// RUN: optc-opt %s --kernel-evaluate-packs --mlir-elide-elementsattrs-if-larger=1 | FileCheck %s --check-prefix=IR

// The values, as little-endian floats: 1 2 | 4 5 | 3 0 | 6 0.
// CHECK: kn_packed: "0x400000000000803F00000040000080400000A04000004040000000000000C04000000000"
// G g G^T of 1 2 3 | 4 5 6 | 7 8 10 for tiles of 2, whose first row is 1 -3 -1 -3.
// CHECK: window_packed: "0x400000000000803F000040C0000080BF000040C00000C0C0000038410000804000001841000000C0000080400000C03F000060400000E0C0000048410000904000002041"
// CHECK: narrow_window_packed: "0x400000000000803F000040C0000080BF000040C00000C0C0000038410000804000001841000000C0000080400000C03F000060400000E0C0000048410000904000002041"
// The same in bf16, each number beside that of a second channel, of which only the middle tap is not 0.
// CHECK: two_windows_packed: "0x40000000803F000040C0000080BF000040C00000C0C000003841803F804080BF1841000000C00000804080BFC03F803F60400000E0C00000484100009040000020410000"
// IR-LABEL: @packs
// IR-COUNT-3: arith.constant dense_resource
// IR-NOT: kernel.pack
func.func @packs() -> (tensor<8xf32>, tensor<8xf32>, tensor<4xf32>) {
  %kn = arith.constant dense_resource<kn> : tensor<2x3xf32>
  %i = tensor.empty() : tensor<8xf32>
  %0 = kernel.pack kn %kn into %i {layout = #kernel.panels<2, align = 2>} : (tensor<2x3xf32>, tensor<8xf32>) -> tensor<8xf32>
  %f = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>
  %1 = kernel.pack filter %f into %i {layout = #kernel.panels<2, align = 2>} : (tensor<2x2x2xf32>, tensor<8xf32>) -> tensor<8xf32>
  %d = arith.constant dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>
  %j = tensor.empty() : tensor<4xf32>
  %2 = kernel.pack filter %d into %j {layout = #kernel.taps, groups = 2} : (tensor<2x1x2xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0, %1, %2 : tensor<8xf32>, tensor<8xf32>, tensor<4xf32>
}

// IR-LABEL: @winograd
// IR: arith.constant dense_resource<window_packed> : tensor<16xf32>
// IR-NOT: kernel.pack
func.func @winograd() -> tensor<16xf32> {
  %w = arith.constant dense_resource<window> : tensor<1x1x3x3xf32>
  %i = tensor.empty() : tensor<16xf32>
  %0 = kernel.pack filter %w into %i {layout = #kernel.winograd<2, panels = <1, align = 1>>} : (tensor<1x1x3x3xf32>, tensor<16xf32>) -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// The same from bf16, in f32.
// IR-LABEL: @narrow_winograd
// IR: arith.constant dense_resource<narrow_window_packed> : tensor<16xf32>
// IR-NOT: kernel.pack
func.func @narrow_winograd() -> tensor<16xf32> {
  %w = arith.constant dense_resource<narrow_window> : tensor<1x1x3x3xbf16>
  %i = tensor.empty() : tensor<16xf32>
  %0 = kernel.pack filter %w into %i {layout = #kernel.winograd<2, panels = <1, align = 1>>} : (tensor<1x1x3x3xbf16>, tensor<16xf32>) -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// IR-LABEL: @paired_winograd
// IR: arith.constant dense_resource<two_windows_packed> : tensor<32xbf16>
// IR-NOT: kernel.pack
func.func @paired_winograd() -> tensor<32xbf16> {
  %w = arith.constant dense_resource<two_windows> : tensor<1x2x3x3xbf16>
  %i = tensor.empty() : tensor<32xbf16>
  %0 = kernel.pack filter %w into %i {layout = #kernel.winograd<2, panels = <1 interleave 2, align = 1>>} : (tensor<1x2x3x3xbf16>, tensor<32xbf16>) -> tensor<32xbf16>
  return %0 : tensor<32xbf16>
}

{-#
  dialect_resources: {
    builtin: {
      two_windows: "0x04000000803F004040408040A040C040E04000412041000000000000000080400000000000000000",
      narrow_window: "0x04000000803F004040408040A040C040E04000412041",
      window: "0x040000000000803F0000004000004040000080400000A0400000C0400000E0400000004100002041",
      kn: "0x400000000000803F0000004000004040000080400000A0400000C040"
    }
  }
#-}
