// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Filters whose sizes only the run knows: what the taps read is gathered per dimension, and multiplied.

// CHECK-LABEL: // model open_filter{{$}}
// CHECK: run.require %{{.*}}, "node '/conv': size 2 of the filter must not be 0"
// CHECK: run.require %{{.*}}, "node '/conv': spatial dimension 0 of the padded input has {0} elements, the filter spans {1}"
// CHECK: %[[filter:.*]] = nn.reshape %arg1, %{{.*}} {allowZero} : {{.*}} -> tensor<1x8x?xf32>
// CHECK: %[[taps:.*]] = nn.gather %{{.*}}, %{{.*}} {axis = 3 : i64} : (tensor<?x1x3x?xf32>, tensor<?x?xi64>) -> tensor<?x1x3x?x?xf32>
// CHECK: %[[inside:.*]] = nn.select %{{.*}}, %[[taps]], %{{.*}}
// CHECK: %[[columns:.*]] = nn.reshape %[[inside]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x1x?x?xf32>
// CHECK: nn.matmul %[[filter]], %[[columns]] : {{.*}} -> tensor<?x1x8x?xf32>
open_filter (float[N, 3, L] x, float[8, 3, K] w) => (float[N, 8, M] y) {
  ["/conv"] y = Conv(x, w)
}

// -----

// The filter of each group is turned: [C, O / g, taps] becomes [g, O / g, C * taps].

// CHECK-LABEL: // model open_transposed{{$}}
// CHECK: nn.reshape %arg1, %{{.*}} {allowZero} : {{.*}} -> tensor<2x?x?x?xf32>
// CHECK: nn.transpose %{{.*}} [0, 2, 1, 3] : {{.*}} -> tensor<2x?x?x?xf32>
// CHECK: nn.matmul %{{.*}} -> tensor<?x2x?x?xf32>
open_transposed (float[N, 4, L] x, float[C, O, K] w) => (float[N, P, M] y) {
  y = ConvTranspose <group = 2, strides = [2]> (x, w)
}

// -----

// The state is what came before the input, its last places are the new state.

// CHECK-LABEL: // model causal{{$}}
// CHECK: %[[state:.*]] = nn.reshape %arg2, %{{.*}} {allowZero} : {{.*}} -> tensor<?x4x2xf32>
// CHECK: %[[all:.*]] = nn.concat %[[state]], %arg0 {axis = 2 : i64}
// CHECK: nn.conv %{{.*}}, %arg1 {dilations = array<i64: 1>, group = 4 : i64
// CHECK: nn.unary sigmoid
// CHECK: nn.slice %[[all]]
causal (float[N, 4, L] x, float[4, 1, 3] w, float[N, 4, K] s) => (float[N, 4, L] y, float[N, 4, K] z) {
  y, z = CausalConvWithState <activation = "silu"> (x, w, , s)
}
