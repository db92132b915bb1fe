// RUN: optc-opt %s --place-eliminate-empty | FileCheck %s

// A piece of a piece of the result is made where it ends up.
// CHECK-LABEL: @nested
// CHECK: %[[ALL:.*]] = tensor.empty() : tensor<16xf32>
// CHECK: %[[HALF:.*]] = tensor.extract_slice %[[ALL]][8] [8] [1]
// CHECK: %[[QUARTER:.*]] = tensor.extract_slice %[[HALF]][0] [4] [1]
// CHECK: linalg.exp ins(%arg0 : tensor<4xf32>) outs(%[[QUARTER]]
func.func @nested(%x: tensor<4xf32>) -> tensor<16xf32> {
  %e8 = tensor.empty() : tensor<8xf32>
  %e4 = tensor.empty() : tensor<4xf32>
  %a = linalg.exp ins(%x : tensor<4xf32>) outs(%e4 : tensor<4xf32>) -> tensor<4xf32>
  %p = tensor.insert_slice %a into %e8[0] [4] [1] : tensor<4xf32> into tensor<8xf32>
  %e16 = tensor.empty() : tensor<16xf32>
  %q = tensor.insert_slice %p into %e16[8] [8] [1] : tensor<8xf32> into tensor<16xf32>
  return %q : tensor<16xf32>
}

// The place is found for dynamic sizes, too.
// CHECK-LABEL: @dynamic
// CHECK: %[[PART:.*]] = tensor.extract_slice %arg2[%arg1] [%{{.*}}] [1] : tensor<?xf32> to tensor<?xf32>
// CHECK: linalg.exp ins(%arg0 : tensor<?xf32>) outs(%[[PART]]
func.func @dynamic(%x: tensor<?xf32>, %at: index, %r: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %a = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %q = tensor.insert_slice %a into %r[%at] [%n] [1] : tensor<?xf32> into tensor<?xf32>
  return %q : tensor<?xf32>
}

// Left alone: not inserted anywhere.
// CHECK-LABEL: @not_inserted
// CHECK: %[[E:.*]] = tensor.empty() : tensor<4xf32>
// CHECK: linalg.exp ins(%arg0 : tensor<4xf32>) outs(%[[E]]
func.func @not_inserted(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e4 = tensor.empty() : tensor<4xf32>
  %a = linalg.exp ins(%x : tensor<4xf32>) outs(%e4 : tensor<4xf32>) -> tensor<4xf32>
  return %a : tensor<4xf32>
}
