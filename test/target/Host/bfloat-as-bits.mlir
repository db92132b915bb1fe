// RUN: optc-opt %s --host-bfloat-as-bits | FileCheck %s

// CHECK-LABEL: @masked
// CHECK: llvm.intr.masked.load {{.*}} -> vector<8xi16>
// CHECK: llvm.intr.masked.store {{.*}} : vector<8xi16>
llvm.func @masked(%p: !llvm.ptr, %m: vector<8xi1>, %z: vector<8xbf16>) {
  %v = llvm.intr.masked.load %p, %m, %z {alignment = 2 : i32}
      : (!llvm.ptr, vector<8xi1>, vector<8xbf16>) -> vector<8xbf16>
  llvm.intr.masked.store %v, %p, %m {alignment = 2 : i32} : vector<8xbf16>, vector<8xi1> into !llvm.ptr
  llvm.return
}

// CHECK-LABEL: @plain
// CHECK: %[[V:.*]] = llvm.load %arg0 {alignment = 2 : i64} : !llvm.ptr -> vector<8xi16>
// CHECK: llvm.store %{{.*}}, %arg1 : vector<8xi16>, !llvm.ptr
// CHECK: %[[S:.*]] = llvm.load %arg0 : !llvm.ptr -> i16
// CHECK: llvm.return %[[S]] : i16
llvm.func @plain(%p: !llvm.ptr, %q: !llvm.ptr) -> bf16 {
  %v = llvm.load %p {alignment = 2 : i64} : !llvm.ptr -> vector<8xbf16>
  llvm.store %v, %q : vector<8xbf16>, !llvm.ptr
  %s = llvm.load %p : !llvm.ptr -> bf16
  llvm.return %s : bf16
}

// CHECK-LABEL: @other_types
// CHECK: llvm.intr.masked.store {{.*}} : vector<8xf16>
llvm.func @other_types(%p: !llvm.ptr, %m: vector<8xi1>, %v: vector<8xf16>) {
  llvm.intr.masked.store %v, %p, %m {alignment = 2 : i32} : vector<8xf16>, vector<8xi1> into !llvm.ptr
  llvm.return
}

// What only moves elements; the product instruction takes bf16.
// CHECK-LABEL: @moved
// CHECK: llvm.shufflevector %{{.*}} : vector<8xi16>
// CHECK: llvm.select %{{.*}} : vector<8xi1>, vector<8xi16>
// CHECK: llvm.extractelement %{{.*}} : vector<8xi16>
// CHECK: llvm.insertelement %{{.*}} : vector<8xi16>
// CHECK: %[[P:.*]] = llvm.bitcast %arg4 : vector<16xi16> to vector<16xbf16>
// CHECK: llvm.call_intrinsic {{.*}} : (vector<8xf32>, vector<16xbf16>, vector<16xbf16>)
llvm.func @moved(%a: vector<8xbf16>, %m: vector<8xi1>, %i: i32, %s: vector<8xf32>, %p: vector<16xbf16>)
    -> vector<8xbf16> {
  %v = llvm.shufflevector %a, %a [0, 8, 1, 9, 2, 10, 3, 11] : vector<8xbf16>
  %w = llvm.select %m, %v, %a : vector<8xi1>, vector<8xbf16>
  %e = llvm.extractelement %w[%i : i32] : vector<8xbf16>
  %r = llvm.insertelement %e, %w[%i : i32] : vector<8xbf16>
  %d = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.256"(%s, %p, %p)
      : (vector<8xf32>, vector<16xbf16>, vector<16xbf16>) -> vector<8xf32>
  llvm.return %r : vector<8xbf16>
}

// A maximum that goes from block to block: LLVM would hold it as an f32.
// CHECK-LABEL: @carried
// CHECK: llvm.mlir.constant(dense<-128> : vector<8xi16>) : vector<8xi16>
// CHECK: llvm.br ^bb1(%{{.*}} : vector<8xi16>)
// CHECK: ^bb1(%{{.*}}: vector<8xi16>)
llvm.func @carried(%c: i1, %v: vector<8xbf16>) -> vector<8xbf16> {
  %low = llvm.mlir.constant(dense<0xFF80> : vector<8xbf16>) : vector<8xbf16>
  llvm.br ^bb1(%low : vector<8xbf16>)
^bb1(%m: vector<8xbf16>):
  llvm.cond_br %c, ^bb1(%v : vector<8xbf16>), ^bb2
^bb2:
  llvm.return %m : vector<8xbf16>
}

// CHECK-LABEL: @rounded
// CHECK: %[[R:.*]] = llvm.call_intrinsic {{.*}} : (vector<8xf32>) -> vector<8xbf16>
// CHECK: llvm.bitcast %[[R]] : vector<8xbf16> to vector<8xi16>
llvm.func @rounded(%x: vector<8xf32>, %p: !llvm.ptr) {
  %y = llvm.call_intrinsic "llvm.x86.avx512bf16.cvtneps2bf16.256"(%x) : (vector<8xf32>) -> vector<8xbf16>
  llvm.store %y, %p : vector<8xbf16>, !llvm.ptr
  llvm.return
}

// The instruction of aarch64 that rounds vectors; cpu-shorten-arithmetic makes it.
// CHECK-LABEL: @rounded_by_op
// CHECK: %[[R:.*]] = llvm.fptrunc %arg0 : vector<4xf32> to vector<4xbf16>
// CHECK: %[[B:.*]] = llvm.bitcast %[[R]] : vector<4xbf16> to vector<4xi16>
// CHECK: llvm.return %[[B]] : vector<4xi16>
llvm.func @rounded_by_op(%x: vector<4xf32>) -> vector<4xbf16> {
  %r = llvm.fptrunc %x : vector<4xf32> to vector<4xbf16>
  llvm.return %r : vector<4xbf16>
}
