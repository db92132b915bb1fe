// RUN: optc-opt %s --cpu-bfloat-as-bits | FileCheck %s

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
// CHECK: llvm.bitcast %[[S]] : i16 to bf16
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
