// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @packs
func.func @packs(%kn: tensor<10x20xf32>, %nk: tensor<?x?xf32>, %w: tensor<24x3x3x3xf32>, %d: tensor<16x1x5xf32>,
    %i0: tensor<240xf32>, %i1: tensor<?xf32>, %i2: tensor<648xf32>, %i3: tensor<80xf32>, %half: tensor<10x20xbf16>,
    %i4: tensor<240xbf16>, %i5: tensor<1152xf32>, %narrow: tensor<8x4x3x3xbf16>, %i6: tensor<512xbf16>) {
  // CHECK: kernel.pack kn %{{.*}} into %{{.*}} {layout = #kernel.panels<16>}
  %0 = kernel.pack kn %kn into %i0 {layout = #kernel.panels<16>} : (tensor<10x20xf32>, tensor<240xf32>) -> tensor<240xf32>
  // CHECK: kernel.pack nk %{{.*}} into %{{.*}} {layout = #kernel.panels<64, align = 16>}
  %1 = kernel.pack nk %nk into %i1 {layout = #kernel.panels<64, align = 16>} : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: kernel.pack filter %{{.*}} into %{{.*}} {groups = 3 : i64, layout = #kernel.panels<8>}
  %2 = kernel.pack filter %w into %i2 {layout = #kernel.panels<8>, groups = 3} : (tensor<24x3x3x3xf32>, tensor<648xf32>) -> tensor<648xf32>
  // CHECK: kernel.pack filter %{{.*}} into %{{.*}} {groups = 16 : i64, layout = #kernel.taps}
  %3 = kernel.pack filter %d into %i3 {layout = #kernel.taps, groups = 16} : (tensor<16x1x5xf32>, tensor<80xf32>) -> tensor<80xf32>
  // CHECK: kernel.pack kn %{{.*}} into %{{.*}} {layout = #kernel.panels<16 interleave 2>}
  %4 = kernel.pack kn %half into %i4 {layout = #kernel.panels<16 interleave 2>} : (tensor<10x20xbf16>, tensor<240xbf16>) -> tensor<240xbf16>
  // CHECK: kernel.pack filter %{{.*}} into %{{.*}} {layout = #kernel.winograd<2, panels = <16>>}
  %5 = kernel.pack filter %w into %i5 {layout = #kernel.winograd<2, panels = <16>>} : (tensor<24x3x3x3xf32>, tensor<1152xf32>) -> tensor<1152xf32>
  // CHECK: kernel.pack filter %{{.*}} into %{{.*}} {layout = #kernel.winograd<2, panels = <8 interleave 2>>}
  %6 = kernel.pack filter %narrow into %i6 {layout = #kernel.winograd<2, panels = <8 interleave 2>>} : (tensor<8x4x3x3xbf16>, tensor<512xbf16>) -> tensor<512xbf16>
  return
}
