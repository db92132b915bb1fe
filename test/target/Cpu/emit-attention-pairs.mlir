// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4-bf16 | FileCheck %s --check-prefixes=DOT
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefixes=F32

#q = affine_map<(b, n, r, s, t, d, e) -> (n, s, d)>
#qr = affine_map<(b, n, r, s, t, d, e) -> (n, r, s, d)>
#k = affine_map<(b, n, r, s, t, d, e) -> (n, t, d)>
#v = affine_map<(b, n, r, s, t, d, e) -> (n, t, e)>
#o = affine_map<(b, n, r, s, t, d, e) -> (n, s, e)>
#or = affine_map<(b, n, r, s, t, d, e) -> (n, r, s, e)>

// Queries are rounded once; keys are transposed as pairs, 63 weights are 32 pairs of which the
// last has a zero; values are laid side by side. Without the instruction all is f32.
// DOT-LABEL: @odd
// DOT-DAG: memref.alloca() {{.*}} : memref<384xbf16>
// DOT-DAG: memref.alloca() {{.*}} : memref<1536xbf16>
// DOT-DAG: memref.alloca() {{.*}} : memref<8192xbf16>
// DOT: arith.truncf {{.*}} : vector<16xf32> to vector<16xbf16>
// DOT: arith.truncf {{.*}} : vector<32xf32> to vector<32xbf16>
// DOT: vector.bitcast {{.*}} : vector<32xbf16> to vector<16xf32>
// DOT: vector.shuffle
// DOT: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
// DOT: math.exp2
// DOT: arith.truncf {{.*}} : vector<16xf32> to vector<16xbf16>
// DOT: vector.maskedstore {{.*}} vector<16xbf16>
// DOT: vector.interleave {{.*}} : vector<16xbf16> -> vector<32xbf16>
// DOT: %[[ZERO:.*]] = arith.truncf %{{.*}} : vector<16xf32> to vector<16xbf16>
// DOT: vector.interleave
// DOT: scf.for %{{.*}} to %c32{{.*}} iter_args
// DOT: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
// F32-LABEL: @odd
// F32-NOT: bf16
// F32-LABEL: @one_or_several
func.func @odd(%q: memref<2x6x64xf32>, %k: memref<2x63x64xf32>, %v: memref<2x63x32xf32>, %o: memref<2x6x32xf32>) {
  kernel.attention %q, %k, %v into %o {maps = [#q, #k, #v, #o], narrow = bf16}
      : (memref<2x6x64xf32>, memref<2x63x64xf32>, memref<2x63x32xf32>, memref<2x6x32xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}

// A single query reads keys and values once: they stay f32.
// DOT-LABEL: @one_or_several
// DOT: scf.if
// DOT-NOT: bf16
// DOT: } else {
// DOT: vector.interleave
func.func @one_or_several(%q: memref<2x3x?x64xf32>, %k: memref<2x?x64xf32>, %v: memref<2x?x64xf32>, %o: memref<2x3x?x64xf32>) {
  kernel.attention %q, %k, %v into %o {maps = [#qr, #k, #v, #or], narrow = bf16}
      : (memref<2x3x?x64xf32>, memref<2x?x64xf32>, memref<2x?x64xf32>, memref<2x3x?x64xf32>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}

// The result may be stored rounded.
// DOT-LABEL: @rounded_result
// DOT: arith.divf
// DOT: %[[R:.*]] = arith.truncf {{.*}} : vector<16xf32> to vector<16xbf16>
// DOT: vector.store %[[R]], {{.*}} : memref<384xbf16
// F32-LABEL: @rounded_result
// F32: arith.divf
// F32: arith.truncf
func.func @rounded_result(%q: memref<2x6x64xf32>, %k: memref<2x63x64xf32>, %v: memref<2x63x32xf32>, %o: memref<2x6x32xbf16>) {
  kernel.attention %q, %k, %v into %o {maps = [#q, #k, #v, #o], narrow = bf16}
      : (memref<2x6x64xf32>, memref<2x63x64xf32>, memref<2x63x32xf32>, memref<2x6x32xbf16>) -> () {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return
}
