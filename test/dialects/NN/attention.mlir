// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @plain
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} {scale = 5.000000e-01 : f64}
func.func @plain(%q: tensor<2x4x?x8xf32>, %k: tensor<2x4x?x8xf32>, %v: tensor<2x4x?x6xf32>) -> tensor<2x4x?x6xf32> {
  %y = nn.attention %q, %k, %v {scale = 0.5 : f64}
    : (tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x6xf32>) -> tensor<2x4x?x6xf32>
  return %y : tensor<2x4x?x6xf32>
}

// CHECK-LABEL: @grouped_causal
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} mask %{{.*}} offset %{{.*}} lengths %{{.*}} {after = 0 : i64, before = 9 : i64, fill = -1.000000e+04 : f64, guarded, scale = 1.250000e-01 : f64, softcap = 3.000000e+01 : f64}
func.func @grouped_causal(%q: tensor<?x9x?x64xf32>, %k: tensor<?x3x?x64xf32>, %v: tensor<?x3x?x64xf32>,
    %m: tensor<?x1x1x?xi1>, %p: tensor<1xi64>, %l: tensor<?xi64>) -> tensor<?x9x?x64xf32> {
  %y = nn.attention %q, %k, %v mask %m offset %p lengths %l {after = 0 : i64, before = 9 : i64,
      fill = -1.0e4 : f64, guarded, scale = 0.125 : f64, softcap = 30.0 : f64}
    : (tensor<?x9x?x64xf32>, tensor<?x3x?x64xf32>, tensor<?x3x?x64xf32>, tensor<?x1x1x?xi1>,
       tensor<1xi64>, tensor<?xi64>) -> tensor<?x9x?x64xf32>
  return %y : tensor<?x9x?x64xf32>
}

// CHECK-LABEL: @rope
// CHECK: nn.rope %{{.*}}, %{{.*}}, %{{.*}} :
// CHECK: nn.rope %{{.*}}, %{{.*}}, %{{.*}} {interleaved} :
func.func @rope(%x: tensor<?x9x?x64xf32>, %c: tensor<?x1x?x32xf32>, %s: tensor<?x1x?x32xf32>) -> tensor<?x9x?x64xf32> {
  %y = nn.rope %x, %c, %s
    : (tensor<?x9x?x64xf32>, tensor<?x1x?x32xf32>, tensor<?x1x?x32xf32>) -> tensor<?x9x?x64xf32>
  %z = nn.rope %y, %c, %s {interleaved}
    : (tensor<?x9x?x64xf32>, tensor<?x1x?x32xf32>, tensor<?x1x?x32xf32>) -> tensor<?x9x?x64xf32>
  return %z : tensor<?x9x?x64xf32>
}
