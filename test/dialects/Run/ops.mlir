// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: func @checks
func.func @checks(%ok: i1, %i: index, %n: index) -> index {
  // CHECK: run.require %{{.*}}, "the input is empty"
  run.require %ok, "the input is empty"
  // CHECK: run.require %{{.*}}, "node 'r': {0} is not {1}"(%{{.*}}, %{{.*}})
  run.require %ok, "node 'r': {0} is not {1}" (%i, %n)
  // CHECK: run.checked_index %{{.*}}, %{{.*}}, "node 'g': index {0}, size {1}"
  %j = run.checked_index %i, %n, "node 'g': index {0}, size {1}"
  return %j : index
}

// CHECK-LABEL: func @outputs
func.func @outputs(%n: index) -> (memref<4xf32>, memref<?x10x?xf32>) {
  // CHECK: run.output 0 : memref<4xf32>
  %a = run.output 0 : memref<4xf32>
  // CHECK: run.output 1(%{{.*}}, %{{.*}}) : memref<?x10x?xf32>
  %b = run.output 1 (%n, %n) : memref<?x10x?xf32>
  return %a, %b : memref<4xf32>, memref<?x10x?xf32>
}

// CHECK-LABEL: func @loop
func.func @loop(%x: memref<?xf32>, %n: index, %cost: index) {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: run.parallel (%[[LO:.*]], %[[HI:.*]]) in %{{.*}} cost %{{.*}} {
  run.parallel (%lo, %hi) in %n cost %cost {
    // CHECK: scf.for %{{.*}} = %[[LO]] to %[[HI]]
    scf.for %i = %lo to %hi step %c1 {
      memref.store %zero, %x[%i] : memref<?xf32>
    }
  }
  return
}
