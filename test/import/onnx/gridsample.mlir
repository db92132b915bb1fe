// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Sampling at given positions: rows of pixels, all channels at once, with weights.

// CHECK-LABEL: // model nearest{{$}}
// CHECK: %[[t:.*]] = nn.transpose %arg0 [0, 2, 3, 1]
// CHECK: %[[p:.*]] = nn.reshape %[[t]], %{{.*}} -> tensor<?x3xf32>
// CHECK: nn.unary round
// CHECK: %[[g:.*]] = nn.gather %[[p]], %{{.*}} {axis = 0 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
// CHECK: nn.select {{.*}} %[[g]]
// CHECK: nn.transpose {{.*}} [0, 3, 1, 2]
nearest (float[N, 3, H, W] x, float[N, A, B, 2] g) => (float[N, 3, A, B] y) {
  y = GridSample <mode = "nearest"> (x, g)
}

// -----

// Two taps in each of two dimensions. One channel needs no dimension.
// CHECK-LABEL: // model linear{{$}}
// CHECK: nn.reshape %arg0, %{{.*}} -> tensor<?xf32>
// CHECK-COUNT-4: nn.gather
// CHECK-NOT: nn.gather
// CHECK-NOT: nn.transpose
linear (float[N, 1, H, W] x, float[N, A, B, 2] g) => (float[N, 1, A, B] y) {
  y = GridSample <padding_mode = "border", align_corners = 1> (x, g)
}

// -----

// CHECK-LABEL: // model ranks{{$}}
// CHECK: error: OPTC-E{{[0-9]+}}: {{.*}}/g
ranks (float[N, 1, H, W] x, float[N, A, B, 3] g) => (float[N, 1, A, B] y) {
  ["/g"] y = GridSample(x, g)
}
