// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Reshapes and transposes.

// CHECK-LABEL: // model reshape{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} : {{.*}} -> tensor<?x2x3xf32>
// CHECK: return %[[a]]
reshape (float[N, 6] x) => (float[N, 2, 3] y) <int64[3] s = {0, 2, -1}> {
  y = Reshape(x, s)
}

// -----

// CHECK-LABEL: // model reshape_by_data{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %arg1 {allowZero} : {{.*}} -> tensor<?x?xf32>
// CHECK: return %[[a]]
reshape_by_data (float[N, 6] x, int64[2] s) => (float[A, B] y) {
  y = Reshape <allowzero = 1> (x, s)
}

// -----

// CHECK-LABEL: // model transpose{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [2, 1, 0] : {{.*}} -> tensor<3x2x?xf32>
// CHECK: %[[b:.*]] = nn.transpose %arg0 [0, 2, 1] : {{.*}} -> tensor<?x3x2xf32>
// CHECK: return %[[a]], %[[b]]
transpose (float[N, 2, 3] x) => (float[3, 2, N] y, float[N, 3, 2] z) {
  y = Transpose(x)
  z = Transpose <perm = [0, 2, 1]> (x)
}

// -----

// CHECK-LABEL: // model squeeze_and_unsqueeze{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<?x3xf32>
// CHECK: %[[b:.*]] = nn.reshape %[[a]], %{{.*}} {allowZero} : {{.*}} -> tensor<1x?x3xf32>
// CHECK: return %[[b]]
squeeze_and_unsqueeze (float[N, 1, 3] x) => (float[1, N, 3] y) <int64[1] one = {1}, int64[1] zero = {0}> {
  a = Squeeze(x, one)
  y = Unsqueeze(a, zero)
}

// -----

// CHECK-LABEL: // model squeeze_all{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<4xf32>
// CHECK: return %[[a]]
squeeze_all (float[1, 4, 1] x) => (float[4] y) {
  y = Squeeze(x)
}

// -----

// CHECK-LABEL: // model flatten{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<?x6xf32>
// CHECK: return %[[a]]
flatten (float[N, 2, 3] x) => (float[N, 6] y) {
  y = Flatten(x)
}

// -----

// CHECK-LABEL: // model tile{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<1x?x1x3xf32>
// CHECK: %[[b:.*]] = nn.expand %[[a]], %{{.*}} : {{.*}} -> tensor<1x?x2x3xf32>
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x6xf32>
// CHECK: return %[[c]]
tile (float[N, 3] x) => (float[N, 6] y) <int64[2] r = {1, 2}> {
  y = Tile(x, r)
}

// -----

// CHECK-LABEL: // model depth_to_space{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<?x2x2x2x?x?xf32>
// CHECK: %[[b:.*]] = nn.transpose %[[a]] [0, 3, 4, 1, 5, 2] : {{.*}} -> tensor<?x2x?x2x?x2xf32>
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x2x?x?xf32>
// CHECK: return %[[c]]
depth_to_space (float[N, 8, H, W] x) => (float[N, 2, P, Q] y) {
  y = DepthToSpace <blocksize = 2> (x)
}

// -----

// CHECK-LABEL: // model space_to_depth{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<?x2x2x2x3x2xf32>
// CHECK: %[[b:.*]] = nn.transpose %[[a]] [0, 3, 5, 1, 2, 4] : {{.*}} -> tensor<?x2x2x2x2x3xf32>
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x8x2x3xf32>
// CHECK: return %[[c]]
space_to_depth (float[N, 2, 4, 6] x) => (float[N, 8, 2, 3] y) {
  y = SpaceToDepth <blocksize = 2> (x)
}

// -----

// CHECK-LABEL: // model shape_part{{$}}
// CHECK: %[[a:.*]] = nn.shape %arg0 : {{.*}} -> tensor<3xi64>
// CHECK: %[[b:.*]] = nn.slice %[[a]], %{{.*}}, %{{.*}}, %{{.*}} [0] : {{.*}} -> tensor<2xi64>
// CHECK: return %[[b]]
shape_part (float[N, M, 3] x) => (int64[2] y) {
  y = Shape <start = 1> (x)
}

// -----

// CHECK-LABEL: // model size_and_expand{{$}}
// CHECK: nn.binary mul
// CHECK: %[[n:.*]] = nn.reshape %{{.*}}, %{{.*}} : {{.*}} -> tensor<i64>
// CHECK: %[[s:.*]] = nn.shape %arg0 : {{.*}} -> tensor<2xi64>
// CHECK: %[[a:.*]] = nn.expand %arg1, %[[s]] : {{.*}} -> tensor<?x3xf32>
// CHECK: return %[[n]], %[[a]]
size_and_expand (float[N, 3] x, float[1, 3] z) => (int64 n, float[N, 3] y) {
  n = Size(x)
  s = Shape(x)
  y = Expand(z, s)
}
