// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Convolutions are channels-last; strides, pads and groups are nn.conv's.

// CHECK-LABEL: // model conv2d{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 3, 1] : {{.*}} -> tensor<?x?x?x3xf32>
// CHECK: %[[b:.*]] = nn.conv %[[a]], %arg1 {dilations = array<i64: 1, 2>, group = 1 : i64, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 1>} : {{.*}} -> tensor<?x?x?x8xf32>
// CHECK: %[[c:.*]] = nn.binary add %[[b]], %arg2
// CHECK: %[[d:.*]] = nn.transpose %[[c]] [0, 3, 1, 2] : {{.*}} -> tensor<?x8x?x?xf32>
// CHECK: return %[[d]]
conv2d (float[N, 3, H, W] x, float[8, 3, 3, 3] w, float[8] b) => (float[N, 8, P, Q] y) {
  y = Conv <strides = [2, 1], pads = [1, 0, 1, 0], dilations = [1, 2]> (x, w, b)
}

// -----

// CHECK-LABEL: // model depthwise_1d{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [0, 2, 1] : {{.*}} -> tensor<?x?x4xf32>
// CHECK: %[[b:.*]] = nn.conv %[[a]], %arg1 {dilations = array<i64: 1>, group = 4 : i64, pads = array<i64: 1, 1>, strides = array<i64: 1>} : {{.*}} -> tensor<?x?x4xf32>
// CHECK: %[[c:.*]] = nn.transpose %[[b]] [0, 2, 1] : {{.*}} -> tensor<?x4x?xf32>
// CHECK: return %[[c]]
depthwise_1d (float[N, 4, L] x, float[4, 1, 3] w) => (float[N, 4, L] y) {
  y = Conv <group = 4, auto_pad = "SAME_UPPER"> (x, w)
}

// -----

// CHECK-LABEL: // model channels_of_filter{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<?x3x?xf32>
// CHECK: %[[b:.*]] = nn.transpose %[[a]] [0, 2, 1] : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[c:.*]] = nn.conv %[[b]], %arg1 {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : {{.*}} -> tensor<?x?x8xf32>
// CHECK: %[[d:.*]] = nn.transpose %[[c]] [0, 2, 1] : {{.*}} -> tensor<?x8x?xf32>
// CHECK: return %[[d]]
channels_of_filter (float[N, C, L] x, float[8, 3, 1] w) => (float[N, 8, L] y) {
  y = Conv(x, w)
}

// -----

// CHECK-LABEL: // model integer{{$}}
// CHECK: %[[x:.*]] = nn.transpose %arg0 [0, 2, 1] : {{.*}} -> tensor<?x?x3xui8>
// CHECK: %[[xz:.*]] = nn.cast %arg2 : {{.*}} -> tensor<i32>
// CHECK: %[[wz:.*]] = nn.cast %arg3 : {{.*}} -> tensor<8xi32>
// CHECK: %[[sums:.*]] = nn.conv %[[x]], %arg1 {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<?x?x3xui8>, tensor<8x3x3xui8>) -> tensor<?x?x8xi32>
// CHECK: nn.reduce sum %{{.*}} [1, 2] : tensor<8x3x3xi32> -> tensor<8x1x1xi32>
// CHECK: %[[a:.*]] = nn.binary mul %{{.*}}, %[[xz]] : {{.*}} -> tensor<8xi32>
// CHECK: %[[b:.*]] = nn.binary sub %[[sums]], %[[a]]
// CHECK: %[[ones:.*]] = nn.constant dense<1> : tensor<8x3x3xi8>
// CHECK: %[[held:.*]] = nn.conv %[[x]], %[[ones]] {{.*}} -> tensor<?x?x8xi32>
// CHECK: %[[count:.*]] = nn.constant dense<9> : tensor<i32>
// CHECK: %[[c:.*]] = nn.binary mul %[[count]], %[[xz]]
// CHECK: %[[d:.*]] = nn.binary sub %[[held]], %[[c]]
// CHECK: %[[e:.*]] = nn.binary mul %[[d]], %[[wz]]
// CHECK: %[[f:.*]] = nn.binary sub %[[b]], %[[e]]
// CHECK: %[[y:.*]] = nn.transpose %[[f]] [0, 2, 1] : {{.*}} -> tensor<?x8x?xi32>
// CHECK: return %[[y]]
integer (uint8[N, 3, L] x, uint8[8, 3, 3] w, uint8 xz, uint8[8] wz) => (int32[N, 8, M] y) {
  y = ConvInteger(x, w, xz, wz)
}

// -----

// CHECK-LABEL: // model quantized{{$}}
// CHECK: nn.conv %{{.*}}, %arg3 {{.*}} : (tensor<1x8x3xui8>, tensor<4x3x3xui8>) -> tensor<1x6x4xi32>
// CHECK: %[[sums:.*]] = nn.binary add %{{.*}}, %arg8 : (tensor<1x6x4xi32>, tensor<4xi32>) -> tensor<1x6x4xi32>
// CHECK: %[[ws:.*]] = nn.reshape %arg4, %{{.*}} {allowZero} : {{.*}} -> tensor<1x1x4xf32>
// CHECK: %[[product:.*]] = nn.binary mul %arg1, %[[ws]]
// CHECK: %[[scale:.*]] = nn.binary div %[[product]], %arg6
// CHECK: %[[q:.*]] = qnn.requantize %[[sums]], %[[scale]] zero %arg7 : {{.*}} -> tensor<1x6x4xui8>
// CHECK: %[[y:.*]] = nn.transpose %[[q]] [0, 2, 1] : {{.*}} -> tensor<1x4x6xui8>
// CHECK: return %[[y]]
quantized (uint8[1, 3, 8] x, float xs, uint8 xz, uint8[4, 3, 3] w, float[4] ws, uint8[4] wz, float ys, uint8 yz, int32[4] b) => (uint8[1, 4, 6] y) {
  y = QLinearConv(x, xs, xz, w, ws, wz, ys, yz, b)
}
