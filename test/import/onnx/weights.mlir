// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Small weights are printed, larger ones are resources whose bytes are not; external data is read from the
// files beside the model.

// CHECK-LABEL: // model sizes_of_weights{{$}}
// CHECK: nn.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: nn.constant dense_resource<__elided__> : tensor<2x10xf32>
sizes_of_weights (float[N, 2] x) => (float[N, 10] y) <float[2] s = {1, 2},
    float[2, 10] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}> {
  a = Mul(x, s)
  y = MatMul(a, w)
}

// -----

// data: weights.bin float32 1 2 3 4
// CHECK-LABEL: // model external{{$}}
// CHECK: nn.constant dense<[3.000000e+00, 4.000000e+00]> : tensor<2xf32>
external (float[2] x) => (float[2] y) <float[2] w = ["location": "weights.bin", "offset": "8", "length": "8"]> {
  y = Add(x, w)
}

// -----

// data: weights.bin float32 1 2 3 4
// CHECK-LABEL: // model past_the_end{{$}}
// CHECK: error: OPTC-E1023: {{.*}}'w'
// CHECK-NEXT: // exit code 3
past_the_end (float[2] x) => (float[2] y) <float[2] w = ["location": "weights.bin", "offset": "12", "length": "8"]> {
  y = Add(x, w)
}

// -----

// CHECK-LABEL: // model missing{{$}}
// CHECK: error: OPTC-E1021: {{.*}}'w'
// CHECK-NEXT: // exit code 3
missing (float[2] x) => (float[2] y) <float[2] w = ["location": "nowhere.bin"]> {
  y = Add(x, w)
}

// -----

// CHECK-LABEL: // model outside{{$}}
// CHECK: error: OPTC-E1021: {{.*}}'w'
// CHECK-NEXT: // exit code 3
outside (float[2] x) => (float[2] y) <float[2] w = ["location": "../weights.bin"]> {
  y = Add(x, w)
}

// -----

// CHECK-LABEL: // model text{{$}}
// CHECK: error: OPTC-E2003: the constant 'w' has the type string, which optc does not support
// CHECK-NEXT: // exit code 3
text (float[3] x) => (float[3] y) <string[1] w = {"a"}> {
  ["/where"] c = StringNormalizer(w)
  y = Identity(x)
}
