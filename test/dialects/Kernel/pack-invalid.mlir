// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @r1(%w: memref<10x20xf32>, %i: memref<240xf32>) {
  // expected-error @+1 {{[pack.R1] cannot have 2 groups}}
  kernel.pack kn %w into %i {layout = #kernel.panels<16>, groups = 2} : (memref<10x20xf32>, memref<240xf32>) -> ()
  return
}

// -----

func.func @r2(%w: memref<10x20xf32>, %i: memref<200xf32>) {
  // expected-error @+1 {{[pack.R2] result 'memref<200xf32>' has not the 240 elements of type 'f32' that the layout takes}}
  kernel.pack kn %w into %i {layout = #kernel.panels<16>} : (memref<10x20xf32>, memref<200xf32>) -> ()
  return
}

// -----

func.func @r2_interleave(%w: memref<9x16xf32>, %i: memref<144xf32>) {
  // expected-error @+1 {{[pack.R2] 9 rows are no multiple of the 2 that the layout puts side by side}}
  kernel.pack kn %w into %i {layout = #kernel.panels<16 interleave 2>} : (memref<9x16xf32>, memref<144xf32>) -> ()
  return
}

// -----

func.func @layout(%w: memref<9x16xf32>, %i: memref<144xf32>) {
  // expected-error @+1 {{cannot interleave 0 rows}}
  kernel.pack kn %w into %i {layout = #kernel.panels<16 interleave 0>} : (memref<9x16xf32>, memref<144xf32>) -> ()
  return
}

// -----

func.func @r3(%w: memref<10x20xf32>, %i: memref<200xf32>) {
  // expected-error @+1 {{[pack.R3] the layout taps takes a filter [C, 1, window..]}}
  kernel.pack kn %w into %i {layout = #kernel.taps} : (memref<10x20xf32>, memref<200xf32>) -> ()
  return
}
