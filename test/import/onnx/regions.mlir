// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Two samples per bin are four weighted rows and columns; all regions are one op.

// CHECK-LABEL: // model align{{$}}
// CHECK: run.require %{{.*}}, "node '/roi': size 2 of the image must not be 0"
// CHECK: %[[x:.*]] = nn.transpose %arg0 [0, 2, 3, 1]
// CHECK: run.checked_index %{{.*}}, %{{.*}}, "node '/roi': batch index {0} is out of range for {1} images"
// CHECK: linalg.fill
// CHECK: %[[y:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]{{.*}} ins({{.*}} : tensor<?x2x4xi64>, tensor<?x3x4xi64>, tensor<?x2x4xf32>, tensor<?x3x4xf32>, tensor<?xi64>) outs(%{{.*}} : tensor<?x2x3x?xf32>)
// CHECK: tensor.extract %[[x]]
// CHECK: arith.addf
// CHECK: %[[mean:.*]] = nn.binary div %[[y]], %{{.*}}
// CHECK: nn.transpose %[[mean]] [0, 3, 1, 2]
align (float[N, C, H, W] x, float[R, 4] r, int64[R] i) => (float[R, C, 2, 3] y) {
  ["/roi"] y = RoiAlign <output_height = 2, output_width = 3, sampling_ratio = 2> (x, r, i)
}

// -----

// The number of samples is that of the region: a loop over them.

// CHECK-LABEL: // model adaptive{{$}}
// CHECK: run.require %{{.*}}, "node '/roi': a region is not a number or too large to be sampled"
// CHECK: scf.for
// CHECK: %[[rows:.*]] = tensor.extract_slice {{.*}} to tensor<2x?xi64>
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]
// CHECK: arith.maximumf
// CHECK: tensor.insert_slice
adaptive (float[N, C, H, W] x, float[R, 4] r, int64[R] i) => (float[R, C, 2, 3] y) {
  ["/roi"] y = RoiAlign <mode = "max", output_height = 2, output_width = 3> (x, r, i)
}

// -----

// CHECK-LABEL: // model pool{{$}}
// CHECK: scf.for
// CHECK: linalg.generic
// CHECK: arith.maximumf
// CHECK: nn.select
pool (float[N, C, H, W] x, float[R, 5] r) => (float[R, C, 2, 3] y) {
  y = MaxRoiPool <pooled_shape = [2, 3]> (x, r)
}

// -----

// CHECK-LABEL: // model columns{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /roi{{.*}} Dimension mismatch in unification between 4 and 5
// CHECK-NEXT: // exit code 3
columns (float[N, C, H, W] x, float[R, 4] r) => (float[R, C, 2, 3] y) {
  ["/roi"] y = MaxRoiPool <pooled_shape = [2, 3]> (x, r)
}
