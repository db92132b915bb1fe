// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Before opset 14 the number of outputs says that a node trains.

// CHECK-LABEL: // model old_training{{$}}
// CHECK: nn.normalize mean_variance %arg0 [0, 2]
// CHECK: nn.reduce sum %arg0 [0, 2]
<ir_version: 7, opset_import: ["" : 12]>
old_training (float[N, 2, H] x, float[2] s, float[2] b, float[2] m, float[2] v) => (float[N, 2, H] y, float[2] rm) {
  y, rm, rv, sm, sv = BatchNormalization(x, s, b, m, v)
}

// -----

// CHECK-LABEL: // model saved{{$}}
// CHECK: error: OPTC-E1042: BatchNormalization node '/bn' has a saved mean or variance that is used; export the model without them
<ir_version: 7, opset_import: ["" : 12]>
saved (float[N, 2, H] x, float[2] s, float[2] b, float[2] m, float[2] v) => (float[N, 2, H] y, float[2] sm) {
  ["/bn"] y, rm, rv, sm, sv = BatchNormalization(x, s, b, m, v)
}

// -----

// CHECK-LABEL: // model training_rank{{$}}
// CHECK: error: {{.*}}/bn
training_rank (float[N] x, float[1] s, float[1] b, float[1] m, float[1] v) => (float[N] y, float[1] rm, float[1] rv) {
  ["/bn"] y, rm, rv = BatchNormalization <training_mode = 1> (x, s, b, m, v)
}
