// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// What compares positions.

// CHECK-LABEL: // model one_hot{{$}}
// CHECK: %[[a:.*]] = nn.compare lt %arg0, %{{.*}}
// CHECK: %[[b:.*]] = nn.binary add %arg0, %{{.*}}
// CHECK: %[[c:.*]] = nn.select %[[a]], %[[b]], %arg0
// CHECK: %[[d:.*]] = nn.reshape %[[c]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x1xi64>
// CHECK: %[[e:.*]] = nn.constant dense<{{\[\[}}0, 1, 2, 3]]> : tensor<1x4xi64>
// CHECK: %[[f:.*]] = nn.compare eq %[[d]], %[[e]]
// CHECK: %[[g:.*]] = nn.slice %arg1, %{{.*}}, %{{.*}}, %{{.*}} [0] : {{.*}} -> tensor<1xf32>
// CHECK: %[[h:.*]] = nn.reshape %[[g]], %{{.*}} : {{.*}} -> tensor<f32>
// CHECK: %[[i:.*]] = nn.slice %arg1, %{{.*}}, %{{.*}}, %{{.*}} [0] : {{.*}} -> tensor<1xf32>
// CHECK: %[[j:.*]] = nn.reshape %[[i]], %{{.*}} : {{.*}} -> tensor<f32>
// CHECK: %[[k:.*]] = nn.select %[[f]], %[[h]], %[[j]]
// CHECK: return %[[k]]
one_hot (int64[N] i, float[2] v) => (float[N, 4] y) <int64 d = {4}> {
  y = OneHot(i, d, v)
}

// -----

// CHECK-LABEL: // model hardmax{{$}}
// CHECK: %[[a:.*]] = nn.arg_reduce max %arg0 {axis = 1 : i64}
// CHECK: %[[b:.*]] = nn.constant dense<{{\[\[}}0, 1, 2, 3]]> : tensor<1x4xi64>
// CHECK: %[[c:.*]] = nn.compare eq %[[b]], %[[a]]
// CHECK: %[[d:.*]] = nn.cast %[[c]] : {{.*}} -> tensor<?x4xf32>
// CHECK: return %[[d]]
hardmax (float[N, 4] x) => (float[N, 4] y) {
  y = Hardmax(x)
}

// -----

// CHECK-LABEL: // model trilu{{$}}
// CHECK: %[[a:.*]] = nn.range %{{.*}}, %{{.*}}, %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[b:.*]] = nn.reshape %[[a]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x1xi64>
// CHECK: %[[c:.*]] = nn.range %{{.*}}, %{{.*}}, %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[d:.*]] = nn.reshape %[[c]], %{{.*}} {allowZero} : {{.*}} -> tensor<1x?xi64>
// CHECK: %[[e:.*]] = nn.binary sub %[[d]], %[[b]]
// CHECK: %[[f:.*]] = nn.compare le %[[e]], %{{.*}}
// CHECK: %[[g:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[h:.*]] = nn.select %[[f]], %arg0, %[[g]]
// CHECK: return %[[h]]
trilu (float[N, M] x) => (float[N, M] y) <int64 k = {1}> {
  y = Trilu <upper = 0> (x, k)
}

// -----

// CHECK-LABEL: // model eye_like{{$}}
// CHECK: %[[a:.*]] = nn.range %{{.*}}, %{{.*}}, %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[b:.*]] = nn.reshape %[[a]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x1xi64>
// CHECK: %[[c:.*]] = nn.range %{{.*}}, %{{.*}}, %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[d:.*]] = nn.reshape %[[c]], %{{.*}} {allowZero} : {{.*}} -> tensor<1x?xi64>
// CHECK: %[[e:.*]] = nn.binary sub %[[d]], %[[b]]
// CHECK: %[[f:.*]] = nn.compare eq %[[e]], %{{.*}}
// CHECK: %[[g:.*]] = nn.cast %[[f]] : {{.*}} -> tensor<?x?xi32>
// CHECK: return %[[g]]
eye_like (float[N, M] x) => (int32[N, M] y) {
  y = EyeLike <dtype = 6, k = -1> (x)
}

// -----

// CHECK-LABEL: // model one_hot_axis{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /hot)
// CHECK-NEXT: // exit code 3
one_hot_axis (int64[N] i, float[2] v) => (float[N, 4] y) <int64 d = {4}> {
  ["/hot"] y = OneHot <axis = 2> (i, d, v)
}

// -----

// CHECK-LABEL: // model trilu_of_vector{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /tri)
// CHECK-NEXT: // exit code 3
trilu_of_vector (float[N] x) => (float[N] y) {
  ["/tri"] y = Trilu(x)
}

// -----

// CHECK-LABEL: // model eye_of_cube{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /eye)
// CHECK-NEXT: // exit code 3
eye_of_cube (float[N, M, 3] x) => (float[N, M, 3] y) {
  ["/eye"] y = EyeLike(x)
}
