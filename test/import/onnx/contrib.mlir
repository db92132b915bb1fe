// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Products, activations and norms that ONNX Runtime fused are single ops again.

// CHECK-LABEL: // model conv{{$}}
// CHECK: %[[c:.*]] = nn.conv
// CHECK: %[[s:.*]] = nn.binary add {{.*}}, %arg3
// CHECK: %[[r:.*]] = nn.unary relu %[[s]]
// CHECK: return %[[r]]
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
conv (float[1, 2, 5, 5] x, float[3, 2, 1, 1] w, float[3] b, float[1, 3, 5, 5] z) => (float[1, 3, 5, 5] y) {
  y = com.microsoft.FusedConv <activation = "Relu"> (x, w, b, z)
}

// -----

// CHECK-LABEL: // model gemm{{$}}
// CHECK: %[[p:.*]] = nn.matmul
// CHECK: %[[s:.*]] = nn.binary add %[[p]], %arg2
// CHECK: nn.compare lt %[[s]]
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
gemm (float[M, 4] a, float[4, 3] b, float[3] c) => (float[M, 3] y) {
  y = com.microsoft.FusedGemm <activation = "LeakyRelu", activation_alpha = 0.25> (a, b, c)
}

// -----

// CHECK-LABEL: // model matmul{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [1, 2, 3, 0]
// CHECK: %[[b:.*]] = nn.transpose %arg1 [0, 1, 3, 2]
// CHECK: %[[p:.*]] = nn.matmul %[[a]], %[[b]]
// CHECK: nn.binary mul %[[p]]
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
matmul (float[5, B, C, 4] a, float[B, C, N, 5] b) => (float[B, C, 4, N] y) {
  y = com.microsoft.FusedMatMul <transA = 1, transBatchA = 1, transB = 1, alpha = 0.5> (a, b)
}

// -----

// CHECK-LABEL: // model other_products{{$}}
// CHECK: %[[t:.*]] = nn.transpose %arg0 [1, 0]
// CHECK: nn.matmul %[[t]], %arg1
// CHECK: nn.unary tanh
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
other_products (float[K, M] a, float[K, N] b) => (float[M, N] y) {
  t = com.microsoft.TransposeMatMul <transA = 1> (a, b)
  y = com.microsoft.FusedMatMulActivation <transA = 1, activation = "Tanh"> (a, t)
}

// -----

// CHECK-LABEL: // model gelus{{$}}
// CHECK: nn.unary erf
// CHECK: nn.binary add {{.*}}, %arg1
// CHECK: nn.unary erf
// CHECK: nn.unary tanh
// CHECK: nn.unary sigmoid
// CHECK: nn.unary erf
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
gelus (float[N, 8] x, float[8] b) => (float[N, 4] y) {
  p = com.microsoft.Gelu(x)
  q = com.microsoft.BiasGelu(p, b)
  r = com.microsoft.FastGelu(q, b)
  s = com.microsoft.QuickGelu <alpha = 1.5> (r)
  y = com.microsoft.BiasSplitGelu(s, b)
}

// -----

// CHECK-LABEL: // model biases{{$}}
// CHECK: nn.binary add
// CHECK: nn.binary add
// CHECK: nn.binary add
// CHECK: nn.softmax
// CHECK: nn.binary add
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
biases (float[N, 8] x, float[8] b) => (float[N, 8] y) {
  p = com.microsoft.BiasAdd(x, b, x)
  q = com.microsoft.BiasSoftmax <axis = 1, is_inner_broadcast = 0> (p, b)
  y = com.microsoft.BiasDropout(q, b)
}

// -----

// ONNX Runtime writes these two into ai.onnx, whatever its opset; what follows is lifted with a known shape.
// CHECK-LABEL: // model layer_norms{{$}}
// CHECK: nn.normalize mean_variance %arg0 [2] {epsilon = 9.9999997473787516E-5 : f64}
// CHECK: nn.normalize root_mean_square {{.*}} [2]
// CHECK: nn.softmax
<ir_version: 8, opset_import: ["" : 12]>
layer_norms (float[2, 3, 8] x, float[8] g, float[8] b) => (float[2, 3, 8] y) {
  p = LayerNormalization <epsilon = 0.0001> (x, g, b)
  q = SimplifiedLayerNormalization <epsilon = 0.0001> (p, g)
  y = Softmax <axis = 1> (q)
}

// -----

// CHECK-LABEL: // model skip_norms{{$}}
// CHECK: %[[s:.*]] = nn.binary add %arg0, %arg1
// CHECK: nn.normalize mean_variance %[[s]] [2]
// CHECK: nn.normalize root_mean_square {{.*}} [2]
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
skip_norms (float[B, S, 8] x, float[B, S, 8] s, float[8] g) => (float[B, S, 8] y, float[B, S, 8] z) {
  p, , , z = com.microsoft.SkipLayerNormalization(x, s, g)
  y = com.microsoft.SkipSimplifiedLayerNormalization(p, z, g)
}

// -----

// CHECK-LABEL: // model embed{{$}}
// CHECK: nn.gather %arg1, %arg0 {axis = 0 : i64}
// CHECK: nn.range
// CHECK: nn.gather %arg2
// CHECK: nn.normalize mean_variance
// CHECK: nn.reduce sum
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
embed (int32[B, S] i, float[9, 8] w, float[9, 8] p, float[8] g, int32[B, S] m) => (float[B, S, 8] y, int32[B] n) {
  y, n = com.microsoft.EmbedLayerNormalization(i, , w, p, , g, g, m)
}

// -----

// CHECK-LABEL: // model group_norms{{$}}
// CHECK: nn.normalize mean_variance {{.*}} [1, 3]
// CHECK: nn.unary sigmoid
// CHECK: nn.normalize mean_variance {{.*}} [2]
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
group_norms (float[N, 8, 8, 8] x, float[8] g, float[N, 8] s) => (float[N, 8, 8, 8] y) {
  p = com.microsoft.GroupNorm <groups = 2, activation = 1> (x, g, g)
  y = com.microsoft.SkipGroupNorm <groups = 2, activation = 0, channels_last = 0> (p, g, g, s)
}

// -----

// CHECK-LABEL: // model parameters{{$}}
// CHECK: error: OPTC-E2002: node '/c' (com.microsoft:FusedConv): the activation 'Clip' has 2 parameters, given are 1
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
parameters (float[1, 2, 5, 5] x, float[3, 2, 1, 1] w) => (float[1, 3, 5, 5] y) {
  ["/c"] y = com.microsoft.FusedConv <activation = "Clip", activation_params = [0.5]> (x, w)
}

// -----

// CHECK-LABEL: // model quantized{{$}}
// CHECK: error: OPTC-E2001: node '/q' (com.microsoft:QMoE): optc has no implementation of this operator; it is one of ONNX Runtime's for quantized models
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
quantized (float[N, 8] x) => (float[N, 8] y) {
  ["/q"] y = com.microsoft.QMoE(x)
}

// -----

// CHECK-LABEL: // model blocked{{$}}
// CHECK: error: OPTC-E2001: node '/r' (com.microsoft.nchwc:ReorderInput): optc has no implementation of this operator; this layout
<ir_version: 8, opset_import: ["" : 16, "com.microsoft.nchwc" : 1]>
blocked (float[N, 8, 8, 8] x) => (float[N, 8, 8, 8] y) {
  ["/r"] y = com.microsoft.nchwc.ReorderInput(x)
}
