// RUN: optc-opt %s --split-input-file --verify-diagnostics

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#b = affine_map<(b, n, r, s, t, d, e) -> (b)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>

func.func @map_count(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %o: tensor<2xi64>) -> tensor<2x3x5x8xf32> {
  %i = tensor.empty() : tensor<2x3x5x8xf32>
  // expected-error @+1 {{[kernel.attention.R1] has 4 maps for 5 operands}}
  %r = kernel.attention %q, %k, %k offset %o into %i {maps = [#q, #k, #v, #o]}
      : (tensor<2x3x5x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x6x8xf32>, tensor<2xi64>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<2x3x5x8xf32>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#b = affine_map<(b, n, r, s, t, d, e) -> (b)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>

func.func @map_rank(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %o: tensor<2xi64>) -> tensor<2x3x5x8xf32> {
  %i = tensor.empty() : tensor<2x3x5x8xf32>
  // expected-error @+1 {{[kernel.attention.R1] map 3 is no projected permutation}}
  %r = kernel.attention %q, %k, %k offset %o into %i {maps = [#q, #k, #v, #k, #o]}
      : (tensor<2x3x5x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x6x8xf32>, tensor<2xi64>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<2x3x5x8xf32>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#b = affine_map<(b, n, r, s, t, d, e) -> (b)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>

func.func @dims(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %o: tensor<2xi64>) -> tensor<2x3x5x8xf32> {
  %i = tensor.empty() : tensor<2x3x5x8xf32>
  // expected-error @+1 {{[kernel.attention.R1] an operand has dims it must not have, or lacks one}}
  %r = kernel.attention %q, %k, %k offset %o into %i {maps = [#q, #v, #v, #b, #o]}
      : (tensor<2x3x5x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x6x8xf32>, tensor<2xi64>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<2x3x5x8xf32>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#b = affine_map<(b, n, r, s, t, d, e) -> (b)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>

func.func @sizes(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %o: tensor<4xi64>) -> tensor<2x3x5x8xf32> {
  %i = tensor.empty() : tensor<2x3x5x8xf32>
  // expected-error @+1 {{[kernel.attention.R2] dim 0 is 2 and 4}}
  %r = kernel.attention %q, %k, %k offset %o into %i {maps = [#q, #k, #v, #b, #o]}
      : (tensor<2x3x5x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x6x8xf32>, tensor<4xi64>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<2x3x5x8xf32>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#b = affine_map<(b, n, r, s, t, d, e) -> (b)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>

func.func @region(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %o: tensor<2xi64>) -> tensor<2x3x5x8xf32> {
  %i = tensor.empty() : tensor<2x3x5x8xf32>
  // expected-error @+1 {{[kernel.attention.R3] the region must take an f32 or f64 and one element per extra operand}}
  %r = kernel.attention %q, %k, %k offset %o into %i {maps = [#q, #k, #v, #b, #o]}
      : (tensor<2x3x5x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x6x8xf32>, tensor<2xi64>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32, %m: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<2x3x5x8xf32>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#b = affine_map<(b, n, r, s, t, d, e) -> (b)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>

func.func @bounds(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %o: tensor<2xi64>) -> tensor<2x3x5x8xf32> {
  %i = tensor.empty() : tensor<2x3x5x8xf32>
  // expected-error @+1 {{[kernel.attention.R4] before and after must not be negative}}
  %r = kernel.attention %q, %k, %k offset %o into %i {maps = [#q, #k, #v, #b, #o], after = -1 : i64}
      : (tensor<2x3x5x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x6x8xf32>, tensor<2xi64>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<2x3x5x8xf32>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#b = affine_map<(b, n, r, s, t, d, e) -> (b)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>

func.func @offset_type(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %o: tensor<2xi32>) -> tensor<2x3x5x8xf32> {
  %i = tensor.empty() : tensor<2x3x5x8xf32>
  // expected-error @+1 {{[kernel.attention.R4] offset and lengths must be i64}}
  %r = kernel.attention %q, %k, %k offset %o into %i {maps = [#q, #k, #v, #b, #o]}
      : (tensor<2x3x5x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x6x8xf32>, tensor<2xi32>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<2x3x5x8xf32>
}

// -----

#q = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (b, n, t, e)>
#o = affine_map<(b, n, r, s, t, d, e) -> (b, n, s, e)>

func.func @narrow_type(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %i: tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  // expected-error @+1 {{[kernel.attention.R5] can not round operands of type 'tensor<2x3x5x8xf32>' to 'f64'}}
  %r = kernel.attention %q, %k, %k into %i {maps = [#q, #k, #v, #o], narrow = f64}
      : (tensor<2x3x5x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x6x8xf32>, tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32> {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %r : tensor<2x3x5x8xf32>
}
