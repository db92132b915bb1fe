// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Results of a size only the data knows.

// CHECK-LABEL: // model non_zero{{$}}
// CHECK: %[[a:.*]] = nn.nonzero %arg0 : {{.*}} -> tensor<2x?xi64>
// CHECK: return %[[a]]
non_zero (float[N, 3] x) => (int64[2, K] y) {
  y = NonZero(x)
}

// -----

// CHECK-LABEL: // model compress{{$}}
// CHECK: %[[a:.*]] = nn.nonzero %arg1 : {{.*}} -> tensor<1x?xi64>
// CHECK: %[[b:.*]] = nn.reshape %[[a]], %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[c:.*]] = nn.gather %arg0, %[[b]] {axis = 0 : i64}
// CHECK: %[[d:.*]] = nn.nonzero %arg1 : {{.*}} -> tensor<1x?xi64>
// CHECK: %[[e:.*]] = nn.reshape %[[d]], %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[f:.*]] = nn.reshape %arg0, %{{.*}} : {{.*}} -> tensor<?xf32>
// CHECK: %[[g:.*]] = nn.gather %[[f]], %[[e]] {axis = 0 : i64}
// CHECK: return %[[c]], %[[g]]
compress (float[N, 3] x, bool[N] c) => (float[K, 3] y, float[L] z) {
  y = Compress <axis = 0> (x, c)
  z = Compress(x, c)
}

// -----

// CHECK-LABEL: // model unique{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[b:.*]] = nn.slice %[[a]], %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<?xf32>
// CHECK: %[[d:.*]] = nn.argsort %[[c]], %{{.*}}
// CHECK: %[[e:.*]] = nn.gather %[[a]], %[[d]] {axis = 0 : i64}
// CHECK: %[[f:.*]] = nn.range %{{.*}}, %{{.*}}, %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[g:.*]] = nn.binary sub %[[f]], %{{.*}}
// CHECK: %[[h:.*]] = nn.binary max %[[g]], %{{.*}}
// CHECK: %[[i:.*]] = nn.gather %[[e]], %[[h]] {axis = 0 : i64}
// CHECK: %[[j:.*]] = nn.compare ne %[[e]], %[[i]]
// CHECK: %[[k:.*]] = nn.reshape %[[j]], %{{.*}} {allowZero} : {{.*}} -> tensor<?xi1>
// CHECK: %[[l:.*]] = nn.compare eq %[[f]], %{{.*}}
// CHECK: %[[m:.*]] = nn.binary or %[[k]], %[[l]]
// CHECK: %[[n:.*]] = nn.nonzero %[[m]] : {{.*}} -> tensor<1x?xi64>
// CHECK: %[[o:.*]] = nn.reshape %[[n]], %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[p:.*]] = nn.slice %[[o]], %{{.*}}, %{{.*}}, %{{.*}} [0] : {{.*}} -> tensor<?xi64>
// CHECK: %[[q:.*]] = nn.concat %[[p]], %{{.*}} {axis = 0 : i64} : {{.*}} -> tensor<?xi64>
// CHECK: %[[r:.*]] = nn.gather %[[e]], %[[o]] {axis = 0 : i64}
// CHECK: %[[s:.*]] = nn.gather %[[d]], %[[o]] {axis = 0 : i64}
// CHECK: %[[t:.*]] = nn.binary sub %[[q]], %[[o]]
// CHECK: %[[u:.*]] = nn.cast %[[m]] : {{.*}} -> tensor<?xi64>
// CHECK: %[[v:.*]] = nn.cumulative sum %[[u]] {axis = 0 : i64}
// CHECK: %[[w:.*]] = nn.binary sub %[[v]], %{{.*}}
// CHECK: %[[x:.*]] = nn.expand %{{.*}}, %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: %[[y:.*]] = nn.scatter_elements %[[x]], %[[d]], %[[w]] {axis = 0 : i64}
// CHECK: %[[z:.*]] = nn.reshape %[[r]], %{{.*}} : {{.*}} -> tensor<?xf32>
// CHECK: return %[[z]], %[[s]], %[[y]], %[[t]]
unique (float[N] x) => (float[K] y, int64[K] f, int64[N] i, int64[K] c) {
  y, f, i, c = Unique(x)
}

// -----

// CHECK-LABEL: // model wide_rows{{$}}
// CHECK: error: OPTC-E2001: node '/unique' (Unique): slices along its axis must have 1 to 64 elements, a number known at compile time
// CHECK-NEXT: // exit code 3
wide_rows (float[N, 65] x) => (float[K, 65] y) {
  ["/unique"] y = Unique <axis = 0> (x)
}

// -----

// CHECK-LABEL: // model dynamic_rows{{$}}
// CHECK: error: OPTC-E2001: node '/unique' (Unique): slices along its axis must have 1 to 64 elements, a number known at compile time
// CHECK-NEXT: // exit code 3
dynamic_rows (float[N, M] x) => (float[K, M] y) {
  ["/unique"] y = Unique <axis = 0> (x)
}
