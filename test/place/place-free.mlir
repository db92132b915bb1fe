// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-free))' | FileCheck %s

// CHECK-LABEL: func.func @lastUse
// CHECK:         %[[A:.*]] = memref.alloc
// CHECK:         linalg.log ins(%[[A]]
// CHECK-NEXT:    memref.dealloc %[[A]]
func.func @lastUse(%n: index, %v: f32, %out: memref<?xf32>) {
  %a = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%v : f32) outs(%a : memref<?xf32>)
  linalg.log ins(%a : memref<?xf32>) outs(%out : memref<?xf32>)
  return
}

// The old state goes when it is neither the new one nor what the loop started with.
// CHECK-LABEL: func.func @growing(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?xf32>
// CHECK:         scf.for {{.*}} iter_args(%[[S:.*]] = %[[X]])
// CHECK:           %[[B:.*]] = memref.alloc
// CHECK-DAG:       %[[NEXT:.*]] = memref.extract_aligned_pointer_as_index %[[B]]
// CHECK-DAG:       %[[FIRST:.*]] = memref.extract_aligned_pointer_as_index %[[X]]
// CHECK-DAG:       %[[OLD:.*]] = memref.extract_aligned_pointer_as_index %[[S]]
// CHECK-DAG:       arith.cmpi ne, %[[OLD]], %[[NEXT]]
// CHECK-DAG:       arith.cmpi ne, %[[OLD]], %[[FIRST]]
// CHECK:           scf.if
// CHECK-NEXT:        memref.dealloc %[[S]]
func.func @growing(%x: memref<?xf32>, %n: index, %v: f32) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> memref<?xf32> {
    %b = memref.alloc(%i) : memref<?xf32>
    linalg.fill ins(%v : f32) outs(%b : memref<?xf32>)
    scf.yield %b : memref<?xf32>
  }
  return %r : memref<?xf32>
}

// What a branch yields goes when the result of the branch is not needed any more.
// CHECK-LABEL: func.func @branch(
// CHECK:         %[[G:.*]] = scf.if %[[C:.*]] ->
// CHECK:         linalg.log ins(%[[G]]
// CHECK-NEXT:    scf.if %[[C]] {
// CHECK-NEXT:    } else {
// CHECK-NEXT:      memref.dealloc %[[G]]
func.func @branch(%x: memref<?xf32>, %n: index, %v: f32, %c: i1, %out: memref<?xf32>) {
  %g = scf.if %c -> memref<?xf32> {
    scf.yield %x : memref<?xf32>
  } else {
    %a = memref.alloc(%n) : memref<?xf32>
    linalg.fill ins(%v : f32) outs(%a : memref<?xf32>)
    scf.yield %a : memref<?xf32>
  }
  linalg.log ins(%g : memref<?xf32>) outs(%out : memref<?xf32>)
  return
}

// State that the condition has copied goes there.
// CHECK-LABEL: func.func @copied(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?xf32>
// CHECK:         scf.while (%[[S:.*]] = %[[X]])
// CHECK:           %[[COPY:.*]] = memref.alloc
// CHECK-DAG:       %[[NEXT:.*]] = memref.extract_aligned_pointer_as_index %[[COPY]]
// CHECK-DAG:       %[[OLD:.*]] = memref.extract_aligned_pointer_as_index %[[S]]
// CHECK-DAG:       arith.cmpi ne, %[[OLD]], %[[NEXT]]
// CHECK:           scf.if
// CHECK-NEXT:        memref.dealloc %[[S]]
// CHECK:           scf.condition(%{{.*}}) %[[COPY]]
func.func @copied(%x: memref<?xf32>, %n: index, %v: f32, %c: i1) -> memref<?xf32> {
  %r = scf.while (%s = %x) : (memref<?xf32>) -> memref<?xf32> {
    %copy = memref.alloc(%n) : memref<?xf32>
    linalg.exp ins(%s : memref<?xf32>) outs(%copy : memref<?xf32>)
    scf.condition(%c) %copy : memref<?xf32>
  } do {
  ^bb0(%s: memref<?xf32>):
    %b = memref.alloc(%n) : memref<?xf32>
    linalg.log ins(%s : memref<?xf32>) outs(%b : memref<?xf32>)
    scf.yield %b : memref<?xf32>
  }
  return %r : memref<?xf32>
}
