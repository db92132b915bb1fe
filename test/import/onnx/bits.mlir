// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// CHECK-LABEL: // model bit_cast{{$}}
// CHECK: linalg.generic
// CHECK: %[[bits:.*]] = arith.bitcast %{{.*}} : f32 to i32
// CHECK: nn.cast %{{.*}} : tensor<?xi32> -> tensor<?xui32>
<ir_version: 10, opset_import: ["" : 26]>
bit_cast (float[N] x) => (uint32[N] y) {
  y = BitCast <to = 12> (x)
}

// -----

// CHECK-LABEL: // model widths{{$}}
// CHECK: error: {{.*}}/bits
<ir_version: 10, opset_import: ["" : 26]>
widths (float[N] x) => (int64[N] y) {
  ["/bits"] y = BitCast <to = 7> (x)
}
