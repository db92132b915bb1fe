// RUN: optc-opt %s --nn-bound-attention | FileCheck %s

// CHECK-LABEL: @causal_and_padding
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<?x2x?x8xf32> {{.*}}, %[[K:[a-z0-9]+]]: tensor<?x2x?x8xf32> {{.*}}, %[[M:[a-z0-9]+]]: tensor<?x1x1x?xi1> {{.*}}, %[[P:[a-z0-9]+]]: tensor<i64>, %
// CHECK: %[[O:.*]] = nn.reshape %[[P]]
// CHECK: nn.attention %[[Q]], %[[K]], %[[K]] mask %[[M]] offset %[[O]] {after = 0 : i64, scale = 1.000000e+00 : f64}
func.func @causal_and_padding(%q: tensor<?x2x?x8xf32> {nn.dims = ["b", "", "s", ""]}, %k: tensor<?x2x?x8xf32> {nn.dims = ["b", "", "t", ""]},
                              %m: tensor<?x1x1x?xi1> {nn.dims = ["b", "", "", "t"]}, %p: tensor<i64>, %t: tensor<i64>) -> tensor<?x2x?x8xf32> {
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %shape = nn.constant dense<[-1, 1]> : tensor<2xi64>
  %keys = nn.range %zero, %t, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %places = nn.range %p, %t, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.reshape %places, %shape : (tensor<?xi64>, tensor<2xi64>) -> tensor<?x1xi64>
  %c = nn.compare le %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  %a = nn.binary and %m, %c : (tensor<?x1x1x?xi1>, tensor<?x?xi1>) -> tensor<?x1x?x?xi1>
  %y = nn.attention %q, %k, %k mask %a {scale = 1.0 : f64}
    : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x1x?x?xi1>) -> tensor<?x2x?x8xf32>
  return %y : tensor<?x2x?x8xf32>
}

// Only the bound is left; the comparison may be written the other way round.
// CHECK-LABEL: @causal_only
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} offset %{{.*}} {after = 0 : i64, guarded, scale = 1.000000e+00 : f64}
func.func @causal_only(%q: tensor<1x2x5x8xf32>) -> tensor<1x2x5x8xf32> {
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %five = nn.constant dense<5> : tensor<i64>
  %shape = nn.constant dense<[1, 1, 5, 1]> : tensor<4xi64>
  %keys = nn.range %zero, %five, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<5xi64>
  %queries = nn.reshape %keys, %shape : (tensor<5xi64>, tensor<4xi64>) -> tensor<1x1x5x1xi64>
  %c = nn.compare ge %queries, %keys : (tensor<1x1x5x1xi64>, tensor<5xi64>) -> tensor<1x1x5x5xi1>
  %y = nn.attention %q, %q, %q mask %c {scale = 1.0 : f64, guarded}
    : (tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x1x5x5xi1>) -> tensor<1x2x5x8xf32>
  return %y : tensor<1x2x5x8xf32>
}

// Added as the lowest number: chosen, and as every query keeps its own place, bounded.
// CHECK-LABEL: @added
// CHECK: %[[R:.*]] = nn.binary or
// CHECK: nn.attention {{.*}} mask %[[R]] offset %{{.*}} {after = 0 : i64, fill = {{.*}}E+37 : f64, scale = 1.000000e+00 : f64}
func.func @added(%q: tensor<1x2x5x8xf32>, %m: tensor<1x1x1x5xi1>) -> tensor<1x2x5x8xf32> {
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %five = nn.constant dense<5> : tensor<i64>
  %shape = nn.constant dense<[5, 1]> : tensor<2xi64>
  %kept = nn.constant dense<0.0> : tensor<f32>
  %excluded = nn.constant dense<-1.0e38> : tensor<f32>
  %keys = nn.range %zero, %five, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<5xi64>
  %queries = nn.reshape %keys, %shape : (tensor<5xi64>, tensor<2xi64>) -> tensor<5x1xi64>
  %own = nn.compare eq %keys, %queries : (tensor<5xi64>, tensor<5x1xi64>) -> tensor<5x5xi1>
  %rest = nn.binary or %m, %own : (tensor<1x1x1x5xi1>, tensor<5x5xi1>) -> tensor<1x1x5x5xi1>
  %c = nn.compare le %keys, %queries : (tensor<5xi64>, tensor<5x1xi64>) -> tensor<5x5xi1>
  %a = nn.binary and %rest, %c : (tensor<1x1x5x5xi1>, tensor<5x5xi1>) -> tensor<1x1x5x5xi1>
  %s = nn.select %a, %kept, %excluded : (tensor<1x1x5x5xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x5x5xf32>
  %y = nn.attention %q, %q, %q mask %s {scale = 1.0 : f64}
    : (tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x1x5x5xf32>) -> tensor<1x2x5x8xf32>
  return %y : tensor<1x2x5x8xf32>
}

// A row may lose all its keys to %m and then has the mean of all values: the mask stays. So
// does one that -10000 is added by, which scores may outweigh.
// CHECK-LABEL: @left_alone
// CHECK: nn.attention {{.*}} mask %{{.*}} {fill = {{.*}}E+37 : f64, scale = 1.000000e+00 : f64} {{.*}}xi1>)
// CHECK: nn.attention {{.*}} mask %{{.*}} {scale = 1.000000e+00 : f64} {{.*}}xf32>)
// CHECK-NOT: after
func.func @left_alone(%q: tensor<1x2x5x8xf32>, %m: tensor<1x1x1x5xi1>) -> tensor<1x2x5x8xf32> {
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %five = nn.constant dense<5> : tensor<i64>
  %shape = nn.constant dense<[5, 1]> : tensor<2xi64>
  %kept = nn.constant dense<0.0> : tensor<f32>
  %excluded = nn.constant dense<-1.0e38> : tensor<f32>
  %less = nn.constant dense<-1.0e4> : tensor<f32>
  %keys = nn.range %zero, %five, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<5xi64>
  %queries = nn.reshape %keys, %shape : (tensor<5xi64>, tensor<2xi64>) -> tensor<5x1xi64>
  %c = nn.compare le %keys, %queries : (tensor<5xi64>, tensor<5x1xi64>) -> tensor<5x5xi1>
  %a = nn.binary and %m, %c : (tensor<1x1x1x5xi1>, tensor<5x5xi1>) -> tensor<1x1x5x5xi1>
  %s = nn.select %a, %kept, %excluded : (tensor<1x1x5x5xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x5x5xf32>
  %y = nn.attention %q, %q, %q mask %s {scale = 1.0 : f64}
    : (tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x1x5x5xf32>) -> tensor<1x2x5x8xf32>
  %u = nn.select %a, %kept, %less : (tensor<1x1x5x5xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x5x5xf32>
  %z = nn.attention %y, %q, %q mask %u {scale = 1.0 : f64}
    : (tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x1x5x5xf32>) -> tensor<1x2x5x8xf32>
  return %z : tensor<1x2x5x8xf32>
}

// An offset without a bound does not count, so that one may be put in its place.
// CHECK-LABEL: @offset_without_bound
// CHECK: %[[P:.*]] = nn.constant dense<0> : tensor<1xi64>
// CHECK: nn.attention %arg0, %arg0, %arg0 offset %[[P]] {after = 0 : i64, guarded
func.func @offset_without_bound(%q: tensor<1x2x5x8xf32>, %past: tensor<1xi64>) -> tensor<1x2x5x8xf32> {
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %five = nn.constant dense<5> : tensor<i64>
  %shape = nn.constant dense<[1, 1, 5, 1]> : tensor<4xi64>
  %keys = nn.range %zero, %five, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<5xi64>
  %queries = nn.reshape %keys, %shape : (tensor<5xi64>, tensor<4xi64>) -> tensor<1x1x5x1xi64>
  %c = nn.compare ge %queries, %keys : (tensor<1x1x5x1xi64>, tensor<5xi64>) -> tensor<1x1x5x5xi1>
  %y = nn.attention %q, %q, %q mask %c offset %past {scale = 1.0 : f64, guarded}
    : (tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x1x5x5xi1>, tensor<1xi64>) -> tensor<1x2x5x8xf32>
  return %y : tensor<1x2x5x8xf32>
}
