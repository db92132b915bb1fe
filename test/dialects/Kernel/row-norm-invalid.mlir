// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @dims_out_of_range(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R1] dims must be distinct ascending axes}}
  kernel.row_norm softmax [2] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i, j)>]} prologue {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32):
    kernel.yield %n : f32
  }
  return
}

// -----

func.func @dims_not_ascending(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R1] dims must be distinct ascending axes}}
  kernel.row_norm softmax [1, 0] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i, j)>]} prologue {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32):
    kernel.yield %n : f32
  }
  return
}

// -----

func.func @no_dims(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R1]}}
  kernel.row_norm softmax [] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i, j)>]} prologue {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32):
    kernel.yield %n : f32
  }
  return
}

// -----

func.func @two_maps(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R2]}}
  kernel.row_norm softmax [1] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} prologue {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32):
    kernel.yield %n : f32
  }
  return
}

// -----

func.func @map_of_a_sum(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R2]}}
  kernel.row_norm softmax [1] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i + j, j)>]} prologue {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32):
    kernel.yield %n : f32
  }
  return
}

// -----

func.func @prologue_yields_an_integer(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R3]}}
  kernel.row_norm softmax [1] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i, j)>]} prologue {
  ^bb0(%a: f32):
    %i = arith.fptosi %a : f32 to i32
    kernel.yield %i : i32
  } epilogue {
  ^bb0(%n: i32, %a: f32):
    kernel.yield %a : f32
  }
  return
}

// -----

func.func @prologue_of_two(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R3]}}
  kernel.row_norm softmax [1] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i, j)>]} prologue {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32):
    kernel.yield %n : f32
  }
  return
}

// -----

func.func @epilogue_of_one(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R4]}}
  kernel.row_norm softmax [1] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i, j)>]} prologue {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32):
    kernel.yield %n : f32
  }
  return
}

// -----

func.func @epilogue_yields_f64(%x: memref<4x8xf32>, %e: memref<4x8xf32>) {
  // expected-error @+1 {{[kernel.row_norm.R4]}}
  kernel.row_norm softmax [1] ins(%x : memref<4x8xf32>) outs(%e : memref<4x8xf32>) {maps = [affine_map<(i, j) -> (i, j)>]} prologue {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32):
    %w = arith.extf %n : f32 to f64
    kernel.yield %w : f64
  }
  return
}
