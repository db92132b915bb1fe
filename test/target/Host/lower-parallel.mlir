// RUN: optc-opt %s --host-lower-parallel | FileCheck %s

// CHECK-LABEL: llvm.func @main(
// CHECK-SAME:    %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr, %[[TRIP:[a-z0-9]+]]: i64, %[[COST:[a-z0-9]+]]: i64, %[[P:[a-z0-9]+]]: !llvm.ptr, %[[N:[a-z0-9]+]]: i64)
// CHECK-DAG:     %[[PACK:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, ptr, i64)>
// CHECK-DAG:     llvm.store %[[CONTEXT]]
// CHECK-DAG:     llvm.store %[[P]]
// CHECK-DAG:     llvm.store %[[N]]
// CHECK-DAG:     %[[FN:.*]] = llvm.mlir.addressof @k.unpack
// CHECK:         llvm.call @optc_rt_parallel(%[[CONTEXT]], %[[FN]], %[[PACK]], %[[TRIP]], %[[COST]])
llvm.func @main(%context: !llvm.ptr, %trip: i64, %cost: i64, %p: !llvm.ptr, %n: i64) {
  llvm.call @k.parallel(%context, %trip, %cost, %p, %n) : (!llvm.ptr, i64, i64, !llvm.ptr, i64) -> ()
  llvm.return
}

// CHECK-NOT: @k.parallel
llvm.func @k.parallel(!llvm.ptr, i64, i64, !llvm.ptr, i64) attributes {run.parallel_body = @k}

// CHECK-LABEL: llvm.func @k.unpack(
// CHECK-SAME:    %[[ARGS:.*]]: !llvm.ptr, %[[LO:.*]]: i64, %[[HI:.*]]: i64) attributes {run.kernel}
// CHECK:         llvm.call @k(%{{.*}}, %[[LO]], %[[HI]], %{{.*}}, %{{.*}}) :
llvm.func @k(%context: !llvm.ptr, %lo: i64, %hi: i64, %p: !llvm.ptr, %n: i64) attributes {run.kernel} {
  llvm.return
}
