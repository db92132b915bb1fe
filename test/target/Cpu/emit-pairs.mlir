// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4-bf16 | FileCheck %s --check-prefix=DOT
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefix=V4
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefix=V3
// RUN: optc-opt %s --cpu-emit-kernels=level=aarch64-bf16 | FileCheck %s --check-prefix=ARM
// RUN: optc-opt %s --cpu-emit-kernels=level=aarch64 | FileCheck %s --check-prefix=NEON

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// 50 pairs. With the instruction one pass of 2 x 2 products; without, the first numbers of all
// pairs and then the second.
// DOT-LABEL: @pairs
// DOT: scf.for %{{.*}} = %c0{{.*}} to %c50{{.*}} iter_args
// DOT-COUNT-2: vector.load {{.*}}, vector<32xbf16>
// DOT: vector.load {{.*}} vector<2xbf16>
// DOT: vector.broadcast {{.*}} : i32 to vector<16xi32>
// DOT-COUNT-4: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"({{.*}}) : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
// DOT-NOT: vector.fma
// V4-LABEL: @pairs
// V4: arith.shli {{.*}} : vector<16xi32>
// V4-COUNT-4: vector.fma {{.*}} : vector<16xf32>
// V4: arith.andi {{.*}} : vector<16xi32>
// V4-COUNT-4: vector.fma {{.*}} : vector<16xf32>
// V4-NOT: vector.fma
// V3-LABEL: @pairs
// V3: vector.fma {{.*}} : vector<8xf32>
// V3-NOT: dpbf16ps
// Tiles of two rows and 16 columns, which are four vectors.
// ARM-LABEL: @pairs
// ARM: scf.for %{{.*}} = %c0{{.*}} to %c50{{.*}} iter_args
// ARM-COUNT-4: vector.load {{.*}}, vector<8xbf16>
// ARM-COUNT-8: llvm.call_intrinsic "llvm.aarch64.neon.bfdot.v4f32.v8bf16"({{.*}}) : (vector<4xf32>, vector<8xbf16>, vector<8xbf16>) -> vector<4xf32>
// ARM-NOT: vector.fma
// NEON-LABEL: @pairs
// NEON-COUNT-16: vector.fma {{.*}} : vector<4xf32>
// NEON-NOT: bfdot
func.func @pairs(%a: memref<2x100xbf16>, %b: memref<3200xbf16>, %c: memref<2x32xf32>) {
  kernel.matmul %a, %b into %c {layout = #kernel.panels<32 interleave 2>, maps = #maps}
      : (memref<2x100xbf16>, memref<3200xbf16>, memref<2x32xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// A window's rows are paired with those below them; the taps of an odd last one side by side, of which
// the last stands beside zeros.
// DOT-LABEL: @taps
// DOT-COUNT-4: vector.load {{.*}} vector<16xbf16>
// DOT: vector.interleave {{.*}} : vector<16xbf16> -> vector<32xbf16>
// DOT: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
// DOT: arith.extui {{.*}} : vector<16xi16> to vector<16xi32>
// DOT-NOT: vector.fma
// V4-LABEL: @taps
// V4: arith.extf {{.*}} : vector<16xbf16> to vector<16xf32>
// V4: vector.fma
// V4-NOT: dpbf16ps
func.func @taps(%x: memref<1x3x8x16xbf16>, %w: memref<144xbf16>, %r: memref<1x1x6x16xf32>) {
  kernel.conv %x, %w into %r {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      groups = 16 : i64, layout = #kernel.taps}
      : (memref<1x3x8x16xbf16>, memref<144xbf16>, memref<1x1x6x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
