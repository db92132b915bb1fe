// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// What is composed of several ops and adds more than two values does it in f32.

// CHECK-LABEL: // model mean{{$}}
// CHECK: %[[a:.*]] = nn.cast %arg0 : tensor<?xf16> -> tensor<?xf32>
// CHECK: %[[b:.*]] = nn.cast %arg1 : tensor<?xf16> -> tensor<?xf32>
// CHECK: %[[s:.*]] = nn.binary add %[[a]], %[[b]]
// CHECK: %[[m:.*]] = nn.binary div %[[s]]
// CHECK: nn.cast %[[m]] : tensor<?xf32> -> tensor<?xf16>
mean (float16[N] x, float16[N] y) => (float16[N] z) {
  z = Mean(x, y)
}

// -----

// CHECK-LABEL: // model pool{{$}}
// CHECK: nn.cast %arg0 : tensor<1x1x8xbf16> -> tensor<1x1x8xf32>
// CHECK: nn.pool average {{.*}}f32>
// CHECK: nn.cast {{.*}} -> tensor<1x1x6xbf16>
pool (bfloat16[1, 1, 8] x) => (bfloat16[1, 1, 6] y) {
  y = AveragePool<kernel_shape = [3]>(x)
}

// -----

// What has its own sum of nn keeps its type.
// CHECK-LABEL: // model product{{$}}
// CHECK-NOT: nn.cast
// CHECK: nn.matmul %arg0, %arg1
product (float16[2, 3] x, float16[3, 4] y) => (float16[2, 4] z) {
  z = MatMul(x, y)
}
