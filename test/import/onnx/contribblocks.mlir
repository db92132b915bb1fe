// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Weights of few bits stay as they are stored, in planes.

// CHECK-LABEL: // model floats{{$}}
// The first byte had the codes 1 and 0, the fifth 5 and 0: a plane holds half of the block.
// CHECK: %[[bytes:.*]] = nn.constant dense<{{\[\[\[}}81, 0, 98, 0, 115, 0, 132, 0], {{.*}} : tensor<1x2x8xui8>
// CHECK: %[[codes:.*]] = qnn.unpack %[[bytes]] {bits = 4 : i64} : (tensor<1x2x8xui8>) -> tensor<1x2x16xui8>
// CHECK: %[[real:.*]] = qnn.dequantize %[[codes]], %{{.*}} zero %{{.*}} : (tensor<1x2x16xui8>, tensor<1x2x1xf32>, tensor<ui8>) -> tensor<1x2x16xf32>
// CHECK: %[[w:.*]] = nn.transpose %{{.*}} [1, 0] : tensor<1x32xf32> -> tensor<32x1xf32>
// CHECK: nn.matmul %arg0, %[[w]]
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
floats (float[M, 32] x) => (float[M, 1] y)
  <uint8[1, 2, 8] w = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}, float[1, 2] s = {0.5, 0.25}> {
  y = com.microsoft.MatMulNBits <K = 32, N = 1, bits = 4, block_size = 16> (x, w, s)
}

// -----

// Data are rounded where the level says so.
// CHECK-LABEL: // model integers{{$}}
// CHECK: nn.reduce max
// CHECK: qnn.quantize %{{.*}} -> tensor<?x2x16xi8>
// CHECK: nn.matmul
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
integers (float[M, 32] x) => (float[M, 1] y)
  <uint8[1, 2, 8] w = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}, float[1, 2] s = {0.5, 0.25}> {
  y = com.microsoft.MatMulNBits <K = 32, N = 1, bits = 4, block_size = 16, accuracy_level = 4> (x, w, s)
}

// -----

// Rows are gathered before they are unpacked.
// CHECK-LABEL: // model gather{{$}}
// CHECK: %[[rows:.*]] = nn.gather %{{.*}}, %arg0 {axis = 0 : i64} : (tensor<2x1x16xui8>, tensor<?xi64>) -> tensor<?x1x16xui8>
// CHECK: qnn.dequantize %[[rows]]
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
gather (int64[M] i) => (float[M, 16] y)
  <uint8[2, 16] w = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}, float[2, 1] s = {0.5, 0.25}> {
  y = com.microsoft.GatherBlockQuantized <bits = 8, block_size = 16> (w, i, s)
}

// -----

// CHECK-LABEL: // model not_constant{{$}}
// CHECK: error: OPTC-E2001: node '/m' (com.microsoft:MatMulNBits): its weight must be a constant of uint8
// CHECK-NEXT: // exit code 3
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
not_constant (float[M, 32] x, uint8[1, 2, 8] w, float[1, 2] s) => (float[M, 1] y) {
  ["/m"] y = com.microsoft.MatMulNBits <K = 32, N = 1, bits = 4, block_size = 16> (x, w, s)
}
