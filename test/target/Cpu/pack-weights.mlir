// RUN: optc-opt %s --cpu-pack-weights | FileCheck %s
// RUN: optc-opt %s --cpu-pack-weights=all-filters=0 | FileCheck %s --check-prefix=CONST

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]

// CHECK-LABEL: @constant_rhs
// CHECK: %[[P:.*]] = kernel.pack nk %{{.*}} into %{{.*}} {layout = #kernel.panels<16>} : (tensor<96x8xf32>, tensor<768xf32>) -> tensor<768xf32>
// CHECK: kernel.matmul %{{.*}}, %[[P]] into %{{.*}} {layout = #kernel.panels<16>, maps = [{{.*}}, #[[KN:.*]], {{.*}}]}
func.func @constant_rhs(%a: tensor<?x8xf32>, %i: tensor<?x96xf32>) -> tensor<?x96xf32> {
  %w = arith.constant dense<1.0> : tensor<96x8xf32>
  %0 = kernel.matmul %a, %w into %i {maps = #maps} : (tensor<?x8xf32>, tensor<96x8xf32>, tensor<?x96xf32>) -> tensor<?x96xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x96xf32>
}

// Deep sums take wide panels.
// CHECK-LABEL: @deep
// CHECK: kernel.matmul {{.*}} {layout = #kernel.panels<48>
func.func @deep(%a: tensor<?x384xf32>, %i: tensor<?x96xf32>) -> tensor<?x96xf32> {
  %w = arith.constant dense<1.0> : tensor<96x384xf32>
  %0 = kernel.matmul %a, %w into %i {maps = #maps} : (tensor<?x384xf32>, tensor<96x384xf32>, tensor<?x96xf32>) -> tensor<?x96xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x96xf32>
}

// CHECK-LABEL: @variable_rhs
// CHECK-NOT: kernel.pack
// CHECK: return
func.func @variable_rhs(%a: tensor<?x8xf32>, %w: tensor<96x8xf32>, %i: tensor<?x96xf32>) -> tensor<?x96xf32> {
  %0 = kernel.matmul %a, %w into %i {maps = #maps} : (tensor<?x8xf32>, tensor<96x8xf32>, tensor<?x96xf32>) -> tensor<?x96xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x96xf32>
}

// CHECK-LABEL: @filters
// CHECK: kernel.pack filter %{{.*}} {groups = 2 : i64, layout = #kernel.panels<16>}
// CHECK: kernel.conv {{.*}} layout = #kernel.panels<16>
// CHECK: kernel.pack filter %{{.*}} {groups = 10 : i64, layout = #kernel.taps}
// CHECK: kernel.conv {{.*}} layout = #kernel.taps
// CONST-LABEL: @filters
// CONST-NOT: kernel.pack
// CONST: return
func.func @filters(%x: tensor<1x9x10xf32>, %w: tensor<40x5x3xf32>, %d: tensor<10x1x3xf32>, %i: tensor<1x7x40xf32>,
    %j: tensor<1x7x10xf32>) -> (tensor<1x7x40xf32>, tensor<1x7x10xf32>) {
  %0 = kernel.conv %x, %w into %i {window = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>, groups = 2}
      : (tensor<1x9x10xf32>, tensor<40x5x3xf32>, tensor<1x7x40xf32>) -> tensor<1x7x40xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  %1 = kernel.conv %x, %d into %j {window = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>, groups = 10}
      : (tensor<1x9x10xf32>, tensor<10x1x3xf32>, tensor<1x7x10xf32>) -> tensor<1x7x10xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0, %1 : tensor<1x7x40xf32>, tensor<1x7x10xf32>
}

// A matrix per group and phase.
// CHECK-LABEL: @phases
// CHECK: kernel.pack filter %{{.*}} {groups = 8 : i64, layout = #kernel.panels<16>} : (tensor<192x5x1x1xf32>, tensor<960xf32>)
func.func @phases(%x: tensor<1x9x7x10xf32>, %w: tensor<192x5x1x1xf32>, %i: tensor<1x18x14x48xf32>) -> tensor<1x18x14x48xf32> {
  %0 = kernel.conv %x, %w into %i {window = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2,
      phases = array<i64: 2, 2>} : (tensor<1x9x7x10xf32>, tensor<192x5x1x1xf32>, tensor<1x18x14x48xf32>) -> tensor<1x18x14x48xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<1x18x14x48xf32>
}

// Pairs of a depthwise filter are made when it is used.
// CHECK-LABEL: @narrow_depthwise
// CHECK: kernel.pack filter %{{.*}} {groups = 10 : i64, layout = #kernel.taps} : (tensor<10x1x3xbf16>, tensor<30xbf16>) -> tensor<30xbf16>
// CHECK: kernel.conv {{.*}} layout = #kernel.taps
func.func @narrow_depthwise(%x: tensor<1x9x10xbf16>, %i: tensor<1x7x10xf32>) -> tensor<1x7x10xf32> {
  %d = arith.constant dense<1.5> : tensor<10x1x3xbf16>
  %r = kernel.conv %x, %d into %i {window = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>, groups = 10}
      : (tensor<1x9x10xbf16>, tensor<10x1x3xbf16>, tensor<1x7x10xf32>) -> tensor<1x7x10xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<1x7x10xf32>
}

// Of a weight that alone is narrow no numbers stand side by side: each is widened as it is loaded.
// CHECK-LABEL: @narrow_weight
// CHECK: kernel.pack nk %{{.*}} into %{{.*}} {layout = #kernel.panels<16>} : (tensor<96x8xf16>, tensor<768xf16>) -> tensor<768xf16>
func.func @narrow_weight(%a: tensor<?x8xf32>, %i: tensor<?x96xf32>) -> tensor<?x96xf32> {
  %w = arith.constant dense<1.0> : tensor<96x8xf16>
  %0 = kernel.matmul %a, %w into %i {maps = #maps} : (tensor<?x8xf32>, tensor<96x8xf16>, tensor<?x96xf32>) -> tensor<?x96xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x96xf32>
}
