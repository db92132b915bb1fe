// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Positions of extremes, prefix sums, sorting, axes that only the data names, refusals.

// CHECK-LABEL: // model arg_max{{$}}
// CHECK: %[[a:.*]] = nn.arg_reduce min %arg0 {axis = 0 : i64}
// CHECK: %[[b:.*]] = nn.arg_reduce max %arg0 {axis = 1 : i64, selectLast}
// CHECK: %[[c:.*]] = nn.shape %[[b]] : {{.*}} -> tensor<2xi64>
// CHECK: %[[d:.*]] = nn.constant dense<0> : tensor<1xi64>
// CHECK: %[[e:.*]] = nn.constant dense<1> : tensor<1xi64>
// CHECK: %[[f:.*]] = nn.constant dense<1> : tensor<1xi64>
// CHECK: %[[g:.*]] = nn.slice %[[c]], %[[d]], %[[e]], %[[f]] [0] : {{.*}} -> tensor<1xi64>
// CHECK: %[[h:.*]] = nn.reshape %[[b]], %[[g]] {allowZero} : {{.*}} -> tensor<?xi64>
// CHECK: return %[[h]], %[[a]]
arg_max (float[N, 3] x) => (int64[N] y, int64[1, 3] z) {
  z = ArgMin(x)
  y = ArgMax <axis = 1, keepdims = 0, select_last_index = 1> (x)
}

// -----

// CHECK-LABEL: // model cumulative{{$}}
// CHECK: %[[a:.*]] = nn.cumulative sum %arg0 {axis = 1 : i64, exclusive, reverse}
// CHECK: %[[b:.*]] = nn.cumulative prod %arg0 {axis = 1 : i64}
// CHECK: return %[[a]], %[[b]]
cumulative (float[N, 3] x) => (float[N, 3] y, float[N, 3] z) <int64 a = {-1}> {
  y = CumSum <exclusive = 1, reverse = 1> (x, a)
  z = CumProd(x, a)
}

// -----

// CHECK-LABEL: // model top_k{{$}}
// CHECK: %[[a:.*]] = nn.argsort %arg0, %{{.*}}
// CHECK: %[[b:.*]] = nn.gather_elements %arg0, %[[a]] {axis = 1 : i64}
// CHECK: return %[[b]], %[[a]]
top_k (float[N, 9] x) => (float[N, 4] y, int64[N, 4] i) <int64[1] k = {4}> {
  y, i = TopK <largest = 0> (x, k)
}

// -----

// CHECK-LABEL: // model axes_at_run_time{{$}}
// CHECK: %[[a:.*]] = nn.compare lt %arg1, %{{.*}}
// CHECK: %[[b:.*]] = nn.select %[[a]], %{{.*}}, %arg1
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<1x1xi64>
// CHECK: %[[d:.*]] = nn.constant dense<{{\[\[}}0], [1]]> : tensor<2x1xi64>
// CHECK: %[[e:.*]] = nn.compare eq %[[c]], %[[d]]
// CHECK: %[[f:.*]] = nn.reshape %[[e]], %{{.*}} {allowZero} : {{.*}} -> tensor<2xi1>
// CHECK: %[[g:.*]] = nn.constant dense<false> : tensor<1xi1>
// CHECK: %[[h:.*]] = nn.binary or %[[f]], %[[g]]
// CHECK: %[[i:.*]] = nn.reduce_masked sum %arg0, %[[h]] : {{.*}} -> tensor<?x?xf32>
// CHECK: return %[[i]]
axes_at_run_time (float[N, 3] x, int64[1] a) => (float[P, Q] y) {
  y = ReduceSum(x, a)
}

// -----

// CHECK-LABEL: // model log_sum_exp_of_integers{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /lse)
// CHECK-NEXT: // exit code 3
log_sum_exp_of_integers (int32[N, 3] x) => (int32[N, 1] y) <int64[1] a = {1}> {
  ["/lse"] y = ReduceLogSumExp(x, a)
}

// -----

// CHECK-LABEL: // model how_many{{$}}
// CHECK: error: OPTC-E2001: node '/sum' (ReduceSum): how many axes it removes is known only at run time; keep them (keepdims=1) or make the axes a constant
// CHECK-NEXT: // exit code 3
how_many (float[N, 3] x, int64[K] a) => (float[P] y) {
  ["/sum"] t = ReduceSum <keepdims = 0> (x, a)
  y = Reshape(t, a)
}

// -----

// CHECK-LABEL: // model axis{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /sum)
// CHECK-NEXT: // exit code 3
axis (float[N, 3] x) => (float[N, 1] y) <int64[1] a = {2}> {
  ["/sum"] y = ReduceSum(x, a)
}
