// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Only as many ranks are sorted as some class has boxes above the threshold. The innermost loop
// compares a candidate with the boxes that stay, and ends with the first overlap.

// CHECK-LABEL: // model nms{{$}}
// CHECK: %[[in:.*]] = nn.compare gt %arg1, %{{.*}}
// CHECK: %[[keys:.*]] = nn.select %[[in]], %arg1, %{{.*}}
// CHECK: %[[counts:.*]] = nn.reduce sum %{{.*}} [2]
// CHECK: nn.reduce max %[[counts]] [0, 1, 2]
// CHECK: %[[order:.*]] = nn.argsort %[[keys]], %{{.*}} {descending}
// CHECK: %[[boxes:.*]] = nn.concat {{.*}} -> tensor<?x?x5xf32>
// CHECK: %[[marks:.*]]:2 = scf.for
// CHECK: scf.for
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[kept:.*]] = %{{.*}}, %[[count:.*]] = %{{.*}})
// CHECK: tensor.extract %[[order]]
// CHECK: tensor.extract %[[keys]]
// CHECK: scf.while
// CHECK: arith.cmpi ult, %{{.*}}, %[[count]]
// CHECK: tensor.extract %[[kept]]
// CHECK: arith.cmpf ogt
// CHECK: %[[places:.*]] = nn.nonzero %[[marks]]#0 : tensor<?x?x?xi8> -> tensor<3x?xi64>
// CHECK: %[[rows:.*]] = nn.transpose %[[places]] [1, 0]
// CHECK: %[[chosen:.*]] = nn.gather_nd %[[order]], %[[rows]]
// CHECK: return %{{.*}} : tensor<?x3xi64>
nms (float[B, N, 4] b, float[B, C, N] s) => (int64[K, 3] y) <int64[1] m = {9}, float[1] i = {0.5}, float[1] t = {0.1}> {
  y = NonMaxSuppression(b, s, m, i, t)
}

// -----

// Without a threshold a NaN comes last.

// CHECK-LABEL: // model all{{$}}
// CHECK: %[[nan:.*]] = nn.unary is_nan %arg1
// CHECK: nn.select %[[nan]], %{{.*}}, %arg1
all (float[1, 9, 4] b, float[1, 2, 9] s) => (int64[K, 3] y) <int64[1] m = {9}> {
  y = NonMaxSuppression <center_point_box = 1> (b, s, m)
}

// -----

// CHECK-LABEL: // model sizes{{$}}
// CHECK: run.require %{{.*}}, "node '/nms': size 1 of boxes and size 2 of scores must be equal, they are {0} and {1}"
sizes (float[B, M, 4] b, float[B, C, N] s) => (int64[K, 3] y) {
  ["/nms"] y = NonMaxSuppression(b, s)
}

// -----

// CHECK-LABEL: // model overlap{{$}}
// CHECK: error: OPTC-E2002: node '/nms' (NonMaxSuppression): its iou_threshold is 1.5{{0*}}, it must be between 0 and 1
// CHECK-NEXT: // exit code 3
overlap (float[1, 9, 4] b, float[1, 2, 9] s) => (int64[K, 3] y) <int64[1] m = {9}, float[1] i = {1.5}> {
  ["/nms"] y = NonMaxSuppression(b, s, m, i)
}
