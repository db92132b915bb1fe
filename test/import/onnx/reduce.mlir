// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Reductions as elementwise work around nn.reduce.

// CHECK-LABEL: // model sum{{$}}
// CHECK: %[[a:.*]] = nn.reduce sum %arg0 [1] : {{.*}} -> tensor<?x1x4xf32>
// CHECK: return %[[a]]
sum (float[N, 3, 4] x) => (float[N, 1, 4] y) <int64[1] a = {-2}> {
  y = ReduceSum(x, a)
}

// -----

// CHECK-LABEL: // model all_dropped{{$}}
// CHECK: %[[a:.*]] = nn.reduce max %arg0 [0, 1] : {{.*}} -> tensor<1x1xf32>
// CHECK: %[[b:.*]] = nn.constant dense<> : tensor<0xi64>
// CHECK: %[[c:.*]] = nn.reshape %[[a]], %[[b]] {allowZero} : {{.*}} -> tensor<f32>
// CHECK: return %[[c]]
all_dropped (float[N, 3] x) => (float y) {
  y = ReduceMax <keepdims = 0> (x)
}

// -----

// CHECK-LABEL: // model products{{$}}
// CHECK: %[[a:.*]] = nn.reduce prod %arg0 [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[b:.*]] = nn.reduce min %arg0 [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: return %[[a]], %[[b]]
products (float[N, 3] x) => (float[N, 1] y, float[N, 1] z) <int64[1] a = {1}> {
  y = ReduceProd(x, a)
  z = ReduceMin(x, a)
}

// -----

// CHECK-LABEL: // model noop{{$}}
// CHECK: %[[a:.*]] = nn.binary mul %arg0, %arg0
// CHECK: %[[b:.*]] = nn.unary sqrt %[[a]]
// CHECK: return %[[b]]
noop (float[N, 3] x) => (float[N, 3] y) {
  y = ReduceL2 <noop_with_empty_axes = 1> (x)
}

// -----

// CHECK-LABEL: // model mean_of_halves{{$}}
// CHECK: %[[a:.*]] = nn.cast %arg0 : {{.*}} -> tensor<?x3xf32>
// CHECK: %[[b:.*]] = nn.reduce sum %[[a]] [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[c:.*]] = nn.constant dense<3.000000e+00> : tensor<f32>
// CHECK: %[[d:.*]] = nn.binary div %[[b]], %[[c]]
// CHECK: %[[e:.*]] = nn.cast %[[d]] : {{.*}} -> tensor<?x1xf16>
// CHECK: return %[[e]]
mean_of_halves (float16[N, 3] x) => (float16[N, 1] y) <int64[1] a = {1}> {
  y = ReduceMean(x, a)
}

// -----

// CHECK-LABEL: // model forms{{$}}
// CHECK: %[[a:.*]] = nn.unary abs %arg0
// CHECK: %[[b:.*]] = nn.reduce sum %[[a]] [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[c:.*]] = nn.binary mul %arg0, %arg0
// CHECK: %[[d:.*]] = nn.reduce sum %[[c]] [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[e:.*]] = nn.reduce sum %arg0 [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[f:.*]] = nn.unary log %[[e]]
// CHECK: return %[[b]], %[[d]], %[[f]]
forms (float[N, 3] x) => (float[N, 1] a, float[N, 1] b, float[N, 1] c) <int64[1] axis = {1}> {
  a = ReduceL1(x, axis)
  b = ReduceSumSquare(x, axis)
  c = ReduceLogSum(x, axis)
}

// -----

// CHECK-LABEL: // model log_sum_exp{{$}}
// CHECK: %[[a:.*]] = nn.reduce max %arg0 [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[b:.*]] = nn.constant dense<0x7F800000> : tensor<f32>
// CHECK: %[[c:.*]] = nn.unary abs %[[a]]
// CHECK: %[[d:.*]] = nn.compare lt %[[c]], %[[b]]
// CHECK: %[[e:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[f:.*]] = nn.select %[[d]], %[[a]], %[[e]]
// CHECK: %[[g:.*]] = nn.binary sub %arg0, %[[f]]
// CHECK: %[[h:.*]] = nn.unary exp %[[g]]
// CHECK: %[[i:.*]] = nn.reduce sum %[[h]] [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[j:.*]] = nn.unary log %[[i]]
// CHECK: %[[k:.*]] = nn.binary add %[[j]], %[[f]]
// CHECK: return %[[k]]
log_sum_exp (float[N, 3] x) => (float[N, 1] y) <int64[1] a = {1}> {
  y = ReduceLogSumExp(x, a)
}
