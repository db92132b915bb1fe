// RUN: optc-opt %s --host-lower-runtime | FileCheck %s

// CHECK: llvm.mlir.global private constant @message0("loop\00")

// CHECK-LABEL: func.func @collect(
// CHECK-SAME:    %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr
func.func @collect(%row: memref<?x4xf32>, %part: memref<2x4xf32, strided<[8, 1]>>, %n: index, %all: memref<?x?x4xf32>) {
  // CHECK: %[[L:.*]] = llvm.call @optc_rt_list(%[[CONTEXT]], %{{.*}})
  // CHECK: llvm.ptrtoint %[[L]]
  %l = run.list %n
  // CHECK: %[[NODE:.*]] = llvm.mlir.addressof @message0
  // CHECK: llvm.call @optc_rt_append(%[[CONTEXT]], %{{.*}}, %{{.*}}, %{{.*}}, %[[NODE]])
  run.append %row to %l : memref<?x4xf32> loc("loop")
  // What is not in one piece is copied first, and the copy given back.
  // CHECK: %[[COPY:.*]] = llvm.call @optc_rt_scratch
  // CHECK: scf.for
  // CHECK: llvm.call @optc_rt_append
  // CHECK: llvm.call @optc_rt_free
  run.append %part to %l : memref<2x4xf32, strided<[8, 1]>>
  // CHECK: llvm.call @optc_rt_take(%[[CONTEXT]], %{{.*}}, %{{.*}})
  run.take %l into %all : memref<?x?x4xf32>
  return
}
