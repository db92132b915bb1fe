// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// CHECK-LABEL: // model det{{$}}
// CHECK: run.require %{{.*}}, "node '/det': size 1 of the operand and size 2 of the operand must be equal, they are {0} and {1}"
// CHECK: %[[x:.*]] = nn.reshape {{.*}} -> tensor<?x?x?xf64>
// CHECK: %[[y:.*]]:2 = scf.for {{.*}} iter_args(%{{.*}} = %[[x]]
// CHECK-COUNT-5: scf.for
// CHECK: nn.cast %{{.*}} : tensor<?xf64> -> tensor<?xf32>
det (float[B, N, M] x) => (float[B] y) {
  ["/det"] y = Det(x)
}
