// RUN: optc-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @of_one
// CHECK-SAME: (%[[X:.*]]: tensor<?x1xf32>)
func.func @of_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = nn.reduce sum %x [1] : tensor<?x1xf32> -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

// CHECK-LABEL: func @of_many
func.func @of_many(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  // CHECK: nn.reduce
  %0 = nn.reduce sum %x [1] : tensor<?x2xf32> -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}
