// RUN: optc-opt %s --nn-raise-norms | FileCheck %s

// CHECK-LABEL: @layer_norm
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>)
// CHECK: %[[N:.*]] = nn.normalize mean_variance %[[X]] [1] {epsilon = 5.000000e-01 : f64}
// CHECK-NEXT: return %[[N]]
func.func @layer_norm(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %n = nn.constant dense<8.0> : tensor<f32>
  %eps = nn.constant dense<0.5> : tensor<f32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %s = nn.reduce sum %x [1] : tensor<?x8xf32> -> tensor<?x1xf32>
  %m = nn.binary div %s, %n : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %d = nn.binary sub %x, %m : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  %q = nn.binary pow %d, %two : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf32>
  %qs = nn.reduce sum %q [1] : tensor<?x8xf32> -> tensor<?x1xf32>
  %v = nn.binary div %qs, %n : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %ve = nn.binary add %v, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = nn.unary sqrt %ve : tensor<?x1xf32> -> tensor<?x1xf32>
  %y = nn.binary div %d, %r : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: @rms_norm
// CHECK: nn.normalize root_mean_square %{{.*}} [1] {epsilon = 5.000000e-01 : f64}
// CHECK-NEXT: return
func.func @rms_norm(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %n = nn.constant dense<8.0> : tensor<f32>
  %eps = nn.constant dense<0.5> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %q = nn.binary mul %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %qs = nn.reduce sum %q [1] : tensor<?x8xf32> -> tensor<?x1xf32>
  %v = nn.binary div %qs, %n : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %ve = nn.binary add %v, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = nn.unary sqrt %ve : tensor<?x1xf32> -> tensor<?x1xf32>
  %i = nn.binary div %one, %r : (tensor<f32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %y = nn.binary mul %x, %i : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Divided by another count than that of the summed elements: no mean.
// CHECK-LABEL: @no_mean
// CHECK-NOT: nn.normalize
func.func @no_mean(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %n = nn.constant dense<7.0> : tensor<f32>
  %q = nn.binary mul %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %qs = nn.reduce sum %q [1] : tensor<?x8xf32> -> tensor<?x1xf32>
  %v = nn.binary div %qs, %n : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = nn.unary sqrt %v : tensor<?x1xf32> -> tensor<?x1xf32>
  %y = nn.binary div %x, %r : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
