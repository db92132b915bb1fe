// RUN: optc-opt %s --cpu-emit-rows --canonicalize --cse | FileCheck %s
// RUN: optc-opt %s --cpu-emit-rows=level=x86-64-v3 --canonicalize --cse | FileCheck %s --check-prefix=V3

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#column = affine_map<(i, j) -> (i)>

// A broadcast operand keeps the dims apart: rows are items, full vectors only.
// CHECK-LABEL: @bias
// CHECK: run.parallel (%[[LO:.*]], %[[HI:.*]]) in
// CHECK: scf.for %{{.*}} = %[[LO]] to %[[HI]]
// CHECK: scf.for
// CHECK-COUNT-4: arith.addf {{.*}} : vector<16xf32>
// CHECK-COUNT-4: vector.store
// CHECK-NOT: maskedstore
// V3-LABEL: @bias
// V3: arith.addf {{.*}} : vector<8xf32>
func.func @bias(%a: memref<?x768xf32>, %b: memref<768xf32>, %o: memref<?x768xf32>) {
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x768xf32>, memref<768xf32>) outs(%o : memref<?x768xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  }
  return
}

// Contiguous dims become one, with one masked tail; too little work for a parallel region.
// CHECK-LABEL: @merged
// CHECK-NOT: run.parallel
// CHECK: %[[MASK:.*]] = vector.constant_mask [9] : vector<16xi1>
// CHECK: vector.maskedload {{.*}} %[[MASK]]
// CHECK: vector.maskedstore
// CHECK-NOT: memref.store
func.func @merged(%a: memref<3x5x7xf32>, %o: memref<3x5x7xf32>) {
  linalg.copy ins(%a : memref<3x5x7xf32>) outs(%o : memref<3x5x7xf32>)
  return
}

// Along the row: partial sums in registers, one reduction at the end.
// CHECK-LABEL: @sum_along
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK: arith.select {{.*}} : vector<16xi1>, vector<16xf32>
// CHECK: vector.reduction <add>, {{.*}} fastmath<reassoc>
func.func @sum_along(%a: memref<?x?xf32>, %o: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #column], iterator_types = ["parallel", "reduction"]}
      ins(%a : memref<?x?xf32>) outs(%o : memref<?xf32>) {
  ^bb0(%x: f32, %z: f32):
    %s = arith.addf %x, %z : f32
    linalg.yield %s : f32
  }
  return
}

// Across rows: lanes are columns, sums stay in registers over all rows.
// CHECK-LABEL: @sum_columns
// CHECK: vector.load
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK: vector.store
// CHECK-NOT: vector.reduction
func.func @sum_columns(%a: memref<?x?xf32>, %o: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["reduction", "parallel"]}
      ins(%a : memref<?x?xf32>) outs(%o : memref<?xf32>) {
  ^bb0(%x: f32, %z: f32):
    %s = arith.addf %x, %z : f32
    linalg.yield %s : f32
  }
  return
}

// Rows picked by an index: the table is read in vectors.
// CHECK-LABEL: @gather
// CHECK: run.checked_index
// CHECK: vector.load %{{.*}} : memref<1000x64xf32>, vector<16xf32>
func.func @gather(%t: memref<1000x64xf32>, %i: memref<?xi64>, %o: memref<?x64xf32>) {
  %c1000 = arith.constant 1000 : index
  linalg.generic {indexing_maps = [#column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%i : memref<?xi64>) outs(%o : memref<?x64xf32>) {
  ^bb0(%x: i64, %z: f32):
    %k = arith.index_cast %x : i64 to index
    %s = run.checked_index %k, %c1000, "node 'g': {0} of {1}"
    %j = linalg.index 1 : index
    %r = memref.load %t[%s, %j] : memref<1000x64xf32>
    linalg.yield %r : f32
  }
  return
}

// Booleans of vectors are masks and reach memory as bytes.
// CHECK-LABEL: @compare
// CHECK: arith.cmpf {{.*}} : vector<16xf32>
// CHECK: arith.extui {{.*}} : vector<16xi1> to vector<16xi8>
// CHECK: vector.store {{.*}} vector<16xi8>
func.func @compare(%a: memref<?xf32>, %o: memref<?xi8>) {
  %c = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]} ins(%a : memref<?xf32>) outs(%o : memref<?xi8>) {
  ^bb0(%x: f32, %z: i8):
    %p = arith.cmpf ogt, %x, %c : f32
    %r = arith.extui %p : i1 to i8
    linalg.yield %r : i8
  }
  return
}

// Lanes past a tail could divide by zero: scalar loops.
// CHECK-LABEL: @integer_division
// CHECK-NOT: vector
// CHECK: arith.divsi {{.*}} : i32
func.func @integer_division(%a: memref<?xi32>, %b: memref<?xi32>, %o: memref<?xi32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%a, %b : memref<?xi32>, memref<?xi32>) outs(%o : memref<?xi32>) {
  ^bb0(%x: i32, %y: i32, %z: i32):
    %r = arith.divsi %x, %y : i32
    linalg.yield %r : i32
  }
  return
}

// -----

// Large code without loops is set apart, to become a function; what has loops does anyway.
// CHECK-LABEL: func.func @large
// CHECK: scf.execute_region no_inline {
// CHECK-COUNT-8: math.exp
// CHECK: }
// CHECK-NOT: scf.execute_region
// CHECK: return
func.func @large(%x: memref<f32>, %y: memref<f32>, %u: memref<?xf32>, %v: memref<?xf32>) {
  linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
      ins(%x : memref<f32>) outs(%y : memref<f32>) {
  ^bb0(%p: f32, %o: f32):
    %v0 = math.exp %p : f32
    %v1 = math.exp %v0 : f32
    %v2 = math.exp %v1 : f32
    %v3 = math.exp %v2 : f32
    %v4 = math.exp %v3 : f32
    %v5 = math.exp %v4 : f32
    %v6 = math.exp %v5 : f32
    %v7 = math.exp %v6 : f32
    linalg.yield %v7 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%u : memref<?xf32>) outs(%v : memref<?xf32>) {
  ^bb0(%p: f32, %o: f32):
    %v0 = math.exp %p : f32
    %v1 = math.exp %v0 : f32
    %v2 = math.exp %v1 : f32
    %v3 = math.exp %v2 : f32
    %v4 = math.exp %v3 : f32
    %v5 = math.exp %v4 : f32
    %v6 = math.exp %v5 : f32
    %v7 = math.exp %v6 : f32
    linalg.yield %v7 : f32
  }
  linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
      ins(%x : memref<f32>) outs(%y : memref<f32>) {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  }
  return
}
