// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Attention as ONNX Runtime fuses it: projections apart, masks of integers added to the scores.

// CHECK-LABEL: // model projected{{$}}
// CHECK: %[[w:.*]] = nn.slice %arg1
// CHECK: %[[p:.*]] = nn.matmul %arg0, %[[w]]
// CHECK: %[[q:.*]] = nn.binary add %[[p]]
// CHECK: nn.matmul %arg0
// CHECK: nn.matmul %arg0
// CHECK: %[[k:.*]] = nn.compare gt %arg3
// CHECK: %[[m:.*]] = nn.select
// CHECK: nn.attention {{.*}} mask %[[m]] {after = 0 : i64
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
projected (float[B, S, 8] x, float[8, 24] w, float[24] b, int32[B, S] m) => (float[B, S, 8] y) {
  y = com.microsoft.Attention <num_heads = 2, unidirectional = 1> (x, w, b, m)
}

// -----

// The past comes before the keys; queries stand behind it.
// CHECK-LABEL: // model past{{$}}
// CHECK: nn.concat
// CHECK: nn.attention {{.*}} offset {{.*}}after = 0 : i64
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
past (float[B, S, 8] x, float[8, 24] w, float[2, B, 2, P, 4] p) => (float[B, S, 8] y, float[2, B, 2, T, 4] n) {
  y, n = com.microsoft.Attention <num_heads = 2, unidirectional = 1> (x, w, , , p)
}

// -----

// CHECK-LABEL: // model heads{{$}}
// CHECK: nn.range
// CHECK: %[[l:.*]] = nn.compare lt
// CHECK: %[[a:.*]] = nn.select %[[l]]
// CHECK: %[[m:.*]] = nn.binary add %arg4, %[[a]]
// CHECK: nn.attention {{.*}} mask %[[m]] {scale = 2.500000e-01 : f64}
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
heads (float[B, S, 8] q, float[B, L, 8] k, float[B, L, 8] v, int32[B] m, float[B, 1, S, L] r) => (float[B, S, 8] y) {
  y = com.microsoft.MultiHeadAttention <num_heads = 2, scale = 0.25> (q, k, v, , m, r)
}

// -----

// CHECK-LABEL: // model rotary{{$}}
// CHECK: nn.gather %arg2
// CHECK: nn.gather %arg3
// CHECK: nn.rope {{.*}} {interleaved} : (tensor<?x?x2x8xf32>, tensor<?x?x1x4xf32>
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
rotary (float[B, S, 16] x, int64[B, S] p, float[9, 4] c, float[9, 4] s) => (float[B, S, 16] y) {
  y = com.microsoft.RotaryEmbedding <interleaved = 1> (x, p, c, s)
}

// -----

// CHECK-LABEL: // model shared{{$}}
// CHECK: error: OPTC-E2001: node '/a' (com.microsoft:Attention): a past that shares its buffer with the present
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
shared (float[B, S, 8] x, float[8, 24] w, float[2, B, 2, P, 4] p) => (float[B, S, 8] y, float[2, B, 2, P, 4] n) {
  ["/a"] y, n = com.microsoft.Attention <num_heads = 2, past_present_share_buffer = 1> (x, w, , , p)
}

// -----

// Products of integers, scaled before the bias is added.
// CHECK-LABEL: // model integers{{$}}
// CHECK: %[[w:.*]] = nn.slice %arg1
// CHECK: nn.matmul {{.*}} : (tensor<?x?x8xui8>, tensor<8x8xi8>) -> tensor<?x?x8xi32>
// CHECK: qnn.dequantize
// CHECK: nn.binary add {{.*}} : (tensor<?x?x8xf32>, tensor<8xf32>)
// CHECK: nn.attention
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
integers (uint8[B, S, 8] x, int8[8, 24] w, float[24] b, float s, float t, uint8 z) => (float[B, S, 8] y) {
  y = com.microsoft.QAttention <num_heads = 2> (x, w, b, s, t, , z)
}
