// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefixes=VNNI
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefixes=AVX2
// RUN: optc-opt %s --cpu-emit-kernels=level=aarch64-bf16 | FileCheck %s --check-prefixes=SDOT
// RUN: optc-opt %s --cpu-emit-kernels=level=aarch64 | FileCheck %s --check-prefixes=NEON

// A plane after the other from the same bytes; then the scales of the block.
// VNNI-LABEL: @integers
// VNNI: %[[bytes:.*]] = vector.bitcast %{{.*}} : vector<64xi8> to vector<16xi32>
// VNNI: arith.andi %[[bytes]], %{{.*}} : vector<16xi32>
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// VNNI: arith.shrui {{.*}} : vector<16xi32>
// VNNI: arith.andi
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// VNNI: arith.extf %{{.*}} : vector<16xf16> to vector<16xf32>
// VNNI: arith.sitofp %{{.*}} : vector<16xi32> to vector<16xf32>
// VNNI: vector.fma
// VNNI: vector.fma
// AVX2-LABEL: @integers
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// SDOT-LABEL: @integers
// SDOT-NOT: arith.xori
// SDOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
// NEON-LABEL: @integers
// NEON: arith.muli {{.*}} : vector<4xi32>
func.func @integers(%q: memref<8x64xi8>, %a: memref<8x2xf32>, %s: memref<8x2xf32>, %w: memref<512xi8>, %b: memref<32xf16>,
                    %o: memref<8x16xf32>) {
  kernel.block_matmul %q scale %a sums %s, %w scale %b into %o {bits = 4, block = 32, zero_point = 8, layout = #kernel.panels<16 interleave 4>}
      : (memref<8x64xi8>, memref<8x2xf32>, memref<8x2xf32>, memref<512xi8>, memref<32xf16>, memref<8x16xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}

// Eight bits would saturate as pairs on AVX2.
// VNNI-LABEL: @bytes
// VNNI-NOT: arith.andi
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// AVX2-LABEL: @bytes
// AVX2-NOT: pmadd.ub.sw
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
func.func @bytes(%q: memref<8x64xi8>, %a: memref<8x2xf32>, %w: memref<1024xi8>, %b: memref<32xf16>, %o: memref<8x16xf32>) {
  kernel.block_matmul %q scale %a, %w scale %b into %o {bits = 8, block = 32, layout = #kernel.panels<16 interleave 4>}
      : (memref<8x64xi8>, memref<8x2xf32>, memref<1024xi8>, memref<32xf16>, memref<8x16xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}

// VNNI-LABEL: @floats
// VNNI-NOT: vpdpbusd
// VNNI: arith.sitofp %{{.*}} : vector<16xi32> to vector<16xf32>
// VNNI: vector.fma
func.func @floats(%x: memref<8x64xf32>, %w: memref<512xi8>, %b: memref<32xf32>, %o: memref<8x16xf32>) {
  kernel.block_matmul %x, %w scale %b into %o {bits = 4, block = 32, layout = #kernel.panels<16 interleave 4>}
      : (memref<8x64xf32>, memref<512xi8>, memref<32xf32>, memref<8x16xf32>) -> () {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// Codes are looked up in registers; entries of 7 bits are multiplied as codes of few bits are.
// VNNI-LABEL: @codebook
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.pshuf.b.512"
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// AVX2-LABEL: @codebook
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// SDOT-LABEL: @codebook
// SDOT: llvm.call_intrinsic "llvm.aarch64.neon.tbl1.v16i8"
// SDOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
func.func @codebook(%q: memref<8x64xi8>, %a: memref<8x2xf32>, %w: memref<512xi8>, %b: memref<32xf16>, %o: memref<8x16xf32>) {
  kernel.block_matmul %q scale %a, %w scale %b into %o {bits = 4, block = 32, layout = #kernel.panels<16 interleave 4>,
      codebook = array<i8: 0, 1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 48, 64, 96, 127>}
      : (memref<8x64xi8>, memref<8x2xf32>, memref<512xi8>, memref<32xf16>, memref<8x16xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}

// Those of 8 bits would saturate.
// AVX2-LABEL: @wide_codebook
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// AVX2-NOT: pmadd.ub.sw
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
func.func @wide_codebook(%q: memref<8x64xi8>, %a: memref<8x2xf32>, %w: memref<512xi8>, %b: memref<32xf16>, %o: memref<8x16xf32>) {
  kernel.block_matmul %q scale %a, %w scale %b into %o {bits = 4, block = 32, layout = #kernel.panels<16 interleave 4>,
      codebook = array<i8: 0, 1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 48, 64, 96, -1>}
      : (memref<8x64xi8>, memref<8x2xf32>, memref<512xi8>, memref<32xf16>, memref<8x16xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}
