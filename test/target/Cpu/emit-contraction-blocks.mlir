// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 | FileCheck %s

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
#pairs = #kernel.panels<64 interleave 2>

// Nine panels do not divide well between two threads. So there are four blocks of 32 rows, which take
// turns at each panel; an item costs 32 x 64 x 576 products.
// CHECK-LABEL: @few_panels
// CHECK: run.parallel (%{{.*}}) in %c36 cost %c23593
// CHECK: scf.for %[[ITEM:.*]] =
// CHECK: %[[BLOCK:.*]] = arith.remui %[[ITEM]], %c4
// CHECK: %[[PANEL:.*]] = arith.divui %[[ITEM]], %c4
// CHECK: arith.muli %[[PANEL]], %c64
// CHECK: arith.muli %[[BLOCK]], %c32
func.func @few_panels(%a: memref<128x576xf32>, %b: memref<331776xf32>, %c: memref<128x576xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
      : (memref<128x576xf32>, memref<331776xf32>, memref<128x576xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// The same in pairs of bf16.
// CHECK-LABEL: @few_panels_of_pairs
// CHECK: run.parallel (%{{.*}}) in %c36
// CHECK: arith.remui %{{.*}}, %c4
func.func @few_panels_of_pairs(%a: memref<128x576xbf16>, %b: memref<331776xbf16>, %c: memref<128x576xf32>) {
  kernel.matmul %a, %b into %c {layout = #pairs, maps = #maps}
      : (memref<128x576xbf16>, memref<331776xbf16>, memref<128x576xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Enough panels: one block, and so nothing to divide.
// CHECK-LABEL: @many_panels
// CHECK: run.parallel (%{{.*}}) in %c32 cost %c94372
// CHECK-NOT: arith.remui
func.func @many_panels(%a: memref<128x576xf32>, %b: memref<1179648xf32>, %c: memref<128x2048xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
      : (memref<128x576xf32>, memref<1179648xf32>, memref<128x2048xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Little work is not cut: an item of 40 x 64 x 100 products is 5 us.
// CHECK-LABEL: @little_work
// CHECK: run.parallel (%{{.*}}) in %c2 cost %c5121
// CHECK-NOT: arith.remui
func.func @little_work(%a: memref<40x100xf32>, %b: memref<12800xf32>, %c: memref<40x128xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
      : (memref<40x100xf32>, memref<12800xf32>, memref<40x128xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Of 40 rows three items would be possible: the two of 20 divide better.
// CHECK-LABEL: @two_items
// CHECK: run.parallel (%{{.*}}) in %c2 cost
func.func @two_items(%a: memref<40x1440xf32>, %b: memref<92160xf32>, %c: memref<40x64xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
      : (memref<40x1440xf32>, memref<92160xf32>, memref<40x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Rows that the caches cut anyway: more blocks, still one after the other, of eleven whole tiles.
// CHECK-LABEL: @blocks_for_caches
// CHECK: run.parallel (%{{.*}}) in %c32 cost
// CHECK: %[[PANEL:.*]] = arith.remui %[[ITEM:.*]], %c2
// CHECK: %[[BLOCK:.*]] = arith.divui %[[ITEM]], %c2
// CHECK: arith.muli %[[PANEL]], %c64
// CHECK: arith.muli %[[BLOCK]], %c66
func.func @blocks_for_caches(%a: memref<1024x1024xf32>, %b: memref<131072xf32>, %c: memref<1024x128xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
      : (memref<1024x1024xf32>, memref<131072xf32>, memref<1024x128xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Of an unknown number of rows: at most four blocks, each of 12 rows at least. Blocks for threads come
// last, blocks for the caches first.
// CHECK-LABEL: @unknown_rows
// CHECK: %[[FOR_CACHES:.*]] = arith.maxui
// CHECK: %[[PAIRS:.*]] = arith.divui %{{.*}}, %c24
// CHECK: %[[POSSIBLE:.*]] = arith.muli %[[PAIRS]], %c2
// CHECK: %[[FOR_THREADS:.*]] = arith.minui %[[POSSIBLE]], %c4
// CHECK: arith.maxui %[[FOR_CACHES]], %[[FOR_THREADS]]
// CHECK: arith.ceildivui
// CHECK: %[[BLOCKS:.*]] = arith.ceildivui
// CHECK: %[[FITS:.*]] = arith.cmpi ule, %[[FOR_CACHES]], %[[ONE:.*]] : index
// CHECK: %[[FIRST:.*]] = arith.select %[[FITS]], %[[ONE]], %[[BLOCKS]]
// CHECK: %[[LAST:.*]] = arith.select %[[FITS]], %[[BLOCKS]], %[[ONE]]
// CHECK: run.parallel
// CHECK: %[[INNER:.*]] = arith.remui %[[ITEM:.*]], %[[LAST]]
// CHECK: %[[REST:.*]] = arith.divui %[[ITEM]], %[[LAST]]
// CHECK: %[[PANEL:.*]] = arith.remui %[[REST]], %c9
// CHECK: %[[OUTER:.*]] = arith.divui %[[REST]], %c9
// CHECK: arith.addi %[[OUTER]], %[[INNER]]
func.func @unknown_rows(%a: memref<?x576xf32>, %b: memref<331776xf32>, %c: memref<?x576xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
      : (memref<?x576xf32>, memref<331776xf32>, memref<?x576xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Rows of an image: seven, two in each block but the last, for four panels.
// CHECK-LABEL: @image_rows
// CHECK: run.parallel (%{{.*}}) in %c28 cost %c9176
// CHECK: arith.remui %{{.*}}, %c7
func.func @image_rows(%x: memref<1x16x14x512xf32>, %w: memref<131072xf32>, %c: memref<1x7x14x256xf32>) {
  kernel.conv %x, %w into %c {groups = 1, window = array<i64: 1, 1>, strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, layout = #kernel.panels<64>}
      : (memref<1x16x14x512xf32>, memref<131072xf32>, memref<1x7x14x256xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Inside of a parallel loop there are no threads to share with: one block, of 18 tiles of 6 rows and more.
// CHECK-LABEL: @inside
// CHECK: run.parallel
// CHECK-NOT: run.parallel
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c9
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c18
func.func @inside(%a: memref<128x576xf32>, %b: memref<331776xf32>, %c: memref<128x576xf32>, %n: index) {
  run.parallel (%lower, %upper) in %n cost %n {
    kernel.matmul %a, %b into %c {layout = #kernel.panels<64>, maps = #maps}
        : (memref<128x576xf32>, memref<331776xf32>, memref<128x576xf32>) -> () {
    ^bb0(%acc: f32):
      kernel.yield %acc : f32
    }
  }
  return
}

// A transposed rhs is copied once for all rows.
// CHECK-LABEL: @transposed
// CHECK: run.parallel (%{{.*}}) in %c12 cost
func.func @transposed(%q: memref<12x128x64xf32>, %k: memref<12x64x64xf32>, %s: memref<12x128x64xf32>) {
  kernel.matmul %q, %k into %s {maps = [affine_map<(b, m, n, k) -> (b, m, k)>,
      affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>]}
      : (memref<12x128x64xf32>, memref<12x64x64xf32>, memref<12x128x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
