// RUN: optc-opt %s --pass-pipeline='builtin.module(func.func(place-early-checks))' | FileCheck %s

// The producer will write into the concatenation, which has room for as many columns as %y.
// CHECK-LABEL: func.func @concat
// CHECK-DAG:     %[[N:.*]] = tensor.dim %arg0, %c1
// CHECK-DAG:     %[[M:.*]] = tensor.dim %arg1, %c1
// CHECK:         %[[SAME:.*]] = arith.cmpi eq, %[[N]], %[[M]]
// CHECK-NEXT:    run.require %[[SAME]], "columns differ"
// CHECK:         linalg.exp
// CHECK:         tensor.concat
func.func @concat(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>, %e: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c1 = arith.constant 1 : index
  %z = linalg.exp ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %m = tensor.dim %y, %c1 : tensor<?x?xf32>
  %same = arith.cmpi eq, %n, %m : index
  run.require %same, "columns differ" (%n, %m)
  %r = tensor.concat dim(0) %z, %y : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// What traps stays behind the check in front of it, and checks stay in order.
// CHECK-LABEL: func.func @ordered
// CHECK:         run.require %{{.*}}, "no groups"
// CHECK:         %[[PART:.*]] = arith.divui
// CHECK:         run.require %{{.*}}, "too small"
// CHECK:         run.require %{{.*}}, "too large"
// CHECK:         linalg.exp
func.func @ordered(%x: tensor<?xf32>, %n: index, %g: index, %e: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %isOne = arith.cmpi ne, %g, %c0 : index
  run.require %isOne, "no groups"
  %part = arith.divui %n, %g : index
  %z = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %enough = arith.cmpi ugt, %part, %c0 : index
  run.require %enough, "too small"
  %fits = arith.cmpi ult, %n, %c9 : index
  run.require %fits, "too large"
  return %z : tensor<?xf32>
}

// Nor does what reads by grace of a check move above it.
// CHECK-LABEL: func.func @reads
// CHECK:         run.require %{{.*}}, "no such element"
// CHECK:         tensor.extract
// CHECK:         run.require %{{.*}}, "it is 0"
// CHECK:         linalg.exp
func.func @reads(%x: tensor<?xf32>, %v: tensor<?xi64>, %i: index, %e: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i64
  %n = tensor.dim %v, %c0 : tensor<?xi64>
  %z = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %inside = arith.cmpi ult, %i, %n : index
  run.require %inside, "no such element"
  %k = tensor.extract %v[%i] : tensor<?xi64>
  %some = arith.cmpi ne, %k, %zero : i64
  run.require %some, "it is 0"
  return %z : tensor<?xf32>
}

// A check of a branch is one of that branch.
// CHECK-LABEL: func.func @branch
// CHECK:         scf.if
// CHECK-NEXT:      run.require
func.func @branch(%taken: i1, %ok: i1) {
  scf.if %taken {
    run.require %ok, "not ok"
  }
  return
}
