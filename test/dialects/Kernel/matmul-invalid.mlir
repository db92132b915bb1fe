// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @r1_rank(%a: memref<4x8xf32>, %b: memref<8x4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{[kernel.matmul.R1] map 0 (affine_map<(d0, d1, d2) -> (d0, d1, d2)>) is not a projected permutation of 3 dims to 2}}
  kernel.matmul %a, %b into %c {maps = [affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>]} : (memref<4x8xf32>, memref<8x4xf32>, memref<4x4xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r1_roles(%a: memref<4x8xf32>, %b: memref<8x4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{[kernel.matmul.R1] lhs must have k and not n}}
  kernel.matmul %a, %b into %c {maps = [affine_map<(m, n, k) -> (m, n)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>]} : (memref<4x8xf32>, memref<8x4xf32>, memref<4x4xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r2(%a: memref<4x8xf32>, %b: memref<9x4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{[kernel.matmul.R2] sizes of dim d2 differ: 8 and 9}}
  kernel.matmul %a, %b into %c {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>]} : (memref<4x8xf32>, memref<9x4xf32>, memref<4x4xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @r3(%a: memref<4x8xf32>, %b: memref<32xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{[kernel.matmul.R3] rhs 'memref<32xf32>' is not the packed form of a (k, n) matrix of 8 x 4}}
  kernel.matmul %a, %b into %c {layout = #kernel.panels<8>,
      maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>]} : (memref<4x8xf32>, memref<32xf32>, memref<4x4xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @epilogue_r1(%a: memref<4x8xf32>, %b: memref<8x4xf32>, %x: memref<4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{[kernel.epilogue.R1] has 0 maps for 1 extra operands}}
  kernel.matmul %a, %b with %x into %c {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>]} : (memref<4x8xf32>, memref<8x4xf32>, memref<4xf32>, memref<4x4xf32>) -> () {
  ^bb0(%acc: f32, %e: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @epilogue_r2(%a: memref<4x8xf32>, %b: memref<8x4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{[kernel.epilogue.R2] region must yield one 'f32'}}
  kernel.matmul %a, %b into %c {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>]} : (memref<4x8xf32>, memref<8x4xf32>, memref<4x4xf32>) -> () {
  ^bb0(%acc: f64):
    kernel.yield %acc : f64
  }
  return
}

// -----

func.func @epilogue_r3(%a: memref<4x8xf32>, %b: memref<8x4xf32>, %x: memref<5xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{[kernel.epilogue.R3] dim 0 of extra operand 0 is 5, the result needs 4}}
  kernel.matmul %a, %b with %x into %c {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>], extra_maps = [affine_map<(m, n) -> (n)>]}
      : (memref<4x8xf32>, memref<8x4xf32>, memref<5xf32>, memref<4x4xf32>) -> () {
  ^bb0(%acc: f32, %e: f32):
    kernel.yield %acc : f32
  }
  return
}
