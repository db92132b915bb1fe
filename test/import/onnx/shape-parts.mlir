// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Slices, concats, pads, and tensors made of sizes.

// CHECK-LABEL: // model concat{{$}}
// CHECK: %[[a:.*]] = nn.concat %arg0, %arg1 {axis = 1 : i64} : {{.*}} -> tensor<?x5xf32>
// CHECK: return %[[a]]
concat (float[N, 2] x, float[N, 3] z) => (float[N, 5] y) {
  y = Concat <axis = -1> (x, z)
}

// -----

// CHECK-LABEL: // model split{{$}}
// CHECK: %[[a:.*]] = nn.slice %arg0, %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x4xf32>
// CHECK: %[[b:.*]] = nn.slice %arg0, %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x3xf32>
// CHECK: return %[[a]], %[[b]]
split (float[N, 7] x) => (float[N, 4] a, float[N, 3] b) {
  a, b = Split <axis = 1, num_outputs = 2> (x)
}

// -----

// CHECK-LABEL: // model split_sizes{{$}}
// CHECK: %[[a:.*]] = nn.slice %arg0, %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x2xf32>
// CHECK: %[[b:.*]] = nn.slice %arg0, %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x5xf32>
// CHECK: return %[[a]], %[[b]]
split_sizes (float[N, 7] x) => (float[N, 2] a, float[N, 5] b) <int64[2] s = {2, 5}> {
  a, b = Split <axis = 1> (x, s)
}

// -----

// CHECK-LABEL: // model slice{{$}}
// CHECK: %[[a:.*]] = nn.slice %arg0, %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x3xf32>
// CHECK: return %[[a]]
slice (float[N, 9] x) => (float[N, 3] y) <int64[1] s = {1}, int64[1] e = {7}, int64[1] a = {-1}, int64[1] t = {2}> {
  y = Slice(x, s, e, a, t)
}

// -----

// CHECK-LABEL: // model slice_by_data{{$}}
// CHECK: %[[a:.*]] = nn.slice %arg0, %{{.*}}, %{{.*}}, %{{.*}} [0] : {{.*}} -> tensor<?x9xf32>
// CHECK: return %[[a]]
slice_by_data (float[N, 9] x, int32[1] s, int32[1] e) => (float[M, 9] y) {
  y = Slice(x, s, e)
}

// -----

// CHECK-LABEL: // model pad{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[b:.*]] = nn.pad reflect %arg0, %{{.*}}, %[[a]] : {{.*}} -> tensor<?x6xf32>
// CHECK: return %[[b]]
pad (float[N, 3] x) => (float[N, 6] y) <int64[2] p = {1, 2}, int64[1] a = {1}> {
  y = Pad <mode = "reflect"> (x, p, , a)
}

// -----

// CHECK-LABEL: // model range{{$}}
// CHECK: %[[a:.*]] = nn.range %arg0, %arg1, %{{.*}} : {{.*}} -> tensor<?xi64>
// CHECK: return %[[a]]
range (int64 a, int64 b) => (int64[N] y) <int64 one = {1}> {
  y = Range(a, b, one)
}

// -----

// CHECK-LABEL: // model constant_of_shape{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<7> : tensor<i32>
// CHECK: %[[b:.*]] = nn.expand %[[a]], %arg0 : {{.*}} -> tensor<?x?xi32>
// CHECK: return %[[b]]
constant_of_shape (int64[2] s) => (int32[A, B] y) {
  y = ConstantOfShape <value = int32[1] {7}> (s)
}
