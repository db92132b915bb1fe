// RUN: optc-opt %s --place-arena | FileCheck %s

#id = affine_map<(i) -> (i)>

// Two buffers whose sizes follow from the input; the second takes over the first, which
// dies where the second is made.
// CHECK-LABEL: func.func @chain_sizes(
// CHECK-SAME:    %[[X:.*]]: memref<?xf32>, %[[TABLE:.*]]: memref<?xi64>)
// CHECK:         memref.dim %[[X]]
// CHECK:         memref.store %{{.*}}, %[[TABLE]][%{{.*}}]
// CHECK-NOT:     memref.store
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[ARENA:[a-z0-9]+]]: memref<?xi8>, %[[OFFSETS:[a-z0-9]+]]: memref<?xindex>)
// CHECK-SAME:    sizes = @chain_sizes
// CHECK-SAME:    lifetimes = [[[FIRST:[0-9]+]], [[LAST:[0-9]+]]]
// CHECK:         %[[AT:.*]] = memref.load %[[OFFSETS]]
// CHECK:         %[[A:.*]] = memref.view %[[ARENA]][%[[AT]]]
// CHECK:         linalg.exp {{.*}} outs(%[[A]]
// CHECK:         linalg.log ins(%[[A]] {{.*}} outs(%[[A]]
// CHECK-NOT:     memref.alloc
func.func @chain(%x: memref<?xf32>, %out: memref<?xf32>, %w: memref<?xi8>)
    attributes {run.entry = #run.entry<inputs = 1, outputs = 0>} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?xf32>
  linalg.exp ins(%x : memref<?xf32>) outs(%a : memref<?xf32>)
  %b = memref.alloc(%n) : memref<?xf32>
  linalg.log ins(%a : memref<?xf32>) outs(%b : memref<?xf32>)
  linalg.sqrt ins(%b : memref<?xf32>) outs(%out : memref<?xf32>)
  return
}

// Read backwards: the buffers must differ.
// CHECK-LABEL: func.func @notElementwise(
// CHECK-SAME:    lifetimes = [{{[0-9]+, [0-9]+, [0-9]+, [0-9]+}}]
// CHECK-COUNT-2: memref.view
func.func @notElementwise(%x: memref<800xf32>, %out: memref<800xf32>, %w: memref<?xi8>)
    attributes {run.entry = #run.entry<inputs = 1, outputs = 0>} {
  %a = memref.alloc() : memref<800xf32>
  linalg.exp ins(%x : memref<800xf32>) outs(%a : memref<800xf32>)
  %b = memref.alloc() : memref<800xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> (-i + 799)>, #id], iterator_types = ["parallel"]}
      ins(%a : memref<800xf32>) outs(%b : memref<800xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32 }
  linalg.sqrt ins(%b : memref<800xf32>) outs(%out : memref<800xf32>)
  return
}

// An input that is read later does not die here.
// CHECK-LABEL: func.func @stillRead(
// CHECK-COUNT-2: memref.view
func.func @stillRead(%x: memref<800xf32>, %out: memref<800xf32>, %w: memref<?xi8>)
    attributes {run.entry = #run.entry<inputs = 1, outputs = 0>} {
  %a = memref.alloc() : memref<800xf32>
  linalg.exp ins(%x : memref<800xf32>) outs(%a : memref<800xf32>)
  %b = memref.alloc() : memref<800xf32>
  linalg.log ins(%a : memref<800xf32>) outs(%b : memref<800xf32>)
  linalg.add ins(%a, %b : memref<800xf32>, memref<800xf32>) outs(%out : memref<800xf32>)
  return
}

// A size that is data: the runtime's allocator. A few bytes: the stack.
// CHECK-LABEL: func.func @dataDependent(
// CHECK-DAG:     memref.alloc(
// CHECK-DAG:     memref.alloca() {alignment = 64 : i64} : memref<4xf32>
func.func @dataDependent(%x: memref<index>, %w: memref<?xi8>, %v: f32)
    attributes {run.entry = #run.entry<inputs = 1, outputs = 0>} {
  %n = memref.load %x[] : memref<index>
  %a = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%v : f32) outs(%a : memref<?xf32>)
  %b = memref.alloc() : memref<4xf32>
  linalg.fill ins(%v : f32) outs(%b : memref<4xf32>)
  return
}

// What a loop carries to its next iteration outlives the one that allocates it.
// CHECK-LABEL: func.func @carried(
// CHECK:         memref.view
// CHECK:         scf.for
// CHECK:           memref.alloc()
func.func @carried(%x: memref<800xf32>, %n: index, %out: memref<800xf32>, %w: memref<?xi8>)
    attributes {run.entry = #run.entry<inputs = 1, outputs = 0>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<800xf32>
  linalg.exp ins(%x : memref<800xf32>) outs(%a : memref<800xf32>)
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %a) -> memref<800xf32> {
    %b = memref.alloc() : memref<800xf32>
    linalg.log ins(%s : memref<800xf32>) outs(%b : memref<800xf32>)
    scf.yield %b : memref<800xf32>
  }
  linalg.sqrt ins(%r : memref<800xf32>) outs(%out : memref<800xf32>)
  return
}

// The buffer of a branch takes no memory where the shapes take the other one.
// CHECK-LABEL: func.func @branch_sizes(
// CHECK:         %[[BYTES:.*]] = arith.select
// CHECK:         %[[TAKEN:.*]] = arith.cmpi eq
// CHECK:         %[[SIZE:.*]] = arith.select %[[TAKEN]], %c0{{.*}}, %[[BYTES]] : i64
// CHECK:         memref.store %[[SIZE]]
// CHECK-LABEL: func.func @branch(
// CHECK-NOT:     memref.alloc
func.func @branch(%x: memref<?xf32>, %y: memref<?xf32>, %out: memref<?xf32>, %w: memref<?xi8>)
    attributes {run.entry = #run.entry<inputs = 2, outputs = 0>} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %m = memref.dim %y, %c0 : memref<?xf32>
  %fits = arith.cmpi eq, %n, %m : index
  %g = scf.if %fits -> memref<?xf32> {
    scf.yield %x : memref<?xf32>
  } else {
    %a = memref.alloc(%m) : memref<?xf32>
    linalg.exp ins(%y : memref<?xf32>) outs(%a : memref<?xf32>)
    scf.yield %a : memref<?xf32>
  }
  linalg.sqrt ins(%g : memref<?xf32>) outs(%out : memref<?xf32>)
  return
}
