// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Models of any opset are lifted to the newest one first.

// Attributes that became operands.
// CHECK-LABEL: // model squeeze_7{{$}}
// CHECK: nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<?x3xf32>
<ir_version: 4, opset_import: ["": 7]>
squeeze_7 (float[N, 1, 3] x) => (float[N, 3] y) {
  y = Squeeze <axes = [1]> (x)
}

// -----

// Softmax of opset 11 is over all dimensions from the axis.
// CHECK-LABEL: // model softmax_11{{$}}
// CHECK: %[[flat:.*]] = nn.reshape %arg0, {{.*}} -> tensor<2x12xf32>
// CHECK: %[[y:.*]] = nn.softmax %[[flat]] {axis = 1 : i64}
// CHECK: nn.reshape %[[y]], {{.*}} -> tensor<2x3x4xf32>
<ir_version: 6, opset_import: ["": 11]>
softmax_11 (float[2, 3, 4] x) => (float[2, 3, 4] y) {
  y = Softmax <axis = 1> (x)
}

// -----

// CHECK-LABEL: // model refused{{$}}
// CHECK: error: OPTC-E1041: ReduceLogSumExp node '/lse' cannot be lifted from opset 27 to 28: {{.*}}
// CHECK-NEXT: // exit code 3
<ir_version: 10, opset_import: ["": 24]>
refused (int32[N, 3] x) => (int32[N, 1] y) <int64[1] a = {1}> {
  ["/lse"] y = ReduceLogSumExp(x, a)
}

// -----

// CHECK-LABEL: // model newer{{$}}
// CHECK: error: OPTC-E1003: {{.*}}
// CHECK-NEXT: // exit code 3
<ir_version: 10, opset_import: ["": 999]>
newer (float[N] x) => (float[N] y) {
  y = Neg(x)
}
