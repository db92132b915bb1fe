// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Normalizations as nn.normalize with scale and bias around it.

// CHECK-LABEL: // model layer_norm{{$}}
// CHECK: %[[a:.*]] = nn.normalize mean_variance %arg0 [2] {epsilon = 0.0010000000474974513 : f64}
// CHECK: %[[b:.*]] = nn.binary mul %[[a]], %arg1
// CHECK: %[[c:.*]] = nn.binary add %[[b]], %arg2
// CHECK: return %[[c]]
layer_norm (float[N, S, 8] x, float[8] g, float[8] b) => (float[N, S, 8] y) {
  y = LayerNormalization <epsilon = 0.001> (x, g, b)
}

// -----

// CHECK-LABEL: // model rms_norm{{$}}
// CHECK: %[[a:.*]] = nn.normalize root_mean_square %arg0 [2] {epsilon = 9.9999997473787516E-6 : f64}
// CHECK: %[[b:.*]] = nn.binary mul %[[a]], %arg1
// CHECK: return %[[b]]
rms_norm (float[N, S, 8] x, float[8] g) => (float[N, S, 8] y) {
  y = RMSNormalization(x, g)
}

// -----

// CHECK-LABEL: // model instance_norm{{$}}
// CHECK: %[[a:.*]] = nn.normalize mean_variance %arg0 [2, 3] {epsilon = 9.9999997473787516E-6 : f64}
// CHECK: %[[b:.*]] = nn.reshape %arg1, %{{.*}} : {{.*}} -> tensor<4x1x1xf32>
// CHECK: %[[c:.*]] = nn.reshape %arg2, %{{.*}} : {{.*}} -> tensor<4x1x1xf32>
// CHECK: %[[d:.*]] = nn.binary mul %[[a]], %[[b]]
// CHECK: %[[e:.*]] = nn.binary add %[[d]], %[[c]]
// CHECK: return %[[e]]
instance_norm (float[N, 4, H, W] x, float[4] g, float[4] b) => (float[N, 4, H, W] y) {
  y = InstanceNormalization(x, g, b)
}

// -----

// CHECK-LABEL: // model group_norm{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} : {{.*}} -> tensor<?x2x?xf32>
// CHECK: %[[b:.*]] = nn.normalize mean_variance %[[a]] [2] {epsilon = 9.9999997473787516E-6 : f64}
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x4x?x?xf32>
// CHECK: %[[d:.*]] = nn.reshape %arg1, %{{.*}} : {{.*}} -> tensor<4x1x1xf32>
// CHECK: %[[e:.*]] = nn.reshape %arg2, %{{.*}} : {{.*}} -> tensor<4x1x1xf32>
// CHECK: %[[f:.*]] = nn.binary mul %[[c]], %[[d]]
// CHECK: %[[g:.*]] = nn.binary add %[[f]], %[[e]]
// CHECK: return %[[g]]
group_norm (float[N, 4, H, W] x, float[4] g, float[4] b) => (float[N, 4, H, W] y) {
  y = GroupNormalization <num_groups = 2> (x, g, b)
}

// -----

// CHECK-LABEL: // model mvn{{$}}
// CHECK: %[[a:.*]] = nn.normalize mean_variance %arg0 [0, 2, 3] {epsilon = 1.000000e-09 : f64}
// CHECK: return %[[a]]
mvn (float[N, 2, 3, 4] x) => (float[N, 2, 3, 4] y) {
  y = MeanVarianceNormalization(x)
}

// -----

// Normalized by statistics of the batch; results 1 and 2 take a tenth of them.

// CHECK-LABEL: // model training{{$}}
// CHECK: %[[y:.*]] = nn.normalize mean_variance %arg0 [0, 2] {{.*}}
// CHECK: nn.binary mul %[[y]]
// CHECK: %[[sum:.*]] = nn.reduce sum %arg0 [0, 2] : tensor<?x2x?xf32> -> tensor<1x2x1xf32>
// CHECK: %[[mean:.*]] = nn.binary div %[[sum]], %{{.*}}
// CHECK: %[[centered:.*]] = nn.binary sub %arg0, %[[mean]]
// CHECK: nn.binary mul %[[centered]], %[[centered]]
// CHECK: %[[kept:.*]] = nn.binary mul %arg3, %{{.*}} : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
// CHECK: nn.binary add %[[kept]], %{{.*}} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
// CHECK: %[[kept:.*]] = nn.binary mul %arg4, %{{.*}}
// CHECK: nn.binary add %[[kept]], %{{.*}} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
training (float[N, 2, H] x, float[2] s, float[2] b, float[2] m, float[2] v) => (float[N, 2, H] y, float[2] rm, float[2] rv) {
  ["/bn"] y, rm, rv = BatchNormalization <training_mode = 1> (x, s, b, m, v)
}

// -----

// CHECK-LABEL: // model instance_norm_rank{{$}}
// CHECK: error: OPTC-E2002: node '/in' (InstanceNormalization): its input has rank 2, needed is at least 3
// CHECK-NEXT: // exit code 3
instance_norm_rank (float[N, 4] x, float[4] g, float[4] b) => (float[N, 4] y) {
  ["/in"] y = InstanceNormalization(x, g, b)
}
