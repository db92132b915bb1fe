// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// CHECK-LABEL: // model unpool{{$}}
// CHECK: nn.scatter_elements %{{.*}}, %{{.*}}, %{{.*}} {axis = 0 : i64} : (tensor<128xf32>, tensor<32xi64>, tensor<32xf32>)
// CHECK: nn.reshape {{.*}} -> tensor<1x2x8x8xf32>
unpool (float[1, 2, 4, 4] x, int64[1, 2, 4, 4] i) => (float[1, 2, 8, 8] y) {
  y = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (x, i)
}

// -----

// CHECK-LABEL: // model padded{{$}}
// CHECK: nn.scatter_elements
// CHECK: nn.pad constant
padded (float[N, C, H, W] x, int64[N, C, H, W] i, int64[4] s) => (float[A, B, D, E] y) {
  y = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (x, i, s)
}

// -----

// CHECK-LABEL: // model blocks{{$}}
// CHECK: nn.scatter_nd {{.*}} {reduction = #nn<reduce_kind sum>} : (tensor<25x?x2xf32>
// CHECK: return %{{.*}} : tensor<?x2x5x5xf32>
blocks (float[N, 18, 9] x) => (float[N, 2, 5, 5] y) <int64[2] image = {5, 5}, int64[2] block = {3, 3}> {
  y = Col2Im(x, image, block)
}

// -----

// CHECK-LABEL: // model ranks{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /unpool{{.*}} kernel_shape has incorrect size
ranks (float[1, 2, 4, 4] x, int64[1, 2, 4, 4] i) => (float[A, B, C, D] y) {
  ["/unpool"] y = MaxUnpool <kernel_shape = [2]> (x, i)
}
