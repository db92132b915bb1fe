// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefixes=VNNI
// RUN: optc-opt %s --cpu-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefixes=AVX2
// RUN: optc-opt %s --cpu-emit-kernels=level=aarch64-bf16 | FileCheck %s --check-prefixes=SDOT
// RUN: optc-opt %s --cpu-emit-kernels=level=aarch64 | FileCheck %s --check-prefixes=NEON

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// Data without a sign, a weight with one: what x86 multiplies. aarch64 flips the top bits of the data, and takes off 128 times the
// sum of the weight, which is summed beside the rows.
// VNNI-LABEL: @unsigned_data
// VNNI-NOT: arith.xori
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"({{.*}}) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
// VNNI-NOT: arith.subi {{.*}} : vector<16xi32>
// VNNI-LABEL: @signed_data
// AVX2-LABEL: @unsigned_data
// AVX2: arith.shrui {{.*}} : vector<16xi16>
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// SDOT-LABEL: @unsigned_data
// SDOT: arith.xori {{.*}} : i32
// SDOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
// SDOT: arith.subi {{.*}} : vector<4xi32>
// NEON-LABEL: @unsigned_data
// NEON: arith.muli {{.*}} : vector<4xi32>
func.func @unsigned_data(%a: memref<8x32xi8>, %b: memref<512xi8>, %o: memref<8x16xi32>) {
  kernel.matmul %a, %b into %o {maps = #maps, layout = #kernel.panels<16 interleave 4>, unsigned_lhs}
      : (memref<8x32xi8>, memref<512xi8>, memref<8x16xi32>) -> () {
  ^bb0(%x: i32):
    kernel.yield %x : i32
  }
  return
}

// VNNI: arith.xori {{.*}} : i32
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// VNNI: arith.subi {{.*}} : vector<16xi32>
// AVX2-LABEL: @signed_data
// AVX2: arith.shrsi {{.*}} : vector<16xi16>
// AVX2-NOT: arith.xori
// SDOT-LABEL: @signed_data
// SDOT-NOT: arith.xori
// SDOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
func.func @signed_data(%a: memref<8x32xi8>, %b: memref<512xi8>, %o: memref<8x16xi32>) {
  kernel.matmul %a, %b into %o {maps = #maps, layout = #kernel.panels<16 interleave 4>}
      : (memref<8x32xi8>, memref<512xi8>, memref<8x16xi32>) -> () {
  ^bb0(%x: i32):
    kernel.yield %x : i32
  }
  return
}
