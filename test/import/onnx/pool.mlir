// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Pools over windows are channels-last.

// CHECK-LABEL: // model max{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 3, 1] : {{.*}} -> tensor<?x?x?x3xf32>
// CHECK: %[[b:.*]] = nn.pool max %[[a]] {ceil, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>, window = array<i64: 3, 3>} : {{.*}} -> tensor<?x?x?x3xf32>
// CHECK: %[[c:.*]] = nn.transpose %[[b]] [0, 3, 1, 2] : {{.*}} -> tensor<?x3x?x?xf32>
// CHECK: return %[[c]]
max (float[N, 3, H, W] x) => (float[N, 3, P, Q] y) {
  y = MaxPool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], ceil_mode = 1> (x)
}

// -----

// CHECK-LABEL: // model max_with_indices{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 3, 1] : {{.*}} -> tensor<1x4x4x2xf32>
// CHECK: %[[b:.*]] = nn.pool max %[[a]] {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : {{.*}} -> tensor<1x2x2x2xf32>
// CHECK: %[[c:.*]] = nn.transpose %[[b]] [0, 3, 1, 2] : {{.*}} -> tensor<1x2x2x2xf32>
// CHECK: %[[d:.*]] = nn.pool argmax %[[a]] {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : {{.*}} -> tensor<1x2x2x2xi64>
// CHECK: %[[e:.*]] = nn.transpose %[[d]] [0, 3, 1, 2] : {{.*}} -> tensor<1x2x2x2xi64>
// CHECK: %[[f:.*]] = nn.constant dense<{{\[\[\[\[}}0]], {{\[\[}}16]]]]> : tensor<1x2x1x1xi64>
// CHECK: %[[g:.*]] = nn.binary add %[[e]], %[[f]]
// CHECK: return %[[c]], %[[g]]
max_with_indices (float[1, 2, 4, 4] x) => (float[1, 2, 2, 2] y, int64[1, 2, 2, 2] i) {
  y, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
}

// -----

// CHECK-LABEL: // model max_of_bytes{{$}}
// CHECK: %[[a:.*]] = nn.cast %arg0 : {{.*}} -> tensor<1x2x8xi32>
// CHECK: %[[b:.*]] = nn.transpose %[[a]] [0, 2, 1] : {{.*}} -> tensor<1x8x2xi32>
// CHECK: %[[c:.*]] = nn.pool max %[[b]] {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : {{.*}} -> tensor<1x4x2xi32>
// CHECK: %[[d:.*]] = nn.transpose %[[c]] [0, 2, 1] : {{.*}} -> tensor<1x2x4xi32>
// CHECK: %[[e:.*]] = nn.cast %[[d]] : {{.*}} -> tensor<1x2x4xui8>
// CHECK: return %[[e]]
max_of_bytes (uint8[1, 2, 8] x) => (uint8[1, 2, 4] y) {
  y = MaxPool <kernel_shape = [2], strides = [2]> (x)
}

// -----

// CHECK-LABEL: // model average{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 1] : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[b:.*]] = nn.pool average %[[a]] {countPads, dilations = array<i64: 1>, pads = array<i64: 1, 1>, strides = array<i64: 1>, window = array<i64: 3>} : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[c:.*]] = nn.transpose %[[b]] [0, 2, 1] : {{.*}} -> tensor<?x3x?xf32>
// CHECK: return %[[c]]
average (float[N, 3, L] x) => (float[N, 3, M] y) {
  y = AveragePool <kernel_shape = [3], pads = [1, 1], count_include_pad = 1> (x)
}

// -----

// CHECK-LABEL: // model same_upper{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 1] : {{.*}} -> tensor<?x7x3xf32>
// CHECK: %[[b:.*]] = nn.pool average %[[a]] {dilations = array<i64: 1>, pads = array<i64: 0, 1>, strides = array<i64: 2>, window = array<i64: 2>} : {{.*}} -> tensor<?x4x3xf32>
// CHECK: %[[c:.*]] = nn.transpose %[[b]] [0, 2, 1] : {{.*}} -> tensor<?x3x4xf32>
// CHECK: return %[[c]]
same_upper (float[N, 3, 7] x) => (float[N, 3, 4] y) {
  y = AveragePool <kernel_shape = [2], strides = [2], auto_pad = "SAME_UPPER"> (x)
}

// -----

// CHECK-LABEL: // model same_dynamic{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 1] : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[b:.*]] = nn.constant dense<0xFF800000> : tensor<f32>
// CHECK: %[[c:.*]] = nn.pad constant %[[a]], %{{.*}}, %[[b]] : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[d:.*]] = nn.pool max %[[c]] {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[e:.*]] = nn.transpose %[[d]] [0, 2, 1] : {{.*}} -> tensor<?x3x?xf32>
// CHECK: return %[[e]]
same_dynamic (float[N, 3, L] x) => (float[N, 3, M] y) {
  y = MaxPool <kernel_shape = [2], strides = [2], auto_pad = "SAME_LOWER"> (x)
}

// -----

// CHECK-LABEL: // model lp{{$}}
// CHECK: %[[a:.*]] = nn.unary abs %arg0
// CHECK: %[[b:.*]] = nn.constant dense<3.000000e+00> : tensor<f32>
// CHECK: %[[c:.*]] = nn.binary pow %[[a]], %[[b]]
// CHECK: %[[d:.*]] = nn.transpose %[[c]] [0, 2, 1] : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[e:.*]] = nn.pool average %[[d]] {countPads, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>, window = array<i64: 2>} : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[f:.*]] = nn.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[g:.*]] = nn.binary mul %[[e]], %[[f]]
// CHECK: %[[h:.*]] = nn.constant dense<0.333333343> : tensor<f32>
// CHECK: %[[i:.*]] = nn.binary pow %[[g]], %[[h]]
// CHECK: %[[j:.*]] = nn.transpose %[[i]] [0, 2, 1] : {{.*}} -> tensor<?x3x?xf32>
// CHECK: return %[[j]]
lp (float[N, 3, L] x) => (float[N, 3, M] y) {
  y = LpPool <kernel_shape = [2], p = 3> (x)
}
