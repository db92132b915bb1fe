// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 --canonicalize --cse | FileCheck %s
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v3 --canonicalize --cse | FileCheck %s --check-prefix=V3

// 49 tiles in 4 blocks of 13 (the last of 10), two chunks of 32 columns: 8 items. An item keeps the
// transformed inputs, 36 x 13 x 64, and the sums of a chunk, 13 x 36 x 32. What the next tile reads
// besides is prefetched, and so is the filter.
// CHECK-LABEL: @whole_tiles
// CHECK-DAG: %[[ITEMS:.*]] = arith.constant 8 : index
// CHECK: run.parallel {{.*}}%[[ITEMS]]
// CHECK: %[[I:.*]] = memref.alloc() : memref<29952xf32>
// CHECK: %[[S:.*]] = memref.alloc() : memref<14976xf32>
// CHECK: scf.for {{.*}} iter_args(%[[DONE:.*]] = %{{.*}})
// CHECK: arith.divui
// CHECK: %[[NEW:.*]] = arith.cmpi ne, %[[BLOCK:.*]], %[[DONE]]
// CHECK: scf.if %[[NEW]]
// Inputs: 36 loads, 36 stores, nothing is clamped.
// CHECK: arith.minui
// CHECK-NOT: arith.minui
// CHECK-COUNT-24: memref.prefetch {{.*}} : memref<57600xf32
// CHECK-COUNT-36: vector.load {{.*}} vector<16xf32>
// CHECK-COUNT-36: vector.store %{{.*}}, %[[I]]
// Products: tiles of 13 rows and of 5 (10 = 5 + 5) by two vectors, of two panels.
// CHECK: scf.for
// CHECK: memref.prefetch {{.*}} : memref<147456xf32
// CHECK: vector.fma
// Outputs: 36 loads, 16 stores without a condition.
// CHECK: scf.for
// CHECK-COUNT-36: vector.load %[[S]]
// CHECK-NOT: scf.if
// CHECK-COUNT-16: vector.store %{{.*}}, %{{.*}} : memref<50176xf32
// CHECK: memref.dealloc %[[S]]
// CHECK: memref.dealloc %[[I]]
// V3-LABEL: @whole_tiles
// V3: vector.load {{.*}} vector<8xf32>
func.func @whole_tiles(%x: memref<1x30x30x64xf32>, %w: memref<147456xf32>, %c: memref<1x28x28x64xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<4, panels = <16>>}
      : (memref<1x30x30x64xf32>, memref<147456xf32>, memref<1x28x28x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Of a tile that sticks out, the last rows and columns of inputs are read again, and outputs that
// do not exist are not stored. The bias is loaded once.
// CHECK-LABEL: @parts_of_tiles
// CHECK: arith.minui
// CHECK-COUNT-16: vector.load {{.*}} : memref<?xf32
// CHECK: %[[BIAS:.*]] = vector.load %{{.*}} : memref<16xf32
// CHECK-NOT: : memref<16xf32
// CHECK: vector.store
// CHECK: scf.if
// CHECK-NEXT: arith.addf %{{.*}}, %[[BIAS]]
// CHECK: vector.store
// CHECK: return
func.func @parts_of_tiles(%x: memref<?x?x?x16xf32>, %w: memref<4096xf32>, %bias: memref<16xf32>,
    %c: memref<?x?x?x16xf32>) {
  kernel.conv %x, %w with %bias into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<2, panels = <16>>,
      extra_maps = [affine_map<(n, y, x, o) -> (o)>]}
      : (memref<?x?x?x16xf32>, memref<4096xf32>, memref<16xf32>, memref<?x?x?x16xf32>) -> () {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    kernel.yield %0 : f32
  }
  return
}

// 8 of 16: half registers. Channels that fill no vector are loaded with a mask.
// CHECK-LABEL: @odd_channels
// CHECK: vector.maskedload {{.*}} vector<16xf32>
// CHECK: vector.fma {{.*}} : vector<8xf32>
// CHECK: vector.maskedstore {{.*}} vector<8xf32>
func.func @odd_channels(%x: memref<1x6x6x3xf32>, %w: memref<864xf32>, %c: memref<1x4x4x5xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<4, panels = <8>>}
      : (memref<1x6x6x3xf32>, memref<864xf32>, memref<1x4x4x5xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// bf16 is widened as it is read.
// CHECK-LABEL: @narrow
// CHECK: vector.load {{.*}} vector<16xbf16>
// CHECK-NEXT: arith.extf
// CHECK: vector.fma {{.*}} vector<16xf32>
func.func @narrow(%x: memref<1x30x30x64xbf16>, %w: memref<147456xf32>, %c: memref<1x28x28x64xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<4, panels = <16>>}
      : (memref<1x30x30x64xbf16>, memref<147456xf32>, memref<1x28x28x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Products of pairs: transformed inputs are rounded, neighbouring channels multiplied at once. Without an
// instruction for it the filter's pairs are taken apart, and inputs are not rounded.
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4-bf16 --canonicalize --cse | FileCheck %s --check-prefix=BF16
// BF16-LABEL: @pairs
// BF16: %[[I:.*]] = memref.alloc() : memref<29952xbf16>
// BF16: %[[S:.*]] = memref.alloc() : memref<14976xf32>
// BF16: vector.load {{.*}} vector<16xbf16>
// BF16-NEXT: arith.extf
// BF16: arith.truncf {{.*}} vector<16xf32> to vector<16xbf16>
// BF16: vector.store {{.*}}, %[[I]]
// BF16: scf.for %{{.*}} = %c0 to %c32
// BF16: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
// BF16: vector.store %{{.*}}, %[[S]]
// CHECK-LABEL: @pairs
// CHECK: memref.alloc() : memref<29952xf32>
// CHECK-NOT: arith.truncf
// CHECK: %[[LEFT:.*]] = vector.broadcast %{{.*}} : f32 to vector<16xf32>
// CHECK: vector.fma %[[LEFT]]
func.func @pairs(%x: memref<1x30x30x64xbf16>, %w: memref<147456xbf16>, %c: memref<1x28x28x64xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<4, panels = <16 interleave 2>>}
      : (memref<1x30x30x64xbf16>, memref<147456xbf16>, memref<1x28x28x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// 256 channels are runs of 16 KB of a panel, which the CPU prefetches by itself.
// CHECK-LABEL: @long_runs
// CHECK: memref.prefetch {{.*}} : memref<57600xf32
// CHECK-NOT: memref.prefetch {{.*}} : memref<589824xf32
// CHECK: return
func.func @long_runs(%x: memref<1x15x15x256xf32>, %w: memref<589824xf32>, %c: memref<1x13x13x64xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.winograd<4, panels = <16>>}
      : (memref<1x15x15x256xf32>, memref<589824xf32>, memref<1x13x13x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
