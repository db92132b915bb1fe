// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Refusals name the node.

// CHECK-LABEL: // model squeeze_dynamic{{$}}
// CHECK: error: OPTC-E2001: node '/squeeze' (Squeeze): it squeezes all sizes of one, but size 0 is dynamic; name the axes
// CHECK-NEXT: // exit code 3
squeeze_dynamic (float[N, 1] x) => (float[N] y) {
  ["/squeeze"] y = Squeeze(x)
}

// -----

// CHECK-LABEL: // model squeeze_axis{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /squeeze)
// CHECK-NEXT: // exit code 3
squeeze_axis (float[N, 1] x) => (float[N] y) <int64[1] a = {2}> {
  ["/squeeze"] y = Squeeze(x, a)
}

// -----

// CHECK-LABEL: // model squeeze_how_many{{$}}
// CHECK: error: OPTC-E2001: node '/squeeze' (Squeeze): how many axes it has is known only at run time; make them a constant
// CHECK-NEXT: // exit code 3
squeeze_how_many (float[N, 1] x, int64[K] a) => (float[M] y) {
  ["/squeeze"] t = Squeeze(x, a)
  y = Reshape(t, a)
}

// -----

// CHECK-LABEL: // model reshape_count{{$}}
// CHECK: error: OPTC-E1053: Reshape node '/reshape' makes 4 elements of 6
// CHECK-NEXT: // exit code 3
reshape_count (float[2, 3] x) => (float[4] y) <int64[1] s = {4}> {
  ["/reshape"] y = Reshape(x, s)
}

// -----

// CHECK-LABEL: // model pad_mode{{$}}
// CHECK: error: OPTC-E2002: node '/pad' (Pad): unknown mode 'mirror'
// CHECK-NEXT: // exit code 3
pad_mode (float[N, 3] x) => (float[N, 6] y) <int64[2] p = {1, 2}, int64[1] a = {1}> {
  ["/pad"] y = Pad <mode = "mirror"> (x, p, , a)
}
