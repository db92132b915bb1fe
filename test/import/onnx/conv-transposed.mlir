// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// A transposed convolution is a convolution that stores its results interleaved.

// CHECK-LABEL: // model transposed{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 1] : {{.*}} -> tensor<?x?x4xf32>
// CHECK: %[[b:.*]] = nn.reshape %arg1, %{{.*}} : {{.*}} -> tensor<1x4x2x2x2xf32>
// CHECK: %[[c:.*]] = nn.slice %[[b]], %{{.*}}, %{{.*}}, %{{.*}} [3] : {{.*}} -> tensor<1x4x2x2x2xf32>
// CHECK: %[[d:.*]] = nn.transpose %[[c]] [0, 4, 2, 1, 3] : {{.*}} -> tensor<1x2x2x4x2xf32>
// CHECK: %[[e:.*]] = nn.reshape %[[d]], %{{.*}} : {{.*}} -> tensor<4x4x2xf32>
// CHECK: %[[f:.*]] = nn.conv %[[a]], %[[e]] {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 1, 1>, phases = array<i64: 2>, strides = array<i64: 1>} : {{.*}} -> tensor<?x?x2xf32>
// CHECK: %[[j:.*]] = nn.slice %[[f]], %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x?x2xf32>
// CHECK: %[[k:.*]] = nn.transpose %[[j]] [0, 2, 1] : {{.*}} -> tensor<?x2x?xf32>
// CHECK: return %[[k]]
transposed (float[N, 4, L] x, float[4, 2, 4] w) => (float[N, 2, M] y) {
  y = ConvTranspose <strides = [2], pads = [1, 1]> (x, w)
}

// -----

// CHECK-LABEL: // model transposed_stride_1{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 1] : {{.*}} -> tensor<?x?x4xf32>
// CHECK: %[[b:.*]] = nn.reshape %arg1, %{{.*}} : {{.*}} -> tensor<1x4x2x3x1xf32>
// CHECK: %[[c:.*]] = nn.slice %[[b]], %{{.*}}, %{{.*}}, %{{.*}} [3] : {{.*}} -> tensor<1x4x2x3x1xf32>
// CHECK: %[[d:.*]] = nn.transpose %[[c]] [0, 4, 2, 1, 3] : {{.*}} -> tensor<1x1x2x4x3xf32>
// CHECK: %[[e:.*]] = nn.reshape %[[d]], %{{.*}} : {{.*}} -> tensor<2x4x3xf32>
// CHECK: %[[f:.*]] = nn.conv %[[a]], %[[e]] {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 2, 2>, strides = array<i64: 1>} : {{.*}} -> tensor<?x?x2xf32>
// CHECK: %[[g:.*]] = nn.binary add %[[f]], %arg2
// CHECK: %[[h:.*]] = nn.transpose %[[g]] [0, 2, 1] : {{.*}} -> tensor<?x2x?xf32>
// CHECK: return %[[h]]
transposed_stride_1 (float[N, 4, L] x, float[4, 2, 3] w, float[2] b) => (float[N, 2, M] y) {
  y = ConvTranspose(x, w, b)
}

// -----

// How much is cut depends on the input: all of it is computed, cut and filled to the size.
// CHECK-LABEL: // model output_shape{{$}}
// CHECK: %[[a:.*]] = nn.conv {{.*}} pads = array<i64: 2, 2>
// CHECK: %[[b:.*]] = nn.slice %[[a]], {{.*}} [1]
// CHECK: %[[c:.*]] = nn.pad constant %[[b]]
// CHECK: %[[d:.*]] = nn.reshape %[[c]], {{.*}} -> tensor<?x9x2xf32>
// CHECK: %[[e:.*]] = nn.transpose %[[d]] [0, 2, 1]
// CHECK: return %[[e]]
output_shape (float[N, 4, L] x, float[4, 2, 3] w) => (float[N, 2, 9] y) {
  ["/deconv"] y = ConvTranspose <output_shape = [9]> (x, w)
}

// -----

// The convolution stores what belongs to one place of the input side by side.
// CHECK-LABEL: // model transposed_phases{{$}}
// CHECK: nn.conv {{.*}} pads = array<i64: 0, 0, 0, 0>, phases = array<i64: 2, 2>, {{.*}} -> tensor<?x?x?x8xf32>
// CHECK-NEXT: nn.transpose
// CHECK-NEXT: return
transposed_phases (float[N, 4, H, W] x, float[4, 8, 2, 2] w) => (float[N, 8, P, Q] y) {
  y = ConvTranspose <strides = [2, 2]> (x, w)
}
