// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Resize goes one axis after another: repeats, gathers, or weighted sums of gathers.

// CHECK-LABEL: // model nearest_by_integers{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg0, %{{.*}} {allowZero} : {{.*}} -> tensor<?x3x?x1x?xf32>
// CHECK: %[[b:.*]] = nn.expand %[[a]], %{{.*}} : {{.*}} -> tensor<?x3x?x2x?xf32>
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x3x?x?xf32>
// CHECK: return %[[c]]
nearest_by_integers (float[N, 3, H, W] x) => (float[N, 3, P, W] y) <float[4] s = {1.0, 1.0, 2.0, 1.0}> {
  y = Resize <coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, , s)
}

// -----

// Position p reads from (p + 0.5) / scale - 0.5, between its two neighbours.
// CHECK-LABEL: // model linear_by_sizes{{$}}
// CHECK: %[[scale:.*]] = nn.binary div
// CHECK: %[[range:.*]] = nn.range
// CHECK: %[[positions:.*]] = nn.cast %[[range]] : {{.*}} -> tensor<?xf32>
// CHECK: %[[half:.*]] = nn.constant dense<5.000000e-01>
// CHECK: %[[middle:.*]] = nn.binary add %[[positions]], %[[half]]
// CHECK: %[[scaled:.*]] = nn.binary div %[[middle]], %[[scale]]
// CHECK: %[[source:.*]] = nn.binary sub %[[scaled]], %[[half]]
// CHECK: %[[floor:.*]] = nn.unary floor %[[source]]
// CHECK: %[[share:.*]] = nn.binary sub %[[source]], %[[floor]]
// CHECK: %[[left:.*]] = nn.gather %arg0, %{{.*}} {axis = 2 : i64}
// CHECK: %[[x:.*]] = nn.binary mul %[[left]]
// CHECK: %[[right:.*]] = nn.gather %arg0, %{{.*}} {axis = 2 : i64}
// CHECK: %[[weight:.*]] = nn.reshape %[[share]]
// CHECK: %[[y:.*]] = nn.binary mul %[[right]], %[[weight]]
// CHECK: %[[sum:.*]] = nn.binary add %[[x]], %[[y]]
// CHECK: return %[[sum]]
linear_by_sizes (float[N, 3, H] x, int64[1] s) => (float[N, 3, P] y) {
  y = Resize <mode = "linear", axes = [2]> (x, , , s)
}

// -----

// CHECK-LABEL: // model crop{{$}}
// CHECK: %[[below:.*]] = nn.compare lt
// CHECK: %[[above:.*]] = nn.compare gt
// CHECK: %[[either:.*]] = nn.binary or %[[below]], %[[above]]
// CHECK: %[[outside:.*]] = nn.reshape %[[either]]
// CHECK: %[[sum:.*]] = nn.binary add {{.*}} -> tensor<1x1x3x4xf32>
// CHECK: %[[value:.*]] = nn.constant dense<9.000000e+00> : tensor<f32>
// CHECK: %[[result:.*]] = nn.select %[[outside]], %[[value]], %[[sum]]
// CHECK: return %[[result]]
crop (float[1, 1, 4, 4] x) => (float[1, 1, 3, 4] y) <float[2] roi = {0.1, 0.9}, int64[1] s = {3}> {
  y = Resize <mode = "linear", axes = [2], extrapolation_value = 9.0,
              coordinate_transformation_mode = "tf_crop_and_resize"> (x, roi, , s)
}

// -----

// Four neighbours, in f32, clamped to the type at the end.
// CHECK-LABEL: // model cubic_of_bytes{{$}}
// CHECK: %[[x:.*]] = nn.cast %arg0 : {{.*}} -> tensor<1x8xf32>
// CHECK-COUNT-4: nn.gather %[[x]], %{{.*}} {axis = 1 : i64} : {{.*}} -> tensor<1x4xf32>
// CHECK-NOT: nn.gather
// CHECK: nn.binary max
// CHECK: nn.binary min
// CHECK: nn.cast {{.*}} -> tensor<1x4xui8>
cubic_of_bytes (uint8[1, 8] x) => (uint8[1, 4] y) <float[2] s = {1.0, 0.5}> {
  y = Resize <mode = "cubic"> (x, , s)
}

// -----

// One factor for both axes: the smaller one.
// CHECK-LABEL: // model keep_ratio{{$}}
// CHECK: %[[h:.*]] = nn.binary div
// CHECK: %[[w:.*]] = nn.binary div
// CHECK: nn.binary min {{.*}} : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
// CHECK: nn.gather %arg0
keep_ratio (float[1, 1, H, W] x) => (float[1, 1, P, Q] y) <int64[2] s = {7, 8}> {
  y = Resize <axes = [2, 3], keep_aspect_ratio_policy = "not_larger"> (x, , , s)
}

// -----

// CHECK-LABEL: // model crop_without_roi{{$}}
// CHECK: error: OPTC-E2002: node '/resize' (Resize): tf_crop_and_resize needs the operand roi
// CHECK-NEXT: // exit code 3
crop_without_roi (float[1, 1, 4, 4] x) => (float[1, 1, 3, 4] y) <int64[1] s = {3}> {
  ["/resize"] y = Resize <axes = [2], coordinate_transformation_mode = "tf_crop_and_resize"> (x, , , s)
}

// -----

// CHECK-LABEL: // model scale_count{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /resize)
// CHECK-NEXT: // exit code 3
scale_count (float[1, 1, H, W] x) => (float[1, 1, P, Q] y) <float[3] s = {1.0, 2.0, 2.0}> {
  ["/resize"] y = Resize(x, , s)
}
