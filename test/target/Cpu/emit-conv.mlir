// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 --canonicalize | FileCheck %s

// The taps of a row and the channels are one run of 3 * 16 positions.
// CHECK-LABEL: @rows_of_taps
// CHECK-DAG: %[[C48:.*]] = arith.constant 48 : index
// CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
// CHECK: scf.for {{.*}} to %[[C3]] {{.*}} iter_args
// CHECK: scf.for {{.*}} to %[[C48]] {{.*}} iter_args
// CHECK-COUNT-24: vector.fma
// CHECK-NOT: vector.fma
func.func @rows_of_taps(%x: memref<1x14x14x16xf32>, %w: memref<9216xf32>, %c: memref<1x12x12x64xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.panels<64>}
      : (memref<1x14x14x16xf32>, memref<9216xf32>, memref<1x12x12x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Without its border, the input has at most 7 runs of places in a row with the same taps; how many taps
// there are is computed for each image row and each run.
// CHECK-LABEL: @bare
// CHECK-DAG: %[[C7:.*]] = arith.constant 7 : index
// CHECK: arith.maxsi
// CHECK: scf.for {{.*}} to %[[C7]] {{.*}} iter_args
// CHECK: scf.index_switch
// CHECK: vector.fma
func.func @bare(%x: memref<1x14x14x16xf32>, %w: memref<9216xf32>, %c: memref<1x14x14x64xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 12, 12>,
      groups = 1, pads = array<i64: 12, 12, 12, 12>, layout = #kernel.panels<64>}
      : (memref<1x14x14x16xf32>, memref<9216xf32>, memref<1x14x14x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Two runs of one place each; the other ones, of which there are none, write nothing.
// CHECK-LABEL: @bare_runs_of_one_length
// CHECK-DAG: %[[C7:.*]] = arith.constant 7 : index
// CHECK: scf.for {{.*}} to %[[C7]] {{.*}} iter_args
// CHECK: scf.index_switch
// CHECK-NEXT: case 1 {
// CHECK: vector.fma
func.func @bare_runs_of_one_length(%x: memref<?x2x16xf32>, %w: memref<3072xf32>, %c: memref<?x2x64xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>,
      groups = 1, pads = array<i64: 1, 1>, layout = #kernel.panels<64>}
      : (memref<?x2x16xf32>, memref<3072xf32>, memref<?x2x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// The result may be the inside of a larger buffer.
// CHECK-LABEL: @into_interior
// CHECK: vector.store
func.func @into_interior(%x: memref<1x?x?x16xf32>, %w: memref<9216xf32>,
    %c: memref<1x?x?x64xf32, strided<[?, ?, 64, 1], offset: ?>>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.panels<64>}
      : (memref<1x?x?x16xf32>, memref<9216xf32>, memref<1x?x?x64xf32, strided<[?, ?, 64, 1], offset: ?>>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// A 1x1 conv is a matmul over all places.
// CHECK-LABEL: @pointwise
// CHECK-DAG: %[[PLACES:.*]] = arith.constant 12 : index
// CHECK: scf.for {{.*}} to %[[PLACES]]
// CHECK-NOT: scf.index_switch
// CHECK: return
func.func @pointwise(%x: memref<1x6x12x16xf32>, %w: memref<1024xf32>, %c: memref<1x6x12x64xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 1, 1>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #kernel.panels<64>}
      : (memref<1x6x12x16xf32>, memref<1024xf32>, memref<1x6x12x64xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Depthwise in a tile that is prescribed: 2 x 4 places, 4 x 6 input elements loaded once, 9 taps.
// CHECK-LABEL: @depthwise_variant
// CHECK-COUNT-72: vector.fma
// CHECK-NOT: vector.fma
func.func @depthwise_variant(%x: memref<1x10x10x16xf32>, %w: memref<144xf32>, %c: memref<1x8x8x16xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 16, layout = #kernel.taps,
      optc.variant = {tile_rows = 2, tile_places = 4, block_rows = 8}}
      : (memref<1x10x10x16xf32>, memref<144xf32>, memref<1x8x8x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Four matrices: the phases of a block of rows follow each other. Rows are two results apart.
// CHECK-LABEL: @phases
// CHECK-DAG: %[[C6:.*]] = arith.constant 6 : index
// CHECK-DAG: %[[C4:.*]] = arith.constant 4 : index
// CHECK: scf.for {{.*}} to %[[C4]]
// CHECK: arith.remui
// CHECK: scf.for {{.*}} to %[[C6]]
// CHECK-COUNT-18: vector.store
func.func @phases(%x: memref<1x6x12x16xf32>, %w: memref<1536xf32>, %c: memref<1x12x24x24xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 1, 1>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, phases = array<i64: 2, 2>, layout = #kernel.panels<24>}
      : (memref<1x6x12x16xf32>, memref<1536xf32>, memref<1x12x24x24xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// 11 half vectors of 88 channels would be more instructions than 6 whole ones; 5 of 40 are fewer.
// CHECK-LABEL: @depthwise_lanes
// CHECK: vector.fma {{.*}} : vector<16xf32>
// CHECK: vector.fma {{.*}} : vector<8xf32>
func.func @depthwise_lanes(%x: memref<1x10x10x88xf32>, %w: memref<2200xf32>, %c: memref<1x6x6x88xf32>,
    %y: memref<1x10x10x40xf32>, %v: memref<1000xf32>, %d: memref<1x6x6x40xf32>) {
  kernel.conv %x, %w into %c {window = array<i64: 5, 5>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 88, layout = #kernel.taps}
      : (memref<1x10x10x88xf32>, memref<2200xf32>, memref<1x6x6x88xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  kernel.conv %y, %v into %d {window = array<i64: 5, 5>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 40, layout = #kernel.taps}
      : (memref<1x10x10x40xf32>, memref<1000xf32>, memref<1x6x6x40xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Six image rows would be one item of two tiles; a third of each tile's row is enough work for a thread.
// CHECK-LABEL: func.func @low_depthwise
// CHECK: run.parallel {{.*}} in %c6 
func.func @low_depthwise(%x: memref<1x10x84x480xf32>, %f: memref<12000xf32>, %r: memref<1x6x80x480xf32>) {
  kernel.conv %x, %f into %r {window = array<i64: 5, 5>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 480 : i64, layout = #kernel.taps}
      : (memref<1x10x84x480xf32>, memref<12000xf32>, memref<1x6x80x480xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Three image rows are one tile: four parts of their places are items.
// CHECK-LABEL: func.func @parts_of_rows
// CHECK: run.parallel {{.*}} in %c4 
func.func @parts_of_rows(%x: memref<1x7x84x480xf32>, %f: memref<12000xf32>, %r: memref<1x3x80x480xf32>) {
  kernel.conv %x, %f into %r {window = array<i64: 5, 5>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 480 : i64, layout = #kernel.taps}
      : (memref<1x7x84x480xf32>, memref<12000xf32>, memref<1x3x80x480xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// One row in two parts, of 43 and 42 places.
// CHECK-LABEL: func.func @uneven_parts
// CHECK: run.parallel {{.*}} in %c2 
// CHECK: arith.minui %{{.*}}, %c43
func.func @uneven_parts(%x: memref<1x3x87x960xf32>, %f: memref<8640xf32>, %r: memref<1x1x85x960xf32>) {
  kernel.conv %x, %f into %r {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 960 : i64, layout = #kernel.taps}
      : (memref<1x3x87x960xf32>, memref<8640xf32>, memref<1x1x85x960xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func.func @parts_of_any_row
// CHECK: %[[PARTS:.*]] = arith.divui %{{.*}}, %c15
// CHECK: run.parallel {{.*}} in %[[PARTS]]
func.func @parts_of_any_row(%x: memref<1x7x?x480xf32>, %f: memref<12000xf32>, %r: memref<1x3x?x480xf32>) {
  kernel.conv %x, %f into %r {window = array<i64: 5, 5>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 480 : i64, layout = #kernel.taps}
      : (memref<1x7x?x480xf32>, memref<12000xf32>, memref<1x3x?x480xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
