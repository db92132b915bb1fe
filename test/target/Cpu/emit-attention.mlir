// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

#q = affine_map<(b, n, r, s, t, d, e) -> (n, s, d)>
#qr = affine_map<(b, n, r, s, t, d, e) -> (n, r, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (n, t, e)>
#m = affine_map<(b, n, r, s, t, d, e) -> (t)>
#o = affine_map<(b, n, r, s, t, d, e) -> (n, s, e)>
#or = affine_map<(b, n, r, s, t, d, e) -> (n, r, s, e)>

// One block of keys, for 6 rows: a tile of products with the region behind it, the largest scores
// (rows side by side), powers of two and their sums, a tile of values whose epilogue corrects what was summed before.
// CHECK-LABEL: @one_block
// CHECK: run.parallel
// V4-DAG: memref.alloca() {{.*}} : memref<4096xf32>
// V3-DAG: memref.alloca() {{.*}} : memref<3072xf32>
// V4-COUNT-24: vector.fma {{.*}} : vector<16xf32>
// V3-COUNT-9: vector.fma {{.*}} : vector<8xf32>
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: arith.cmpf ogt
// V4-COUNT-30: vector.shuffle {{.*}} : vector<16xf32>
// V3-COUNT-14: vector.shuffle {{.*}} : vector<8xf32>
// CHECK: math.exp2
// CHECK: math.exp2
// V4-COUNT-30: vector.shuffle {{.*}} : vector<16xf32>
// V3-COUNT-14: vector.shuffle {{.*}} : vector<8xf32>
// CHECK: math.fma
// CHECK: scf.for
// CHECK: vector.fma
// CHECK: math.fma
// CHECK: arith.divf
func.func @one_block(%q: memref<2x6x64xf32>, %k: memref<2x192x64xf32>, %v: memref<2x192x32xf32>, %m: memref<192xf32>, %o: memref<2x6x32xf32>) {
  %scale = arith.constant 0.125 : f32
  kernel.attention %q, %k, %v with %m into %o {maps = [#q, #k, #v, #m, #o]}
      : (memref<2x6x64xf32>, memref<2x192x64xf32>, memref<2x192x32xf32>, memref<192xf32>, memref<2x6x32xf32>) -> () {
  ^bb0(%x: f32, %bias: f32):
    %y = arith.mulf %x, %scale : f32
    %z = arith.addf %y, %bias : f32
    kernel.yield %z : f32
  }
  return
}

// An unknown number of queries: when it is one, the rows are the heads of a group and a vector
// of partial products per key is summed up with its neighbours'.
// CHECK-LABEL: @one_or_several
// CHECK: %[[ONE:.*]] = arith.cmpi eq
// CHECK: scf.if %[[ONE]]
// CHECK: vector.shuffle
// CHECK: } else {
// CHECK: scf.index_switch
func.func @one_or_several(%q: memref<2x3x?x64xf32>, %k: memref<2x?x64xf32>, %v: memref<2x?x64xf32>, %o: memref<2x3x?x64xf32>) {
  kernel.attention %q, %k, %v into %o {maps = [#qr, #k, #v, #or]}
      : (memref<2x3x?x64xf32>, memref<2x?x64xf32>, memref<2x?x64xf32>, memref<2x3x?x64xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}

// Blocks of keys that no row of an item may see are not visited: the loop ends before them. Two heads
// would be few items: there are seven for each, of 43 queries.
// CHECK-LABEL: @causal
// CHECK: run.parallel (%{{.*}}) in %c14
// CHECK: arith.muli %{{.*}}, %c43
// CHECK: %[[END:.*]] = arith.minsi
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[END]]
// CHECK: arith.maxsi
func.func @causal(%q: memref<2x300x64xf32>, %k: memref<2x300x64xf32>, %v: memref<2x300x64xf32>, %o: memref<2x300x64xf32>) {
  kernel.attention %q, %k, %v into %o {maps = [#q, #k, #v, #o], after = 0 : i64}
      : (memref<2x300x64xf32>, memref<2x300x64xf32>, memref<2x300x64xf32>, memref<2x300x64xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}

// Of an unknown number of queries: no more items than 40 queries each allow, none above 160.
// CHECK-LABEL: @causal_of_unknown_queries
// CHECK: } else {
// CHECK: %[[WANTED:.*]] = arith.ceildivui
// CHECK: %[[POSSIBLE:.*]] = arith.divui %[[QUERIES:.*]], %c40
// CHECK: %[[FEW:.*]] = arith.minui %[[WANTED]], %[[POSSIBLE]]
// CHECK: %[[LEAST:.*]] = arith.divui %{{.*}}, %c160
// CHECK: %[[ITEMS:.*]] = arith.maxui %[[FEW]], %[[LEAST]]
// CHECK: %[[SOME:.*]] = arith.maxui %[[ITEMS]], %
// CHECK: arith.ceildivui %[[QUERIES]], %[[SOME]]
// CHECK: run.parallel
func.func @causal_of_unknown_queries(%q: memref<2x3x?x64xf32>, %k: memref<2x?x64xf32>, %v: memref<2x?x64xf32>, %o: memref<2x3x?x64xf32>) {
  kernel.attention %q, %k, %v into %o {maps = [#qr, #k, #v, #or], after = 0 : i64}
      : (memref<2x3x?x64xf32>, memref<2x?x64xf32>, memref<2x?x64xf32>, memref<2x3x?x64xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}

// Where all queries see all keys, the panels of keys are made once for up to 160 queries.
// CHECK-LABEL: @not_causal
// CHECK: run.parallel (%{{.*}}) in %c2
func.func @not_causal(%q: memref<2x128x64xf32>, %k: memref<2x300x64xf32>, %v: memref<2x300x64xf32>, %o: memref<2x128x64xf32>) {
  kernel.attention %q, %k, %v into %o {maps = [#q, #k, #v, #o]}
      : (memref<2x128x64xf32>, memref<2x300x64xf32>, memref<2x300x64xf32>, memref<2x128x64xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}
