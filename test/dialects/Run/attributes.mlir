// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK: module attributes {run.weights = #run.weights<values = [dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>, dense<[3, 4, 5]> : tensor<3xi8>], offsets = [0, 64]>}
module attributes {run.weights = #run.weights<
    values = [dense<[1.0, 2.0]> : tensor<2xf32>, dense<[3, 4, 5]> : tensor<3xi8>], offsets = [0, 64]>} {

  // CHECK: func.func @imported() attributes {run.entry = #run.entry}
  func.func @imported() attributes {run.entry = #run.entry} { return }

  // CHECK: func.func @placed(%{{.*}}: memref<4xf32>, %{{.*}}: memref<?xi8> {run.image}) attributes {run.entry = #run.entry<inputs = 1, outputs = 2, sizes = @sizes, lifetimes = [0, 3, 2, 2], work = @work, kernels = 2, uncounted = 1, names = ["a", "b"], families = ["conv 1x1", "copy"]>}
  func.func @placed(%x: memref<4xf32>, %w: memref<?xi8> {run.image}) attributes {run.entry = #run.entry<
      inputs = 1, outputs = 2, sizes = @sizes, lifetimes = [0, 3, 2, 2], work = @work, kernels = 2,
      uncounted = 1, names = ["a", "b"], families = ["conv 1x1", "copy"]>} {
    return
  }
  func.func @sizes(%x: memref<4xf32>, %sizes: memref<?xi64>) { return }
  func.func @work(%x: memref<4xf32>, %counts: memref<?xf64>) { return }

  // CHECK: func.func private @k() attributes {run.kernel}
  func.func private @k() attributes {run.kernel}
  // CHECK: func.func private @l(index, index) attributes {run.parallel_body = @k}
  func.func private @l(index, index) attributes {run.parallel_body = @k}

  // CHECK-LABEL: func.func @joined
  func.func @joined(%n: index) {
    // CHECK: run.parallel {{.*}} attributes {run.work = #run.work<counts = [9.000000e+00, 1.000000e+00, 6.400000e+01], family = "conv 3x3 + pool">}
    run.parallel (%lo, %hi) in %n cost %n attributes {
        run.work = #run.work<counts = [9.0, 1.0, 64.0], family = "conv 3x3 + pool">} {
    }
    return
  }
}
