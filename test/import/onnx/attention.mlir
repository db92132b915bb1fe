// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Heads side by side, a past, one key head for two of queries: the offset is the past's length.
// CHECK-LABEL: // model with_past{{$}}
// CHECK: %[[q:.*]] = nn.transpose %{{.*}} [0, 2, 1, 3] : {{.*}} -> tensor<?x4x?x8xf32>
// CHECK: %[[k:.*]] = nn.concat %arg3, %{{.*}} {axis = 2 : i64}
// CHECK: %[[v:.*]] = nn.concat %arg4, %{{.*}} {axis = 2 : i64}
// CHECK: %[[y:.*]] = nn.attention %[[q]], %[[k]], %[[v]] offset %{{.*}} {after = 0 : i64, guarded, scale = 0.353553{{[0-9]*}} : f64}
// CHECK: nn.transpose %[[y]] [0, 2, 1, 3]
// CHECK: return %{{.*}}, %[[k]], %[[v]]
with_past (float[B, S, 32] q, float[B, S, 16] k, float[B, S, 16] v, float[B, 2, P, 8] pk, float[B, 2, P, 8] pv)
    => (float[B, S, 32] y, float[B, 2, T, 8] nk, float[B, 2, T, 8] nv) {
  y, nk, nv = Attention <q_num_heads = 4, kv_num_heads = 2, is_causal = 1> (q, k, v, , pk, pv)
}

// -----

// Nothing is excluded: a row of -inf, which the data made, is NaN.
// CHECK-LABEL: // model all_keys{{$}}
// CHECK: nn.attention %arg0, %arg1, %arg2 {scale = 5.000000e-01 : f64}
all_keys (float[2, 4, 5, 8] q, float[2, 4, 7, 8] k, float[2, 4, 7, 6] v) => (float[2, 4, 5, 6] y) {
  y = Attention <scale = 0.5> (q, k, v)
}

// -----

// A mask shorter than the keys excludes those it does not reach; a cache tells how many keys of
// each row count.
// CHECK-LABEL: // model masked_cache{{$}}
// CHECK: %[[m:.*]] = nn.pad constant %arg3, %{{.*}}, %{{.*}} : (tensor<5x6xi1>, {{.*}}) -> tensor<5x7xi1>
// CHECK: %[[o:.*]] = nn.binary sub %arg4, %{{.*}} : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
// CHECK: nn.attention %arg0, %arg1, %arg2 mask %[[m]] offset %[[o]] lengths %arg4 {before = 3 : i64, guarded, scale = 5.000000e-01 : f64, softcap = 2.000000e+01 : f64}
masked_cache (float[2, 4, 5, 8] q, float[2, 4, 7, 8] k, float[2, 4, 7, 6] v, bool[5, 6] m, int64[2] l) => (float[2, 4, 5, 6] y) {
  y = Attention <scale = 0.5, softcap = 20.0, left_window_size = 3> (q, k, v, m, , , l)
}

// -----

// Scores as a result: the function body.
// CHECK-LABEL: // model scores_wanted{{$}}
// CHECK-NOT: nn.attention
// CHECK: nn.softmax
scores_wanted (float[2, 4, 5, 8] q, float[2, 4, 7, 8] k, float[2, 4, 7, 6] v) => (float[2, 4, 5, 6] y, float[2, 4, 5, 7] s) {
  y, , , s = Attention(q, k, v)
}

// -----

// CHECK-LABEL: // model rotary{{$}}
// CHECK: %[[c:.*]] = nn.gather %arg1, %arg3 {axis = 0 : i64}
// CHECK: %[[cu:.*]] = nn.reshape %[[c]], {{.*}} -> tensor<?x1x?x3xf32>
// CHECK: nn.rope %arg0, %[[cu]], %{{.*}} {interleaved} : (tensor<?x2x?x8xf32>, tensor<?x1x?x3xf32>, tensor<?x1x?x3xf32>)
rotary (float[B, 2, S, 8] x, float[50, 3] c, float[50, 3] s, int64[B, S] p) => (float[B, 2, S, 8] y) {
  y = RotaryEmbedding <interleaved = 1, rotary_embedding_dim = 6> (x, c, s, p)
}

// -----

// CHECK-LABEL: // model rotary_without_heads{{$}}
// CHECK: error: OPTC-E1062: {{.*}}/rotary{{.*}}num_heads attribute must be provided
rotary_without_heads (float[B, S, 16] x, float[B, S, 4] c, float[B, S, 4] s) => (float[B, S, 16] y) {
  ["/rotary"] y = RotaryEmbedding(x, c, s)
}
