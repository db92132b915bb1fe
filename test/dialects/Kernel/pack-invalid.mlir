// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @r1(%w: memref<10x20xf32>, %i: memref<240xf32>) {
  // expected-error @+1 {{[kernel.pack.R1] cannot have 2 groups}}
  kernel.pack kn %w into %i {layout = #kernel.panels<16>, groups = 2} : (memref<10x20xf32>, memref<240xf32>) -> ()
  return
}

// -----

func.func @r2(%w: memref<10x20xf32>, %i: memref<200xf32>) {
  // expected-error @+1 {{[kernel.pack.R2] result 'memref<200xf32>' has not the 240 elements of type 'f32' that the layout takes}}
  kernel.pack kn %w into %i {layout = #kernel.panels<16>} : (memref<10x20xf32>, memref<200xf32>) -> ()
  return
}

// -----

func.func @r2_interleave(%w: memref<9x16xf32>, %i: memref<144xf32>) {
  // expected-error @+1 {{[kernel.pack.R2] 9 rows are no multiple of the 2 that the layout puts side by side}}
  kernel.pack kn %w into %i {layout = #kernel.panels<16 interleave 2>} : (memref<9x16xf32>, memref<144xf32>) -> ()
  return
}

// -----

func.func @r4(%w: memref<8x4x3x2xf32>, %i: memref<1152xf32>) {
  // expected-error @+1 {{[kernel.pack.R4] the layout winograd takes a filter [O, C, 3, 3] of floats}}
  kernel.pack filter %w into %i {layout = #kernel.winograd<4, panels = <8>>} : (memref<8x4x3x2xf32>, memref<1152xf32>) -> ()
  return
}

// -----

func.func @layout(%w: memref<9x16xf32>, %i: memref<144xf32>) {
  // expected-error @+1 {{cannot interleave 0 rows}}
  kernel.pack kn %w into %i {layout = #kernel.panels<16 interleave 0>} : (memref<9x16xf32>, memref<144xf32>) -> ()
  return
}

// -----

func.func @r2_winograd(%w: memref<8x4x3x3xf32>, %i: memref<288xf32>) {
  // expected-error @+1 {{[kernel.pack.R2] result 'memref<288xf32>' has not the 512 elements}}
  kernel.pack filter %w into %i {layout = #kernel.winograd<2, panels = <8>>} : (memref<8x4x3x3xf32>, memref<288xf32>) -> ()
  return
}

// -----

func.func @r3(%w: memref<10x20xf32>, %i: memref<200xf32>) {
  // expected-error @+1 {{[kernel.pack.R3] the layout taps takes a filter [C, 1, window..]}}
  kernel.pack kn %w into %i {layout = #kernel.taps} : (memref<10x20xf32>, memref<200xf32>) -> ()
  return
}

// -----

func.func @r2_odd_winograd(%w: memref<8x5x3x3xbf16>, %i: memref<640xbf16>) {
  // expected-error @+1 {{[kernel.pack.R2] 5 rows are no multiple of the 2 that the layout puts side by side}}
  kernel.pack filter %w into %i {layout = #kernel.winograd<2, panels = <8 interleave 2>>} : (memref<8x5x3x3xbf16>, memref<640xbf16>) -> ()
  return
}

// -----

func.func @r2_winograd(%w: memref<8x4x3x3xbf16>, %i: memref<1152xbf16>) {
  // expected-error @+1 {{[kernel.pack.R2] result 'memref<1152xbf16>' has not the 1152 elements of type 'f32' that the layout takes}}
  kernel.pack filter %w into %i {layout = #kernel.winograd<4, panels = <8>>} : (memref<8x4x3x3xbf16>, memref<1152xbf16>) -> ()
  return
}
