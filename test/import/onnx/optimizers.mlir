// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// CHECK-LABEL: // model adagrad{{$}}
// CHECK: nn.unary sqrt
// CHECK: return %{{.*}}, %{{.*}} : tensor<3xf32>, tensor<3xf32>
<ir_version: 10, opset_import: ["" : 21, "ai.onnx.preview.training" : 1]>
adagrad (float r, int64 t, float[3] x, float[3] g, float[3] h) => (float[3] y, float[3] k) {
  y, k = ai.onnx.preview.training.Adagrad <decay_factor = 0.1> (r, t, x, g, h)
}

// -----

// CHECK-LABEL: // model adam{{$}}
// CHECK: nn.binary pow
// CHECK: nn.select
// CHECK: return %{{.*}}, %{{.*}}, %{{.*}} : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
<ir_version: 10, opset_import: ["" : 21, "ai.onnx.preview.training" : 1]>
adam (float r, int64 t, float[3] x, float[3] g, float[3] v, float[3] h) => (float[3] y, float[3] v1, float[3] h1) {
  y, v1, h1 = ai.onnx.preview.training.Adam (r, t, x, g, v, h)
}

// -----

// CHECK-LABEL: // model momentum{{$}}
// CHECK: %[[first:.*]] = nn.compare le %arg1, %{{.*}}
// CHECK: nn.select %[[first]]
<ir_version: 10, opset_import: ["" : 21, "ai.onnx.preview.training" : 1]>
momentum (float r, int64 t, float[3] x, float[3] g, float[3] v) => (float[3] y, float[3] v1) {
  y, v1 = ai.onnx.preview.training.Momentum <alpha = 0.9, beta = 1.0, mode = "nesterov", norm_coefficient = 0.01> (r, t, x, g, v)
}
