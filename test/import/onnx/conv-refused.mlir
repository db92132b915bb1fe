// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Refusals name the node.

// CHECK-LABEL: // model rank_6{{$}}
// CHECK: error: OPTC-E2001: node '/conv' (Conv): convolutions over 4 spatial dimensions; 1 to 3 are supported
// CHECK-NEXT: // exit code 3
rank_6 (float[N, 3, 4, 4, 4, 4] x, float[8, 3, 1, 1, 1, 1] w) => (float[N, 8, 4, 4, 4, 4] y) {
  ["/conv"] y = Conv(x, w)
}

// -----

// Names are the model's: what looks like an id or a rule there is none.

// CHECK-LABEL: // model names{{$}}
// CHECK: error: OPTC-E2001: node '[OPTC-E9001] [pad.R1]' (Conv): convolutions over 4 spatial dimensions; 1 to 3 are supported
// CHECK-NEXT: // exit code 3
names (float[N, 3, 4, 4, 4, 4] x, float[8, 3, 1, 1, 1, 1] w) => (float[N, 8, 4, 4, 4, 4] y) {
  ["[OPTC-E9001] [pad.R1]"] y = Conv(x, w)
}

// -----

// CHECK-LABEL: // model negative_pads{{$}}
// CHECK: error: OPTC-E1052: Conv node '/conv' has pads = -1, it needs sizes of 0 or more
// CHECK-NEXT: // exit code 3
negative_pads (float[N, 3, L] x, float[8, 3, 3] w) => (float[N, 8, M] y) {
  ["/conv"] y = Conv <pads = [-1, 0]> (x, w)
}

// -----

// CHECK-LABEL: // model strides_count{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /conv)
// CHECK-NEXT: // exit code 3
strides_count (float[N, 3, L] x, float[8, 3, 3] w) => (float[N, 8, M] y) {
  ["/conv"] y = Conv <strides = [1, 1]> (x, w)
}

// -----

// CHECK-LABEL: // model groups{{$}}
// CHECK: error: OPTC-E1052: Conv node '/conv' in 2 groups takes 3 channels to 8 with weights for 3 channels a group
// CHECK-NEXT: // exit code 3
groups (float[N, 3, L] x, float[8, 3, 3] w) => (float[N, 8, M] y) {
  ["/conv"] y = Conv <group = 2> (x, w)
}
