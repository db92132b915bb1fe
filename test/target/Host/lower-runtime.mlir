// RUN: optc-opt %s --host-lower-runtime --split-input-file --verify-diagnostics | FileCheck %s

// CHECK: llvm.mlir.global private constant @message0("node 'r': bad {0}\00")

// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr,
// CHECK-SAME:    llvm.emit_c_interface
func.func @main(%x: memref<?xf32>, %n: index, %ok: i1) attributes {run.entry = #run.entry} {
  // CHECK: scf.if
  // CHECK:   llvm.call @optc_rt_fail(%[[CONTEXT]], %{{.*}}, %{{.*}}, %{{.*}}) :
  run.require %ok, "node 'r': bad {0}" (%n)
  // CHECK: llvm.call @optc_rt_output(%[[CONTEXT]]
  // CHECK: memref.view
  %out = run.output 0 (%n) : memref<?x10xf32>
  // CHECK: arith.cmpi uge
  // CHECK: scf.if
  // CHECK:   llvm.call @optc_rt_index_error(%[[CONTEXT]]
  %i = run.checked_index %n, %n, "node 'g': index {0}, size {1}"
  // CHECK: arith.mulsi_extended
  // CHECK: llvm.call @optc_rt_scratch(%[[CONTEXT]]
  %a = memref.alloc(%i) : memref<?xf32>
  // CHECK: call @helper(%[[CONTEXT]], %{{.*}})
  func.call @helper(%x) : (memref<?xf32>) -> ()
  // CHECK: llvm.call @optc_rt_free(%[[CONTEXT]]
  memref.dealloc %a : memref<?xf32>
  return
}

// CHECK-LABEL: func.func @measured(
// CHECK-SAME:    %[[CONTEXT:.*]]: !llvm.ptr, %[[COUNT:.*]]: f64)
func.func @measured(%count: f64) {
  // CHECK: llvm.call @optc_rt_profile_begin(%[[CONTEXT]])
  run.profile_begin
  // CHECK: %[[KERNEL:.*]] = arith.constant 3 : i64
  // CHECK: llvm.call @optc_rt_profile_end(%[[CONTEXT]], %[[KERNEL]], %[[COUNT]], %[[COUNT]], %[[COUNT]])
  run.profile_end 3(%count, %count, %count)
  return
}

// CHECK-LABEL: func.func private @helper(
// CHECK-SAME:    !llvm.ptr, %{{.*}}: memref<?xf32>) {
func.func private @helper(%x: memref<?xf32>) {
  return
}

// -----

func.func @left(%x: memref<?xf32>, %n: index) {
  // expected-error @+1 {{has no implementation on the CPU}}
  run.parallel (%lo, %hi) in %n cost %n {
  }
  return
}
