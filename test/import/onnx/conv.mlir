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
// CHECK: %[[a:.*]] = nn.cast %arg0 : {{.*}} -> tensor<?x3x?xi32>
// CHECK: %[[b:.*]] = nn.cast %arg2 : {{.*}} -> tensor<i32>
// CHECK: %[[c:.*]] = nn.binary sub %[[a]], %[[b]]
// CHECK: %[[d:.*]] = nn.cast %arg1 : {{.*}} -> tensor<8x3x3xi32>
// CHECK: %[[e:.*]] = nn.cast %arg3 : {{.*}} -> tensor<8xi32>
// CHECK: %[[f:.*]] = nn.reshape %[[e]], %{{.*}} : {{.*}} -> tensor<8x1x1xi32>
// CHECK: %[[g:.*]] = nn.binary sub %[[d]], %[[f]]
// CHECK: %[[h:.*]] = nn.transpose %[[c]] [0, 2, 1] : {{.*}} -> tensor<?x?x3xi32>
// CHECK: %[[i:.*]] = nn.conv %[[h]], %[[g]] {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : {{.*}} -> tensor<?x?x8xi32>
// CHECK: %[[j:.*]] = nn.transpose %[[i]] [0, 2, 1] : {{.*}} -> tensor<?x8x?xi32>
// CHECK: return %[[j]]
integer (uint8[N, 3, L] x, uint8[8, 3, 3] w, uint8 xz, uint8[8] wz) => (int32[N, 8, M] y) {
  y = ConvInteger(x, w, xz, wz)
}

// -----

// CHECK-LABEL: // model quantized{{$}}
// CHECK: %[[a:.*]] = nn.cast %arg0 : {{.*}} -> tensor<1x3x8xi32>
// CHECK: %[[b:.*]] = nn.cast %arg2 : {{.*}} -> tensor<i32>
// CHECK: %[[c:.*]] = nn.binary sub %[[a]], %[[b]]
// CHECK: %[[d:.*]] = nn.cast %arg3 : {{.*}} -> tensor<4x3x3xi32>
// CHECK: %[[e:.*]] = nn.cast %arg5 : {{.*}} -> tensor<4xi32>
// CHECK: %[[f:.*]] = nn.reshape %[[e]], %{{.*}} : {{.*}} -> tensor<4x1x1xi32>
// CHECK: %[[g:.*]] = nn.binary sub %[[d]], %[[f]]
// CHECK: %[[h:.*]] = nn.transpose %[[c]] [0, 2, 1] : {{.*}} -> tensor<1x8x3xi32>
// CHECK: %[[i:.*]] = nn.conv %[[h]], %[[g]] {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : {{.*}} -> tensor<1x6x4xi32>
// CHECK: %[[j:.*]] = nn.binary add %[[i]], %arg8
// CHECK: %[[k:.*]] = nn.reshape %arg4, %{{.*}} {allowZero} : {{.*}} -> tensor<1x1x4xf32>
// CHECK: %[[l:.*]] = nn.binary mul %arg1, %[[k]]
// CHECK: %[[m:.*]] = nn.binary div %[[l]], %arg6
// CHECK: %[[n:.*]] = nn.cast %[[j]] : {{.*}} -> tensor<1x6x4xf32>
// CHECK: %[[o:.*]] = nn.binary mul %[[n]], %[[m]]
// CHECK: %[[p:.*]] = nn.unary round %[[o]]
// CHECK: %[[q:.*]] = nn.cast %arg7 : {{.*}} -> tensor<f32>
// CHECK: %[[r:.*]] = nn.binary add %[[p]], %[[q]]
// CHECK: %[[s:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[t:.*]] = nn.binary max %[[r]], %[[s]]
// CHECK: %[[u:.*]] = nn.constant dense<2.550000e+02> : tensor<f32>
// CHECK: %[[v:.*]] = nn.binary min %[[t]], %[[u]]
// CHECK: %[[w:.*]] = nn.cast %[[v]] : {{.*}} -> tensor<1x6x4xui8>
// CHECK: %[[x:.*]] = nn.transpose %[[w]] [0, 2, 1] : {{.*}} -> tensor<1x4x6xui8>
// CHECK: return %[[x]]
quantized (uint8[1, 3, 8] x, float xs, uint8 xz, uint8[4, 3, 3] w, float[4] ws, uint8[4] wz, float ys, uint8 yz, int32[4] b) => (uint8[1, 4, 6] y) {
  y = QLinearConv(x, xs, xz, w, ws, wz, ys, yz, b)
}
