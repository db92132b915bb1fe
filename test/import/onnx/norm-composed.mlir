// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Softmax, and normalizations that are composed.

// CHECK-LABEL: // model softmax{{$}}
// CHECK: %[[a:.*]] = nn.softmax %arg0 {axis = 0 : i64}
// CHECK: %[[b:.*]] = nn.softmax %arg0 {axis = 1 : i64, log}
// CHECK: return %[[a]], %[[b]]
softmax (float[N, C] x) => (float[N, C] y, float[N, C] z) {
  y = Softmax <axis = 0> (x)
  z = LogSoftmax(x)
}

// -----

// CHECK-LABEL: // model axis{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /softmax)
// CHECK-NEXT: // exit code 3
axis (float[N, 4] x) => (float[N, 4] y) {
  ["/softmax"] y = Softmax <axis = 2> (x)
}

// -----

// CHECK-LABEL: // model batch_norm{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<9.99999974E-6> : tensor<f32>
// CHECK: %[[b:.*]] = nn.binary add %arg4, %[[a]]
// CHECK: %[[c:.*]] = nn.unary sqrt %[[b]]
// CHECK: %[[d:.*]] = nn.binary div %arg1, %[[c]]
// CHECK: %[[e:.*]] = nn.binary mul %arg3, %[[d]]
// CHECK: %[[f:.*]] = nn.binary sub %arg2, %[[e]]
// CHECK: %[[g:.*]] = nn.reshape %[[d]], %{{.*}} : {{.*}} -> tensor<2x1xf32>
// CHECK: %[[h:.*]] = nn.reshape %[[f]], %{{.*}} : {{.*}} -> tensor<2x1xf32>
// CHECK: %[[i:.*]] = nn.binary mul %arg0, %[[g]]
// CHECK: %[[j:.*]] = nn.binary add %[[i]], %[[h]]
// CHECK: return %[[j]]
batch_norm (float[N, 2, H] x, float[2] s, float[2] b, float[2] m, float[2] v) => (float[N, 2, H] y) {
  y = BatchNormalization(x, s, b, m, v)
}

// -----

// CHECK-LABEL: // model lp_norm{{$}}
// CHECK: %[[a:.*]] = nn.unary abs %arg0
// CHECK: %[[b:.*]] = nn.reduce sum %[[a]] [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[c:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[d:.*]] = nn.compare eq %[[b]], %[[c]]
// CHECK: %[[e:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[f:.*]] = nn.select %[[d]], %[[e]], %[[b]]
// CHECK: %[[g:.*]] = nn.binary div %arg0, %[[f]]
// CHECK: %[[h:.*]] = nn.binary mul %arg0, %arg0
// CHECK: %[[i:.*]] = nn.reduce sum %[[h]] [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[j:.*]] = nn.unary sqrt %[[i]]
// CHECK: %[[k:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[l:.*]] = nn.compare eq %[[j]], %[[k]]
// CHECK: %[[m:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[n:.*]] = nn.select %[[l]], %[[m]], %[[j]]
// CHECK: %[[o:.*]] = nn.binary div %arg0, %[[n]]
// CHECK: return %[[g]], %[[o]]
lp_norm (float[N, 4] x) => (float[N, 4] y, float[N, 4] z) {
  y = LpNormalization <p = 1> (x)
  z = LpNormalization(x)
}

// -----

// CHECK-LABEL: // model layer_norm_statistics{{$}}
// CHECK: %[[a:.*]] = nn.normalize mean_variance %arg0 [1] {epsilon = 9.9999997473787516E-6 : f64}
// CHECK: %[[b:.*]] = nn.binary mul %[[a]], %arg1
// CHECK: %[[c:.*]] = nn.constant dense<8.000000e+00> : tensor<f32>
// CHECK: %[[d:.*]] = nn.reduce sum %arg0 [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[e:.*]] = nn.binary div %[[d]], %[[c]]
// CHECK: %[[f:.*]] = nn.binary sub %arg0, %[[e]]
// CHECK: %[[g:.*]] = nn.binary mul %[[f]], %[[f]]
// CHECK: %[[h:.*]] = nn.reduce sum %[[g]] [1] : {{.*}} -> tensor<?x1xf32>
// CHECK: %[[i:.*]] = nn.binary div %[[h]], %[[c]]
// CHECK: %[[j:.*]] = nn.constant dense<9.99999974E-6> : tensor<f32>
// CHECK: %[[k:.*]] = nn.binary add %[[i]], %[[j]]
// CHECK: %[[l:.*]] = nn.unary sqrt %[[k]]
// CHECK: %[[m:.*]] = nn.unary reciprocal %[[l]]
// CHECK: return %[[b]], %[[e]], %[[m]]
layer_norm_statistics (float[N, 8] x, float[8] g) => (float[N, 8] y, float[N, 1] m, float[N, 1] d) {
  y, m, d = LayerNormalization(x, g)
}
