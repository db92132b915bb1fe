// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Gathers and scatters.

// CHECK-LABEL: // model gather{{$}}
// CHECK: %[[a:.*]] = nn.gather %arg0, %arg1 {axis = 0 : i64}
// CHECK: return %[[a]]
gather (float[N, 5] x, int32[A, B] i) => (float[A, B, 5] y) {
  y = Gather(x, i)
}

// -----

// CHECK-LABEL: // model gather_one{{$}}
// CHECK: %[[a:.*]] = nn.slice %arg0, %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[b:.*]] = nn.reshape %[[a]], %{{.*}} {allowZero} : {{.*}} -> tensor<?xf32>
// CHECK: return %[[b]]
gather_one (float[N, 5] x) => (float[N] y) <int64 i = {-1}> {
  y = Gather <axis = 1> (x, i)
}

// -----

// CHECK-LABEL: // model gather_elements{{$}}
// CHECK: %[[a:.*]] = nn.gather_elements %arg0, %arg1 {axis = 1 : i64}
// CHECK: return %[[a]]
gather_elements (float[N, 5] x, int64[N, 2] i) => (float[N, 2] y) {
  y = GatherElements <axis = 1> (x, i)
}

// -----

// CHECK-LABEL: // model gather_nd{{$}}
// CHECK: %[[a:.*]] = nn.gather_nd %arg0, %arg1 {batchDims = 1 : i64}
// CHECK: return %[[a]]
gather_nd (float[B, N, 5] x, int64[B, M, 1] i) => (float[B, M, 5] y) {
  y = GatherND <batch_dims = 1> (x, i)
}

// -----

// CHECK-LABEL: // model scatters{{$}}
// CHECK: %[[a:.*]] = nn.scatter_elements %arg0, %arg1, %arg2 {axis = 1 : i64, reduction = #nn<reduce_kind max>}
// CHECK: %[[b:.*]] = nn.scatter_nd %[[a]], %arg3, %arg4
// CHECK: return %[[b]]
scatters (float[N, 5] x, int64[N, 2] i, float[N, 2] u, int64[M, 1] j, float[M, 5] v) => (float[N, 5] y) {
  a = ScatterElements <axis = -1, reduction = "max"> (x, i, u)
  y = ScatterND(a, j, v)
}

// -----

// CHECK-LABEL: // model reverse_sequence{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg1, %{{.*}} {allowZero} : {{.*}} -> tensor<?x1xi64>
// CHECK: %[[b:.*]] = nn.transpose %arg0 [1, 0, 2] : {{.*}} -> tensor<?x?x3xf32>
// CHECK: %[[c:.*]] = nn.range %{{.*}}, %{{.*}}, %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[d:.*]] = nn.reshape %[[c]], %{{.*}} {allowZero} : {{.*}} -> tensor<1x?xi64>
// CHECK: %[[e:.*]] = nn.binary sub %[[a]], %{{.*}}
// CHECK: %[[f:.*]] = nn.binary sub %[[e]], %[[d]]
// CHECK: %[[g:.*]] = nn.compare lt %[[d]], %[[a]]
// CHECK: %[[h:.*]] = nn.select %[[g]], %[[f]], %[[d]]
// CHECK: %[[i:.*]] = nn.reshape %[[h]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x?x1xi64>
// CHECK: %[[j:.*]] = nn.gather_nd %[[b]], %[[i]] {batchDims = 1 : i64}
// CHECK: %[[k:.*]] = nn.transpose %[[j]] [1, 0, 2] : {{.*}} -> tensor<?x?x3xf32>
// CHECK: return %[[k]]
reverse_sequence (float[T, B, 3] x, int64[B] l) => (float[T, B, 3] y) {
  y = ReverseSequence(x, l)
}

// -----

// CHECK-LABEL: // model tensor_scatter{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<{{\[\[\[}}0], [1]]]> : tensor<1x2x1xi64>
// CHECK: %[[b:.*]] = nn.reshape %arg2, %{{.*}} {allowZero} : {{.*}} -> tensor<?x1x1xi64>
// CHECK: %[[c:.*]] = nn.binary add %[[b]], %[[a]]
// CHECK: %[[d:.*]] = nn.expand %[[c]], %{{.*}} : {{.*}} -> tensor<?x2x4xi64>
// CHECK: %[[e:.*]] = nn.scatter_elements %arg0, %[[d]], %arg1 {axis = 1 : i64}
// CHECK: return %[[e]]
tensor_scatter (float[B, S, 4] c, float[B, 2, 4] u, int64[B] w) => (float[B, S, 4] y) {
  y = TensorScatter(c, u, w)
}

// -----

// CHECK-LABEL: // model feature_extractor{{$}}
// CHECK: %[[a:.*]] = nn.gather %arg0, %arg1 {axis = 1 : i64}
// CHECK: return %[[a]]
feature_extractor (float[N, 5] x, int64[2] i) => (float[N, 2] y) {
  y = ai.onnx.ml.ArrayFeatureExtractor(x, i)
}

// -----

// CHECK-LABEL: // model index_range{{$}}
// CHECK: error: OPTC-E1053: Gather node '/pick' takes element 5 of 5
// CHECK-NEXT: // exit code 3
index_range (float[N, 5] x) => (float[N] y) <int64 i = {5}> {
  ["/pick"] y = Gather <axis = 1> (x, i)
}

// -----

// CHECK-LABEL: // model unknown_reduction{{$}}
// CHECK: error: OPTC-E2002: node '/put' (ScatterElements): unknown reduction 'xor'
// CHECK-NEXT: // exit code 3
unknown_reduction (float[N, 5] x, int64[N, 2] i, float[N, 2] u) => (float[N, 5] y) {
  ["/put"] y = ScatterElements <reduction = "xor"> (x, i, u)
}

// -----

// CHECK-LABEL: // model batch_axis{{$}}
// CHECK: error: OPTC-E2002: node '/rev' (ReverseSequence): batch_axis and time_axis must be 0 and 1
// CHECK-NEXT: // exit code 3
batch_axis (float[T, B, 3] x, int64[B] l) => (float[T, B, 3] y) {
  ["/rev"] y = ReverseSequence <batch_axis = 2> (x, l)
}

// -----

// CHECK-LABEL: // model tensor_scatter_axis{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /cache)
// CHECK-NEXT: // exit code 3
tensor_scatter_axis (float[B, S] c, float[B, 2] u) => (float[B, S] y) {
  ["/cache"] y = TensorScatter <axis = 0> (c, u)
}

// -----

// CHECK-LABEL: // model scatter_10{{$}}
// CHECK: nn.scatter_elements %arg0, %arg1, %arg2 {axis = 1 : i64}
<ir_version: 5, opset_import: ["": 10]>
scatter_10 (float[N, 5] x, int64[N, 2] i, float[N, 2] u) => (float[N, 5] y) {
  y = Scatter <axis = 1> (x, i, u)
}

// -----

// CHECK-LABEL: // model gather_batch{{$}}
// CHECK: error: OPTC-E2002: node '/gather' (GatherND): its batch_dims is -1, it must be from 0 to 1
// CHECK-NEXT: // exit code 3
gather_batch (float[2, 2, 2] x) => (float[2, 2] y) <int64[2, 1] i = {1, 0}> {
  ["/gather"] y = GatherND <batch_dims = -1> (x, i)
}
