// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Matrix products; vectors become matrices, zero points are subtracted before.

// CHECK-LABEL: // model matrices{{$}}
// CHECK: %[[a:.*]] = nn.matmul %arg0, %arg1 : {{.*}} -> tensor<?x?x5xf32>
// CHECK: return %[[a]]
matrices (float[B, M, 4] x, float[4, 5] w) => (float[B, M, 5] y) {
  y = MatMul(x, w)
}

// -----

// CHECK-LABEL: // model vectors{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<1x4xf32>
// CHECK: %[[b:.*]] = nn.reshape %arg1, %{{.*}} {allowZero} : {{.*}} -> tensor<4x1xf32>
// CHECK: %[[c:.*]] = nn.matmul %[[a]], %[[b]] : {{.*}} -> tensor<1x1xf32>
// CHECK: %[[d:.*]] = nn.reshape %[[c]], %{{.*}} {allowZero} : {{.*}} -> tensor<f32>
// CHECK: return %[[d]]
vectors (float[4] x, float[4] z) => (float y) {
  y = MatMul(x, z)
}

// -----

// CHECK-LABEL: // model row_by_matrix{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<1x4xf32>
// CHECK: %[[b:.*]] = nn.matmul %[[a]], %arg1 : {{.*}} -> tensor<?x1x5xf32>
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x5xf32>
// CHECK: return %[[c]]
row_by_matrix (float[4] x, float[B, 4, 5] z) => (float[B, 5] y) {
  y = MatMul(x, z)
}

// -----

// CHECK-LABEL: // model gemm{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [1, 0] : {{.*}} -> tensor<?x?xf32>
// CHECK: %[[b:.*]] = nn.transpose %arg1 [1, 0] : {{.*}} -> tensor<?x5xf32>
// CHECK: %[[c:.*]] = nn.matmul %[[a]], %[[b]] : {{.*}} -> tensor<?x5xf32>
// CHECK: %[[d:.*]] = nn.constant dense<5.000000e-01> : tensor<f32>
// CHECK: %[[e:.*]] = nn.binary mul %[[c]], %[[d]]
// CHECK: %[[f:.*]] = nn.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[g:.*]] = nn.binary mul %arg2, %[[f]]
// CHECK: %[[h:.*]] = nn.binary add %[[e]], %[[g]]
// CHECK: return %[[h]]
gemm (float[K, M] a, float[5, K] b, float[5] c) => (float[M, 5] y) {
  y = Gemm <transA = 1, transB = 1, alpha = 0.5, beta = 2.0> (a, b, c)
}

// -----

// CHECK-LABEL: // model gemm_plain{{$}}
// CHECK: %[[a:.*]] = nn.matmul %arg0, %arg1 : {{.*}} -> tensor<?x5xf32>
// CHECK: return %[[a]]
gemm_plain (float[M, K] a, float[K, 5] b, float[5] c) => (float[M, 5] y) {
  y = Gemm <beta = 0.0> (a, b, c)
}

// -----

// CHECK-LABEL: // model integer{{$}}
// CHECK: %[[az:.*]] = nn.cast %arg2 : {{.*}} -> tensor<i32>
// CHECK: %[[bz:.*]] = nn.cast %arg3 : {{.*}} -> tensor<5xi32>
// CHECK: %[[sums:.*]] = nn.matmul %arg0, %arg1 : (tensor<?x4xui8>, tensor<4x5xi8>) -> tensor<?x5xi32>
// CHECK: %[[columns:.*]] = nn.reduce sum %{{.*}} [0] : tensor<4x5xi32> -> tensor<1x5xi32>
// CHECK: %[[a:.*]] = nn.binary mul %[[columns]], %[[az]]
// CHECK: %[[b:.*]] = nn.binary sub %[[sums]], %[[a]]
// CHECK: %[[rows:.*]] = nn.reduce sum %{{.*}} [1] : tensor<?x4xi32> -> tensor<?x1xi32>
// CHECK: %[[c:.*]] = nn.binary mul %{{.*}}, %[[az]]
// CHECK: %[[d:.*]] = nn.binary sub %[[rows]], %[[c]]
// CHECK: %[[e:.*]] = nn.binary mul %[[d]], %[[bz]]
// CHECK: %[[y:.*]] = nn.binary sub %[[b]], %[[e]]
// CHECK: return %[[y]]
integer (uint8[M, 4] a, int8[4, 5] b, uint8 az, int8[5] bz) => (int32[M, 5] y) {
  y = MatMulInteger(a, b, az, bz)
}

// -----

// CHECK-LABEL: // model quantized{{$}}
// CHECK: nn.matmul %arg0, %arg3 : (tensor<?x4xui8>, tensor<4x5xui8>) -> tensor<?x5xi32>
// CHECK: %[[product:.*]] = nn.binary mul %arg1, %arg4
// CHECK: %[[scale:.*]] = nn.binary div %[[product]], %arg6
// CHECK: %[[y:.*]] = qnn.requantize %{{.*}}, %[[scale]] zero %arg7 : {{.*}} -> tensor<?x5xui8>
// CHECK: return %[[y]]
quantized (uint8[M, 4] a, float as, uint8 az, uint8[4, 5] b, float bs, uint8 bz, float ys, uint8 yz) => (uint8[M, 5] y) {
  y = QLinearMatMul(a, as, az, b, bs, bz, ys, yz)
}

// -----

// CHECK-LABEL: // model inner_sizes{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /fc)
// CHECK-NEXT: // exit code 3
inner_sizes (float[2, 3] a, float[4, 5] b) => (float[2, 5] y) {
  ["/fc"] y = MatMul(a, b)
}

// -----

// CHECK-LABEL: // model gemm_of_vectors{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /fc)
// CHECK-NEXT: // exit code 3
gemm_of_vectors (float[3] a, float[3, 5] b) => (float[5] y) {
  ["/fc"] y = Gemm(a, b)
}

// -----

// CHECK-LABEL: // model unknown_inner{{$}}
// CHECK: %[[a:.*]] = nn.matmul %arg0, %arg1 : {{.*}} -> tensor<?x5xf32>
// CHECK: return %[[a]]
unknown_inner (float[M, K] a, float[L, 5] b) => (float[M, 5] y) {
  ["/fc"] y = MatMul(a, b)
}
