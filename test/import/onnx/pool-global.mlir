// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Pools over everything, over channels, and what is refused.

// CHECK-LABEL: // model global{{$}}
// CHECK: %[[a:.*]] = nn.reduce max %arg0 [2, 3] : {{.*}} -> tensor<?x3x1x1xf32>
// CHECK: %[[b:.*]] = nn.reduce sum %arg0 [2, 3] : {{.*}} -> tensor<?x3x1x1xf32>
// CHECK: %[[c:.*]] = nn.cast %{{.*}} : {{.*}} -> tensor<f32>
// CHECK: %[[d:.*]] = nn.binary div %[[b]], %[[c]]
// CHECK: return %[[a]], %[[d]]
global (float[N, 3, H, W] x) => (float[N, 3, 1, 1] m, float[N, 3, 1, 1] a) {
  m = GlobalMaxPool(x)
  a = GlobalAveragePool(x)
}

// -----

// CHECK-LABEL: // model global_lp{{$}}
// CHECK: %[[a:.*]] = nn.unary abs %arg0
// CHECK: %[[b:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[c:.*]] = nn.binary pow %[[a]], %[[b]]
// CHECK: %[[d:.*]] = nn.reduce sum %[[c]] [2] : {{.*}} -> tensor<?x3x1xf32>
// CHECK: %[[e:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[f:.*]] = nn.binary pow %[[d]], %[[e]]
// CHECK: return %[[f]]
global_lp (float[N, 3, L] x) => (float[N, 3, 1] y) {
  y = GlobalLpPool <p = 1> (x)
}

// -----

// CHECK-LABEL: // model lrn{{$}}
// CHECK: %[[a:.*]] = nn.binary mul %arg0, %arg0
// CHECK: %[[b:.*]] = nn.reshape %[[a]], %{{.*}} : {{.*}} -> tensor<?x8x?xf32>
// CHECK: %[[c:.*]] = nn.pool average %[[b]] {countPads, dilations = array<i64: 1>, pads = array<i64: 1, 1>, strides = array<i64: 1>, window = array<i64: 3>} : {{.*}} -> tensor<?x8x?xf32>
// CHECK: %[[d:.*]] = nn.reshape %[[c]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x8x?x?xf32>
// CHECK: %[[e:.*]] = nn.constant dense<9.99999974E-5> : tensor<f32>
// CHECK: %[[f:.*]] = nn.binary mul %[[d]], %[[e]]
// CHECK: %[[g:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[h:.*]] = nn.binary add %[[f]], %[[g]]
// CHECK: %[[i:.*]] = nn.constant dense<7.500000e-01> : tensor<f32>
// CHECK: %[[j:.*]] = nn.binary pow %[[h]], %[[i]]
// CHECK: %[[k:.*]] = nn.binary div %arg0, %[[j]]
// CHECK: return %[[k]]
lrn (float[N, 8, H, W] x) => (float[N, 8, H, W] y) {
  y = LRN <size = 3> (x)
}

// -----

// CHECK-LABEL: // model four_dims{{$}}
// CHECK: error: OPTC-E2001: node '/pool' (MaxPool): pools over 4 spatial dimensions; 1 to 3 are supported
// CHECK-NEXT: // exit code 3
four_dims (float[N, 3, 4, 4, 4, 4] x) => (float[N, 3, 2, 2, 2, 2] y) {
  ["/pool"] y = MaxPool <kernel_shape = [2, 2, 2, 2], strides = [2, 2, 2, 2]> (x)
}

// -----

// CHECK-LABEL: // model average_same_dynamic{{$}}
// CHECK: error: OPTC-E2001: node '/pool' (AveragePool): auto_pad with strides over dynamic sizes; give explicit pads
// CHECK-NEXT: // exit code 3
average_same_dynamic (float[N, 3, L] x) => (float[N, 3, M] y) {
  ["/pool"] y = AveragePool <kernel_shape = [2], strides = [2], auto_pad = "SAME_UPPER"> (x)
}

// -----

// The windows of ceil_mode are those of as many pads at the end.
// CHECK-LABEL: // model lp_ceil{{$}}
// CHECK: nn.pool average %{{.*}} {countPads, dilations = array<i64: 1>, pads = array<i64: 0, 1>, strides = array<i64: 2>, window = array<i64: 3>}
lp_ceil (float[N, 3, L] x) => (float[N, 3, M] y) {
  ["/pool"] y = LpPool <kernel_shape = [3], strides = [2], ceil_mode = 1> (x)
}

// -----

// One that would begin behind the input is none.
// CHECK-LABEL: // model lp_ceil_wide{{$}}
// CHECK: nn.pool average %{{.*}} {countPads, dilations = array<i64: 1>, pads = array<i64: 0, 1>, strides = array<i64: 3>, window = array<i64: 2>}
lp_ceil_wide (float[N, 3, L] x) => (float[N, 3, M] y) {
  ["/pool"] y = LpPool <kernel_shape = [2], strides = [3], ceil_mode = 1> (x)
}

// -----

// CHECK-LABEL: // model kernel_shape{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /pool)
// CHECK-NEXT: // exit code 3
kernel_shape (float[N, 3, H, W] x) => (float[N, 3, P, Q] y) {
  ["/pool"] y = MaxPool <kernel_shape = [2]> (x)
}
