// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// One product with a matrix of cosines and sines.

// CHECK-LABEL: // model half{{$}}
// CHECK: %[[x:.*]] = nn.reshape %{{.*}} -> tensor<?x8xf32>
// CHECK: nn.matmul %[[x]], %{{.*}} : (tensor<?x8xf32>, tensor<8x10xf32>) -> tensor<?x10xf32>
// CHECK-NOT: nn.matmul
// CHECK: return %{{.*}} : tensor<?x5x2xf32>
half (float[B, 8, 1] x) => (float[B, 5, 2] y) {
  y = DFT <onesided = 1> (x)
}

// -----

// 2048 = 64 * 32.

// CHECK-LABEL: // model split{{$}}
// CHECK: nn.matmul {{.*}} : (tensor<?x128xf32>, tensor<128x128xf32>)
// CHECK: nn.transpose {{.*}} [0, 2, 1, 3]
// CHECK: nn.matmul {{.*}} : (tensor<?x64xf32>, tensor<64x64xf32>)
// CHECK: return %{{.*}} : tensor<?x2048x2xf32>
split (float[B, 2048, 2] x) => (float[B, 2048, 2] y) {
  y = DFT <inverse = 1> (x)
}

// -----

// 5003 is a prime: transforms of 16384 = 64 * 64 * 4 numbers.

// CHECK-LABEL: // model prime{{$}}
// CHECK: nn.pad
// CHECK: nn.matmul {{.*}} : (tensor<?x128xf32>, tensor<128x128xf32>)
// CHECK: nn.matmul {{.*}} : (tensor<?x8xf32>, tensor<8x8xf32>)
// CHECK: return %{{.*}} : tensor<?x5003x2xf32>
prime (float[B, 5003, 2] x) => (float[B, 5003, 2] y) {
  y = DFT(x)
}

// -----

// The matrix of a length that the run knows is made then.

// CHECK-LABEL: // model dynamic{{$}}
// CHECK: nn.unary cos
// CHECK: nn.unary sin
// CHECK: nn.binary mod
// CHECK: nn.matmul
dynamic (float[B, N, 2] x) => (float[B, N, 2] y) {
  y = DFT(x)
}

// -----

// CHECK-LABEL: // model frames{{$}}
// CHECK: run.require %{{.*}}, "node '/stft': the signal is shorter than a frame"
// CHECK: nn.gather {{.*}} -> tensor<?x?x64x1xf32>
// CHECK: nn.matmul {{.*}} : (tensor<?x64xf32>, tensor<64x66xf32>)
// CHECK: return %{{.*}} : tensor<?x?x33x2xf32>
frames (float[B, N, 1] x) => (float[B, F, 33, 2] y) <int64 s = {16}, int64 n = {64}> {
  ["/stft"] y = STFT(x, s, "", n)
}

// -----

// CHECK-LABEL: // model mel{{$}}
// CHECK: nn.unary log
// CHECK: nn.unary floor
// CHECK: return %{{.*}} : tensor<?x?xf32>
mel (int64 a, int64 b, int64 c, float d, float e) => (float[I, J] y) {
  y = MelWeightMatrix(a, b, c, d, e)
}

// -----

// CHECK-LABEL: // model axis{{$}}
// CHECK: error: OPTC-E{{.*}}axis
axis (float[B, 8, 1] x) => (float[B, 5, 2] y) <int64 a = {2}> {
  ["/dft"] y = DFT(x, "", a)
}
