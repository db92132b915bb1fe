// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Four gathers, then one product per group.

// CHECK-LABEL: // model deform{{$}}
// CHECK-COUNT-4: nn.gather
// CHECK: nn.matmul {{.*}} : (tensor<2x2x18xf32>, tensor<?x2x18x?xf32>) -> tensor<?x2x2x?xf32>
deform (float[N, 4, H, W] x, float[4, 2, 3, 3] w, float[N, 18, I, J] o) => (float[N, 4, I, J] y) {
  y = DeformConv <group = 2> (x, w, o)
}

// -----

// CHECK-LABEL: // model offsets{{$}}
// CHECK: error: OPTC-E{{.*}}/deform{{.*}}size 1 of the offsets must be 18, it is 9
// CHECK-NEXT: // exit code 3
offsets (float[N, 4, H, W] x, float[4, 4, 3, 3] w, float[N, 9, I, J] o) => (float[N, 4, I, J] y) {
  ["/deform"] y = DeformConv(x, w, o)
}
