// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Heads in groups behind a past, which the lengths that are told are checked against; angles go on from there; a window counts the token itself.

// CHECK-LABEL: // model groups{{$}}
// CHECK: %[[P:.*]] = nn.slice
// CHECK: run.require %{{.*}}, "{{.*}}total_sequence_length is {0}, past and new tokens are {1}
// CHECK: run.require %{{.*}}, "{{.*}}rows of unlike lengths are not supported"
// CHECK: %[[PLACES:.*]] = nn.binary add %{{.*}}, %[[P]]
// CHECK: %[[AT:.*]] = nn.reshape %[[PLACES]]
// CHECK: nn.gather %{{.*}}, %[[AT]]
// CHECK-COUNT-2: nn.rope
// CHECK: %[[K:.*]] = nn.concat %arg3, %{{.*}} {axis = 2 : i64}
// CHECK: %[[V:.*]] = nn.concat %arg4, %{{.*}} {axis = 2 : i64}
// CHECK: nn.attention %{{.*}}, %[[K]], %[[V]] offset %[[P]] {after = 0 : i64, before = 6 : i64
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
groups (float[B, S, 32] q, float[B, S, 16] k, float[B, S, 16] v, float[B, 2, P, 8] pk, float[B, 2, P, 8] pv, int32[B] l, int32 t,
        float[12, 4] c, float[12, 4] s) => (float[B, S, 32] y, float[B, 2, T, 8] nk, float[B, 2, T, 8] nv) {
  y, nk, nv = com.microsoft.GroupQueryAttention <num_heads = 4, kv_num_heads = 2, do_rotary = 1, local_window_size = 7> (q, k, v, pk, pv, l, t, c, s)
}
