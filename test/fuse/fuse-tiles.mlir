// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(fuse-tiles))' | FileCheck %s
// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(fuse-tiles{cache-bytes=0}))' | FileCheck %s --check-prefix=NONE
// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(fuse-tiles))' --remarks-filter='.*' --remark-format=emitRemark 2>&1 >/dev/null | FileCheck %s --check-prefix=WHY

// NONE-NOT: run.parallel

// Blocks of two rows of 256 places; the depthwise one reads the rows of its windows.
// CHECK-LABEL: func.func @separable
// CHECK-NOT: memref.alloc()
// CHECK: run.parallel (%[[LO:.*]], %[[HI:.*]]) in %c64 cost %{{.*}} attributes {{.*}}family = "depthwise 3x3 + conv 1x1"
// CHECK: %[[T:.*]] = memref.alloca() {alignment = 64 : i64} : memref<1x2x256x32xf32>
// CHECK: scf.for %[[I:.*]] = %[[LO]] to %[[HI]]
// CHECK: %[[X:.*]] = memref.subview %arg0[%[[N:.*]], %{{.*}}, 0, 0] [1, 4, 258, 32]
// CHECK: kernel.conv %[[X]], %arg1 into %[[T]] {{.*}} #kernel.taps
// CHECK: %[[Y:.*]] = memref.subview %arg4[%[[N]], %{{.*}}, 0, 0] [1, 2, 256, 32]
// CHECK: kernel.conv %[[T]], %arg2 with %arg3 into %[[Y]] {{.*}} #kernel.panels<32>
func.func @separable(%x: memref<2x66x258x32xf32>, %taps: memref<288xf32>, %w: memref<1024xf32>, %bias: memref<32xf32>,
                     %y: memref<2x64x256x32xf32>) {
  %t = memref.alloc() : memref<2x64x256x32xf32>
  kernel.conv %x, %taps into %t {dilations = array<i64: 1, 1>, groups = 32 : i64, layout = #kernel.taps, strides = array<i64: 1, 1>, window = array<i64: 3, 3>} : (memref<2x66x258x32xf32>, memref<288xf32>, memref<2x64x256x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.conv %t, %w with %bias into %y {dilations = array<i64: 1, 1>, extra_maps = [affine_map<(n, h, w, c) -> (c)>], groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<2x64x256x32xf32>, memref<1024xf32>, memref<32xf32>, memref<2x64x256x32xf32>) -> () {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    kernel.yield %s : f32
  }
  return
}

// The windows of the first block begin above the image, where the tile is filled.
// CHECK-LABEL: func.func @pooled
// CHECK: family = "conv 1x1 + pool"
// CHECK: %[[T:.*]] = memref.alloca() {{.*}} : memref<1x17x100x32xf32>
// CHECK: %[[ABOVE:.*]] = arith.maxsi
// CHECK: linalg.fill
// CHECK: %[[MADE:.*]] = memref.subview %[[T]][0, %[[ABOVE]], 0, 0]
// CHECK: kernel.conv %{{.*}} into %[[MADE]]
// CHECK: kernel.pool max {{.*}} pads_begin = array<i64: 0, 1>, pads_end = array<i64: 1, 1>
func.func @pooled(%x: memref<1x120x100x8xf32>, %w: memref<256xf32>, %y: memref<1x60x50x32xf32>) {
  %t = memref.alloc() : memref<1x120x100x32xf32>
  kernel.conv %x, %w into %t {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x120x100x8xf32>, memref<256xf32>, memref<1x120x100x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.pool max %t into %y {dilations = array<i64: 1, 1>, pads_begin = array<i64: 1, 1>, pads_end = array<i64: 1, 1>, strides = array<i64: 2, 2>, window = array<i64: 3, 3>} : (memref<1x120x100x32xf32>, memref<1x60x50x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  return
}

// WHY: what is between them fits the cache
// CHECK-LABEL: func.func @small
// CHECK-NOT: run.parallel
func.func @small(%x: memref<1x12x12x8xf32>, %w: memref<256xf32>, %y: memref<1x6x6x32xf32>) {
  %t = memref.alloc() : memref<1x12x12x32xf32>
  kernel.conv %x, %w into %t {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x12x12x8xf32>, memref<256xf32>, memref<1x12x12x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.pool max %t into %y {dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : (memref<1x12x12x32xf32>, memref<1x6x6x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  return
}

// WHY: windows overlap, and computing rows twice takes longer than to store them
// CHECK-LABEL: func.func @overlapping
// CHECK-NOT: run.parallel
func.func @overlapping(%x: memref<1x240x60x128xf32>, %w: memref<4096xf32>, %y: memref<1x119x29x32xf32>) {
  %t = memref.alloc() : memref<1x240x60x32xf32>
  kernel.conv %x, %w into %t {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x240x60x128xf32>, memref<4096xf32>, memref<1x240x60x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.pool max %t into %y {dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 3, 3>} : (memref<1x240x60x32xf32>, memref<1x119x29x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  return
}

// WHY: sizes are only known when it runs
// CHECK-LABEL: func.func @dynamic
// CHECK-NOT: run.parallel
func.func @dynamic(%x: memref<1x?x100x8xf32>, %w: memref<256xf32>, %n: index, %y: memref<1x?x50x32xf32>) {
  %t = memref.alloc(%n) : memref<1x?x100x32xf32>
  kernel.conv %x, %w into %t {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x?x100x8xf32>, memref<256xf32>, memref<1x?x100x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.pool max %t into %y {dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : (memref<1x?x100x32xf32>, memref<1x?x50x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  return
}

// WHY: what the first one reads is written before the second one
// CHECK-LABEL: func.func @overwritten
// CHECK-NOT: run.parallel
func.func @overwritten(%x: memref<1x120x100x8xf32>, %w: memref<256xf32>, %v: f32, %y: memref<1x60x50x32xf32>) {
  %t = memref.alloc() : memref<1x120x100x32xf32>
  kernel.conv %x, %w into %t {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x120x100x8xf32>, memref<256xf32>, memref<1x120x100x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  linalg.fill ins(%v : f32) outs(%x : memref<1x120x100x8xf32>)
  kernel.pool max %t into %y {dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : (memref<1x120x100x32xf32>, memref<1x60x50x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  return
}

// Two pairs beside each other: the loop of the first stands between the ops of the second, which stays.
// CHECK-LABEL: func.func @interleaved
// CHECK: kernel.conv %arg0, %arg1 into %{{.*}} : (memref<1x120x100x8xf32>
// CHECK: run.parallel
// CHECK-NOT: run.parallel
// CHECK: return
func.func @interleaved(%x: memref<1x120x100x8xf32>, %w: memref<256xf32>, %y: memref<1x60x50x32xf32>, %z: memref<1x60x50x32xf32>) {
  %s = memref.alloc() : memref<1x120x100x32xf32>
  %t = memref.alloc() : memref<1x120x100x32xf32>
  kernel.conv %x, %w into %s {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x120x100x8xf32>, memref<256xf32>, memref<1x120x100x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.conv %x, %w into %t {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x120x100x8xf32>, memref<256xf32>, memref<1x120x100x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.pool max %s into %y {dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : (memref<1x120x100x32xf32>, memref<1x60x50x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.pool max %t into %z {dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : (memref<1x120x100x32xf32>, memref<1x60x50x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  return
}

// 64 x 40 places of 256 channels: 528 operations for each element of what is between them.
// WHY: computing hides what is moved between them
// CHECK-LABEL: func.func @computing
// CHECK-NOT: run.parallel
func.func @computing(%x: memref<1x66x42x256xbf16>, %taps: memref<2304xbf16>, %w: memref<65536xbf16>, %y: memref<1x64x40x256xf32>) {
  %t = memref.alloc() : memref<1x64x40x256xbf16>
  kernel.conv %x, %taps into %t {dilations = array<i64: 1, 1>, groups = 256 : i64, layout = #kernel.taps, strides = array<i64: 1, 1>, window = array<i64: 3, 3>} : (memref<1x66x42x256xbf16>, memref<2304xbf16>, memref<1x64x40x256xbf16>) -> () {
  ^bb0(%acc: f32):
    %0 = arith.truncf %acc : f32 to bf16
    kernel.yield %0 : bf16
  }
  kernel.conv %t, %w into %y {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<64 interleave 2>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x64x40x256xbf16>, memref<65536xbf16>, memref<1x64x40x256xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// WHY: what is between them fits the cache
// CHECK-LABEL: func.func @no_rows
// CHECK-NOT: run.parallel
func.func @no_rows(%x: memref<1x0x100x8xf32>, %w: memref<256xf32>, %y: memref<1x0x50x32xf32>) {
  %t = memref.alloc() : memref<1x0x100x32xf32>
  kernel.conv %x, %w into %t {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #kernel.panels<32>, strides = array<i64: 1, 1>, window = array<i64: 1, 1>} : (memref<1x0x100x8xf32>, memref<256xf32>, memref<1x0x100x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  kernel.pool max %t into %y {dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : (memref<1x0x100x32xf32>, memref<1x0x50x32xf32>) -> () {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  }
  return
}
