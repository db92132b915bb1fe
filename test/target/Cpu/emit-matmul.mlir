// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// 6 rows of one panel: a tile of 6 x 4 registers, or four of 6 x 2. The bias is loaded once
// for all rows.
// CHECK-LABEL: @one_tile
// V4: scf.for {{.*}} iter_args
// V4-COUNT-24: vector.fma {{.*}} : vector<16xf32>
// V4-NOT: vector.fma
// V3: scf.for
// V3: scf.for {{.*}} iter_args
// V3-COUNT-12: vector.fma {{.*}} : vector<8xf32>
// V3-NOT: vector.fma
// CHECK: vector.load
// CHECK: arith.addf
// CHECK-COUNT-2: vector.store
func.func @one_tile(%a: memref<6x100xf32>, %b: memref<6400xf32>, %bias: memref<64xf32>, %c: memref<6x64xf32>) {
  kernel.matmul %a, %b with %bias into %c {layout = #kernel.panels<64>, maps = #maps,
      extra_maps = [affine_map<(m, n) -> (n)>]}
      : (memref<6x100xf32>, memref<6400xf32>, memref<64xf32>, memref<6x64xf32>) -> () {
  ^bb0(%acc: f32, %x: f32):
    %0 = arith.addf %acc, %x : f32
    kernel.yield %0 : f32
  }
  return
}

// Prescribed sizes: blocks of 10 rows, tiles of at most 5 of them; what is no size is not heeded.
// CHECK-LABEL: @variant
// V4-COUNT-20: vector.fma
// V4-NOT: vector.fma
func.func @variant(%a: memref<20x100xf32>, %b: memref<6400xf32>, %c: memref<20x64xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps,
      optc.variant = {block_rows = 10, tile_rows = 5, panel_width = -3}}
      : (memref<20x100xf32>, memref<6400xf32>, memref<20x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// 20 rows on 8 x 3 registers are tiles of 7, 7 and 6 rows.
// CHECK-LABEL: @even_tiles
// V4: scf.for
// V4-COUNT-21: vector.fma
// V4-COUNT-18: vector.fma
// V4-NOT: vector.fma
func.func @even_tiles(%a: memref<20x100xf32>, %b: memref<4800xf32>, %c: memref<20x48xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<48>, maps = #maps}
      : (memref<20x100xf32>, memref<4800xf32>, memref<20x48xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// An unknown number of rows: a few tile heights, no scalar code, in parallel.
// CHECK-LABEL: @dynamic_rows
// CHECK: run.parallel
// CHECK: scf.while
// CHECK: scf.index_switch
// V4: case 6 {
// V4: case 4 {
// V4: case 2 {
// V4: case 1 {
// CHECK: default
func.func @dynamic_rows(%a: memref<?x100xf32>, %b: memref<6400xf32>, %c: memref<?x64xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
      : (memref<?x100xf32>, memref<6400xf32>, memref<?x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Columns that are missing in the last vector are masked in stores, not in the packed rhs.
// CHECK-LABEL: @missing_columns
// V4: vector.constant_mask [5]
// V4-NOT: vector.maskedload
// V4: vector.maskedstore
func.func @missing_columns(%a: memref<4x10xf32>, %b: memref<80xf32>, %c: memref<4x5xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<8>, maps = #maps}
      : (memref<4x10xf32>, memref<80xf32>, memref<4x5xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// A transposed rhs is copied panel by panel into stack memory outside of the loops.
// CHECK-LABEL: @transposed
// CHECK: run.parallel
// CHECK-NEXT: memref.alloca() {alignment = 64 : i64} : memref<1024xf32>
// CHECK: vector.shuffle
// CHECK: vector.fma
func.func @transposed(%q: memref<?x12x?x32xf32>, %k: memref<?x12x?x32xf32>, %s: memref<?x12x?x?xf32>) {
  kernel.matmul %q, %k into %s {maps = [affine_map<(b, h, m, n, k) -> (b, h, m, k)>,
      affine_map<(b, h, m, n, k) -> (b, h, n, k)>, affine_map<(b, h, m, n, k) -> (b, h, m, n)>]}
      : (memref<?x12x?x32xf32>, memref<?x12x?x32xf32>, memref<?x12x?x?xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Behind a function, the sums of a tile go through memory, row by row; the vectors of a row take turns.
// CHECK-LABEL: @function_behind
// CHECK: %[[SUMS:.*]] = memref.alloca() {{.*}} : memref<{{384|96}}xf32>
// V4: scf.for {{.*}} iter_args
// V4-COUNT-24: vector.store {{.*}}, %[[SUMS]]
// V4: scf.for
// V4-COUNT-4: vector.load %[[SUMS]]
// V4-COUNT-4: math.exp2
// V4-COUNT-4: arith.mulf
// V4-COUNT-4: vector.store
func.func @function_behind(%a: memref<6x100xf32>, %b: memref<6400xf32>, %c: memref<6x64xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
      : (memref<6x100xf32>, memref<6400xf32>, memref<6x64xf32>) -> () {
  ^bb0(%acc: f32):
    %0 = math.exp2 %acc : f32
    %1 = arith.mulf %acc, %0 : f32
    kernel.yield %1 : f32
  }
  return
}

// CHECK-LABEL: @narrow_weight
// V4: arith.extf %{{.*}} : vector<16xf16> to vector<16xf32>
// V3: arith.extf %{{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: vector.fma
func.func @narrow_weight(%a: memref<8x8xf32>, %w: memref<128xf16>, %i: memref<8x16xf32>) {
  kernel.matmul %a, %w into %i {layout = #kernel.panels<16>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]}
      : (memref<8x8xf32>, memref<128xf16>, memref<8x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
