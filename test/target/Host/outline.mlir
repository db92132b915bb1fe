// RUN: optc-opt %s --host-outline | FileCheck %s

// Two equal parallel loops and one equal but for a constant: two functions. Constants are
// cloned, everything else is captured.
// CHECK-LABEL: func.func @main
// CHECK:         call @optc_k0.parallel(%arg2, %[[COST:.*]], %arg0) : (index, index, memref<?xf32>) -> ()
// CHECK:         call @optc_k0.parallel(%arg2, %[[COST]], %arg1)
// CHECK:         call @optc_k1.parallel(%arg2, %[[COST]], %arg1)
// CHECK:         call @optc_k2(%arg2, %arg0)
// CHECK-NOT:     run.parallel
// CHECK-NOT:     scf.for
func.func @main(%x: memref<?xf32>, %y: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  run.parallel (%lo, %hi) in %n cost %c1 {
    scf.for %i = %lo to %hi step %c1 {
      memref.store %two, %x[%i] : memref<?xf32>
    }
  }
  run.parallel (%lo, %hi) in %n cost %c1 {
    scf.for %i = %lo to %hi step %c1 {
      memref.store %two, %y[%i] : memref<?xf32>
    }
  }
  run.parallel (%lo, %hi) in %n cost %c1 {
    scf.for %i = %lo to %hi step %c1 {
      memref.store %three, %y[%i] : memref<?xf32>
    }
  }
  scf.for %i = %c0 to %n step %c1 {
    memref.store %two, %x[%i] : memref<?xf32>
  }
  return
}

// Code that is set apart, and the same of other memory.
// CHECK-LABEL: func.func @setApart
// CHECK-NEXT:    call @[[F:.*]](%arg0) : (memref<f32>) -> ()
// CHECK-NEXT:    call @[[F]](%arg1) : (memref<f32>) -> ()
// CHECK-NEXT:    return
func.func @setApart(%x: memref<f32>, %y: memref<f32>) {
  scf.execute_region no_inline {
    %v = memref.load %x[] : memref<f32>
    %e = math.exp %v : f32
    memref.store %e, %x[] : memref<f32>
    scf.yield
  }
  scf.execute_region no_inline {
    %v = memref.load %y[] : memref<f32>
    %e = math.exp %v : f32
    memref.store %e, %y[] : memref<f32>
    scf.yield
  }
  return
}

// Loops around computations are no computations: only what is inside becomes functions.
// CHECK-LABEL: func.func @outerLoop
// CHECK:         scf.for
// CHECK:           call @optc_k0.parallel
// CHECK:           call @optc_k2
func.func @outerLoop(%x: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  scf.for %k = %c0 to %n step %c1 {
    run.parallel (%lo, %hi) in %n cost %c1 {
      scf.for %i = %lo to %hi step %c1 {
        memref.store %two, %x[%i] : memref<?xf32>
      }
    }
    scf.for %i = %c0 to %n step %c1 {
      memref.store %two, %x[%i] : memref<?xf32>
    }
  }
  return
}

// A loop around kernels that are measured is not a kernel.
// CHECK-LABEL: func.func @measured(
// CHECK:         scf.for
// CHECK:           run.profile_begin
// CHECK-NEXT:      call @optc_k2
// CHECK-NEXT:      run.profile_end
func.func @measured(%x: memref<?xf32>, %n: index, %count: f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    run.profile_begin
    scf.for %j = %c0 to %n step %c1 {
      memref.store %two, %x[%j] : memref<?xf32>
    }
    run.profile_end 0(%count, %count, %count)
  }
  return
}

// CHECK-DAG: func.func private @optc_k0.parallel(index, index, memref<?xf32>) attributes {run.parallel_body = @optc_k0}
// CHECK-DAG: func.func private @optc_k0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: memref<?xf32>) attributes {run.kernel}
// CHECK-DAG: func.func private @optc_k1(
// CHECK-DAG: func.func private @optc_k2(
// CHECK-DAG: func.func private @optc_k3(%{{.*}}: memref<f32>) attributes {run.kernel}
// CHECK-NOT: @optc_k4
