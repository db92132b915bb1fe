// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Activations as compositions of nn's scalar functions.

// CHECK-LABEL: // model leaky{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<5.000000e-01> : tensor<f32>
// CHECK: %[[b:.*]] = nn.binary mul %arg0, %[[a]]
// CHECK: %[[c:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[d:.*]] = nn.compare lt %arg0, %[[c]]
// CHECK: %[[e:.*]] = nn.select %[[d]], %[[b]], %arg0
// CHECK: %[[f:.*]] = nn.binary mul %arg0, %arg1
// CHECK: %[[g:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[h:.*]] = nn.compare lt %arg0, %[[g]]
// CHECK: %[[i:.*]] = nn.select %[[h]], %[[f]], %arg0
// CHECK: return %[[e]], %[[i]]
leaky (float[N] x, float[1] slope) => (float[N] a, float[N] b) {
  a = LeakyRelu <alpha = 0.5> (x)
  b = PRelu(x, slope)
}

// -----

// CHECK-LABEL: // model exponential{{$}}
// CHECK: %[[a:.*]] = nn.unary exp %arg0
// CHECK: %[[b:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[c:.*]] = nn.binary sub %[[a]], %[[b]]
// CHECK: %[[d:.*]] = nn.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[e:.*]] = nn.binary mul %[[c]], %[[d]]
// CHECK: %[[f:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[g:.*]] = nn.compare gt %arg0, %[[f]]
// CHECK: %[[h:.*]] = nn.select %[[g]], %arg0, %[[e]]
// CHECK: %[[i:.*]] = nn.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[j:.*]] = nn.binary div %arg0, %[[i]]
// CHECK: %[[k:.*]] = nn.unary exp %[[j]]
// CHECK: %[[l:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[m:.*]] = nn.binary sub %[[k]], %[[l]]
// CHECK: %[[n:.*]] = nn.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[o:.*]] = nn.binary mul %[[m]], %[[n]]
// CHECK: %[[p:.*]] = nn.unary relu %arg0
// CHECK: %[[q:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[r:.*]] = nn.binary min %[[o]], %[[q]]
// CHECK: %[[s:.*]] = nn.binary add %[[p]], %[[r]]
// CHECK: %[[t:.*]] = nn.unary exp %arg0
// CHECK: %[[u:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[v:.*]] = nn.binary sub %[[t]], %[[u]]
// CHECK: %[[w:.*]] = nn.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[x:.*]] = nn.binary mul %[[v]], %[[w]]
// CHECK: %[[y:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[z:.*]] = nn.compare gt %arg0, %[[y]]
// CHECK: %[[A:.*]] = nn.select %[[z]], %arg0, %[[x]]
// CHECK: %[[B:.*]] = nn.constant dense<3.000000e+00> : tensor<f32>
// CHECK: %[[C:.*]] = nn.binary mul %[[A]], %[[B]]
// CHECK: return %[[h]], %[[s]], %[[C]]
exponential (float[N] x) => (float[N] a, float[N] b, float[N] c) {
  a = Elu <alpha = 2.0> (x)
  b = Celu <alpha = 2.0> (x)
  c = Selu <alpha = 2.0, gamma = 3.0> (x)
}

// -----

// CHECK-LABEL: // model hard{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<2.500000e-01> : tensor<f32>
// CHECK: %[[b:.*]] = nn.binary mul %arg0, %[[a]]
// CHECK: %[[c:.*]] = nn.constant dense<5.000000e-01> : tensor<f32>
// CHECK: %[[d:.*]] = nn.binary add %[[b]], %[[c]]
// CHECK: %[[e:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[f:.*]] = nn.binary max %[[d]], %[[e]]
// CHECK: %[[g:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[h:.*]] = nn.binary min %[[f]], %[[g]]
// CHECK: %[[i:.*]] = nn.constant dense<0.166666672> : tensor<f32>
// CHECK: %[[j:.*]] = nn.binary mul %arg0, %[[i]]
// CHECK: %[[k:.*]] = nn.constant dense<5.000000e-01> : tensor<f32>
// CHECK: %[[l:.*]] = nn.binary add %[[j]], %[[k]]
// CHECK: %[[m:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[n:.*]] = nn.binary max %[[l]], %[[m]]
// CHECK: %[[o:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[p:.*]] = nn.binary min %[[n]], %[[o]]
// CHECK: %[[q:.*]] = nn.binary mul %arg0, %[[p]]
// CHECK: %[[r:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[s:.*]] = nn.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[t:.*]] = nn.compare gt %arg0, %[[s]]
// CHECK: %[[u:.*]] = nn.select %[[t]], %arg0, %[[r]]
// CHECK: return %[[h]], %[[q]], %[[u]]
hard (float[N] x) => (float[N] a, float[N] b, float[N] c) {
  a = HardSigmoid <alpha = 0.25> (x)
  b = HardSwish(x)
  c = ThresholdedRelu <alpha = 2.0> (x)
}

// -----

// CHECK-LABEL: // model soft{{$}}
// CHECK: %[[a:.*]] = nn.unary abs %arg0
// CHECK: %[[b:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[c:.*]] = nn.binary add %[[a]], %[[b]]
// CHECK: %[[d:.*]] = nn.binary div %arg0, %[[c]]
// CHECK: %[[e:.*]] = nn.unary softplus %arg0
// CHECK: %[[f:.*]] = nn.unary tanh %[[e]]
// CHECK: %[[g:.*]] = nn.binary mul %arg0, %[[f]]
// CHECK: %[[h:.*]] = nn.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[i:.*]] = nn.binary mul %arg0, %[[h]]
// CHECK: %[[j:.*]] = nn.unary sigmoid %[[i]]
// CHECK: %[[k:.*]] = nn.binary mul %arg0, %[[j]]
// CHECK: return %[[d]], %[[g]], %[[k]]
soft (float[N] x) => (float[N] a, float[N] b, float[N] c) {
  a = Softsign(x)
  b = Mish(x)
  c = Swish <alpha = 2.0> (x)
}

// -----

// CHECK-LABEL: // model gelu{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<0.707106769> : tensor<f32>
// CHECK: %[[b:.*]] = nn.binary mul %arg0, %[[a]]
// CHECK: %[[c:.*]] = nn.unary erf %[[b]]
// CHECK: %[[d:.*]] = nn.constant dense<5.000000e-01> : tensor<f32>
// CHECK: %[[e:.*]] = nn.binary mul %arg0, %[[d]]
// CHECK: %[[f:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[g:.*]] = nn.binary add %[[c]], %[[f]]
// CHECK: %[[h:.*]] = nn.binary mul %[[e]], %[[g]]
// CHECK: %[[i:.*]] = nn.binary mul %arg0, %arg0
// CHECK: %[[j:.*]] = nn.binary mul %[[i]], %arg0
// CHECK: %[[k:.*]] = nn.constant dense<4.471500e-02> : tensor<f32>
// CHECK: %[[l:.*]] = nn.binary mul %[[j]], %[[k]]
// CHECK: %[[m:.*]] = nn.binary add %arg0, %[[l]]
// CHECK: %[[n:.*]] = nn.constant dense<0.797884583> : tensor<f32>
// CHECK: %[[o:.*]] = nn.binary mul %[[m]], %[[n]]
// CHECK: %[[p:.*]] = nn.unary tanh %[[o]]
// CHECK: %[[q:.*]] = nn.constant dense<5.000000e-01> : tensor<f32>
// CHECK: %[[r:.*]] = nn.binary mul %arg0, %[[q]]
// CHECK: %[[s:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[t:.*]] = nn.binary add %[[p]], %[[s]]
// CHECK: %[[u:.*]] = nn.binary mul %[[r]], %[[t]]
// CHECK: return %[[h]], %[[u]]
gelu (float[N] x) => (float[N] exact, float[N] tanh) {
  exact = Gelu(x)
  tanh = Gelu <approximate = "tanh"> (x)
}
