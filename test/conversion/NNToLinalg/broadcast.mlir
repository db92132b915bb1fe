// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// Sizes that are known to be equal: no check, no guard.
// CHECK-LABEL: @known
// CHECK-NOT: run.require
// CHECK-NOT: scf.if
func.func @known(%x: tensor<?x4xf32> {nn.dims = ["N", ""]}, %y: tensor<?x1xf32> {nn.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %z = nn.binary add %x, %y : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// -----

// An operand whose size may be 1: it is checked, and repeated if it is.
// CHECK-LABEL: @unsure
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>, %[[Y:.*]]: tensor<8x4xf32>)
// CHECK: %[[N:.*]] = tensor.dim %[[X]], %c0
// CHECK: %[[FITS:.*]] = arith.cmpi eq, %[[N]], %c8
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %[[N]], %c1
// CHECK: %[[FINE:.*]] = arith.ori %[[FITS]], %[[ONE]]
// CHECK: run.require %[[FINE]], "node 'sum': sizes {0} and {1} do not broadcast"(%[[N]], %c8)
// CHECK: %[[G:.*]] = scf.if %[[FITS]]
// CHECK:   %[[CAST:.*]] = tensor.cast %[[X]]
// CHECK:   scf.yield %[[CAST]]
// CHECK: } else {
// CHECK:   %[[LAST:.*]] = arith.subi %[[N]], %c1
// CHECK:   linalg.index 0
// CHECK:   %[[AT:.*]] = arith.minui %{{.*}}, %[[LAST]]
// CHECK:   tensor.extract %[[X]][%[[AT]]
// CHECK: linalg.generic {{.*}} ins(%[[G]], %[[Y]]
func.func @unsure(%x: tensor<?x4xf32>, %y: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %z = nn.binary add %x, %y : (tensor<?x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32> loc("sum")
  return %z : tensor<8x4xf32>
}

// -----

// Neither size is known to be the result's: the first that is not 1 is, and the other is checked.
// CHECK-LABEL: @joined
// CHECK-DAG: %[[A:.*]] = tensor.dim %arg0
// CHECK-DAG: %[[B:.*]] = tensor.dim %arg1
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %[[FIRST:.*]], %c1
// CHECK: %[[SIZE:.*]] = arith.select %[[ONE]], %[[SECOND:.*]], %[[FIRST]]
// CHECK: run.require
// CHECK-NOT: run.require
// CHECK-COUNT-2: scf.if
// CHECK: tensor.empty(%[[SIZE]])
func.func @joined(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %z = nn.binary add %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %z : tensor<?xf32>
}

// -----

// Two sizes of which none can be 1 must be equal: a check is enough.
// CHECK-LABEL: @both_even
// CHECK: run.require
// CHECK-NOT: scf.if
// CHECK: return
func.func @both_even(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %a = nn.concat %x, %x {axis = 0 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %b = nn.concat %y, %y {axis = 0 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %z = nn.binary add %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %z : tensor<?xf32>
}

// -----

// The mask of attention: only the mask gets a guard, since the second product needs the
// scores to have the size of the values.
// CHECK-LABEL: @mask
// CHECK: %[[G:.*]] = scf.if
// CHECK:   scf.yield %arg1
// CHECK-NOT: scf.if
// CHECK: kernel.matmul
func.func @mask(%x: tensor<?x?xf32> {nn.dims = ["M", "K"]}, %mask: tensor<?xf32>, %v: tensor<?x4xf32> {nn.dims = ["K", ""]}) -> tensor<?x4xf32> {
  %a = nn.binary add %x, %mask : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %b = nn.matmul %a, %v : (tensor<?x?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %b : tensor<?x4xf32>
}

// -----

// Leading sizes of products get guards like operands of sums; a transpose is read through.
// CHECK-LABEL: @batches
// CHECK-SAME: (%[[A:.*]]: tensor<?x2x3xf32>, %[[B:.*]]: tensor<?x4x3xf32>)
// CHECK: run.require
// CHECK: %[[L:.*]] = scf.if
// CHECK:   scf.yield %[[A]]
// CHECK: %[[R:.*]] = scf.if
// CHECK:   scf.yield %[[B]]
// CHECK-NOT: linalg.transpose
// CHECK: kernel.matmul %[[L]], %[[R]]
func.func @batches(%a: tensor<?x2x3xf32>, %b: tensor<?x4x3xf32>) -> tensor<?x2x4xf32> {
  %t = nn.transpose %b [0, 2, 1] : tensor<?x4x3xf32> -> tensor<?x3x4xf32>
  %c = nn.matmul %a, %t : (tensor<?x2x3xf32>, tensor<?x3x4xf32>) -> tensor<?x2x4xf32>
  return %c : tensor<?x2x4xf32>
}

// -----

// Wanted sizes that only the data has.
// CHECK-LABEL: @expand
// CHECK: tensor.extract %arg1
// CHECK: run.require
// CHECK: scf.if
func.func @expand(%x: tensor<?xf32>, %shape: tensor<1xi64>) -> tensor<?xf32> {
  %y = nn.expand %x, %shape : (tensor<?xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
