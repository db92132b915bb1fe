// RUN: optc-opt %s --cpu-simplify-epilogues | FileCheck %s

#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// x * clip(x + 3, 0, 6) / 6 * 2 + 1: the gate takes the factor 1/3.
// CHECK-LABEL: @hard_swish
// CHECK: ^bb0(%[[X:.*]]: f32):
// CHECK: %[[THIRD:.*]] = arith.constant 0.333333343 : f32
// CHECK: %[[S:.*]] = arith.mulf %[[X]], %[[THIRD]]
// CHECK: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK: %[[A:.*]] = arith.addf %[[S]], %[[ONE]]
// CHECK: %[[L:.*]] = arith.maximumf %[[A]]
// CHECK: %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK: %[[C:.*]] = arith.minimumf %[[L]], %[[TWO]]
// CHECK: %[[P:.*]] = arith.mulf %[[X]], %[[C]]
// CHECK-NOT: arith.mulf
// CHECK: %[[R:.*]] = arith.addf %[[P]]
// CHECK-NEXT: kernel.yield %[[R]]
func.func @hard_swish(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  %six = arith.constant 6.0 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %0 = arith.addf %x, %three : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.minimumf %1, %six : f32
    %3 = arith.mulf %x, %2 : f32
    %4 = arith.divf %3, %six : f32
    %5 = arith.mulf %4, %two : f32
    %6 = arith.addf %5, %one : f32
    kernel.yield %6 : f32
  }
  return %r : tensor<4x6xf32>
}

// A gate that is read elsewhere, and a negative factor, at which its bounds would change places.
// CHECK-LABEL: @gates
// CHECK: arith.addf %{{.*}}, %[[THREE:.*]] : f32
// CHECK: arith.mulf
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: kernel.yield
// CHECK: arith.addf %{{.*}}, %[[THREE]] : f32
// CHECK: arith.mulf
// CHECK: arith.mulf
// CHECK: kernel.yield
func.func @gates(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %minus = arith.constant -2.0 : f32
  %three = arith.constant 3.0 : f32
  %six = arith.constant 6.0 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %0 = arith.addf %x, %three : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.minimumf %1, %six : f32
    %3 = arith.mulf %x, %2 : f32
    %4 = arith.mulf %3, %two : f32
    %5 = arith.addf %4, %2 : f32
    kernel.yield %5 : f32
  }
  %s = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %0 = arith.addf %x, %three : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.minimumf %1, %six : f32
    %3 = arith.mulf %x, %2 : f32
    %4 = arith.mulf %3, %minus : f32
    kernel.yield %4 : f32
  }
  return %r, %s : tensor<4x6xf32>, tensor<4x6xf32>
}

// Behind steps, or with an inverse that is no normal number, divisions stay.
// CHECK-LABEL: @stays
// CHECK: arith.divf %{{.*}}, %cst
// CHECK: math.floor
// CHECK: arith.divf
func.func @stays(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %many = arith.constant 41.0 : f32
  %huge = arith.constant 2.0e+38 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %0 = arith.divf %x, %many : f32
    %1 = math.floor %0 : f32
    kernel.yield %1 : f32
  }
  %s = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %0 = arith.divf %x, %huge : f32
    kernel.yield %0 : f32
  }
  return %r, %s : tensor<4x6xf32>, tensor<4x6xf32>
}

// The power of two is bounded, so that an estimate of the inverse has a finite number to start from.
// CHECK-LABEL: @silu
// CHECK: ^bb0(%[[X:.*]]: f32):
// CHECK: %[[F:.*]] = arith.constant -1.44269502 : f32
// CHECK: %[[S:.*]] = arith.mulf %[[X]], %[[F]]
// CHECK: %[[MOST:.*]] = arith.constant 1.250000e+02 : f32
// CHECK: %[[MORE:.*]] = arith.cmpf ogt, %[[S]], %[[MOST]]
// CHECK: %[[B:.*]] = arith.select %[[MORE]], %[[MOST]], %[[S]]
// CHECK: %[[E:.*]] = math.exp2 %[[B]] : f32
// CHECK: arith.addf %{{.*}}, %[[E]]
// CHECK: %[[Q:.*]] = arith.divf %{{.*}} fastmath<arcp> : f32
// CHECK: arith.select %[[MORE]], %{{.*}}, %[[Q]]
func.func @silu(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %one = arith.constant 1.0 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %0 = arith.negf %x : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %one, %1 : f32
    %3 = arith.divf %one, %2 : f32
    %4 = arith.mulf %x, %3 : f32
    kernel.yield %4 : f32
  }
  return %r : tensor<4x6xf32>
}

// What bf16 rounds needs no more than that.
// CHECK-LABEL: @silu_to_bf16
// CHECK: math.exp2 %{{.*}} fastmath<afn> : f32
// CHECK: arith.divf %{{.*}} fastmath<{{.*}}arcp{{.*}}afn> : f32
func.func @silu_to_bf16(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xbf16>) -> tensor<4x6xbf16> {
  %one = arith.constant 1.0 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xbf16>) -> tensor<4x6xbf16> {
  ^bb0(%x: f32):
    %0 = arith.negf %x : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %one, %1 : f32
    %3 = arith.divf %one, %2 : f32
    %4 = arith.mulf %x, %3 : f32
    %5 = arith.truncf %4 : f32 to bf16
    kernel.yield %5 : bf16
  }
  return %r : tensor<4x6xbf16>
}

// CHECK-LABEL: @gelu
// CHECK: ^bb0(%[[X:.*]]: f32):
// CHECK: math.absf %[[X]]
// CHECK: %[[A:.*]] = arith.select
// CHECK-COUNT-8: math.fma
// CHECK: %[[E:.*]] = math.exp2 %{{.*}} : f32
// CHECK: %[[P:.*]] = arith.select %{{.*}}, %{{.*}}, %[[X]]
// CHECK: %[[M:.*]] = arith.negf %[[A]]
// CHECK: %[[G:.*]] = math.fma %[[M]], %[[E]], %[[P]]
// CHECK-NOT: math.erf
// CHECK: kernel.yield %[[G]]
func.func @gelu(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %root = arith.constant 1.41421354 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %s = arith.divf %x, %root : f32
    %0 = math.erf %s : f32
    %1 = arith.addf %0, %one : f32
    %2 = arith.mulf %x, %1 : f32
    %3 = arith.mulf %2, %half : f32
    kernel.yield %3 : f32
  }
  return %r : tensor<4x6xf32>
}

// The factors in another order, and the result rounded.
// CHECK-LABEL: @gelu_to_bf16
// CHECK-COUNT-6: math.fma
// CHECK: math.exp2 %{{.*}} fastmath<afn> : f32
// CHECK-NOT: math.erf
// CHECK: %[[G:.*]] = math.fma
// CHECK: arith.truncf %[[G]]
func.func @gelu_to_bf16(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xbf16>) -> tensor<4x6xbf16> {
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %root = arith.constant 0.707106769 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xbf16>) -> tensor<4x6xbf16> {
  ^bb0(%x: f32):
    %h = arith.mulf %x, %half : f32
    %s = arith.mulf %x, %root : f32
    %0 = math.erf %s : f32
    %1 = arith.addf %0, %one : f32
    %2 = arith.mulf %h, %1 : f32
    %3 = arith.truncf %2 : f32 to bf16
    kernel.yield %3 : bf16
  }
  return %r : tensor<4x6xbf16>
}

// Of another argument, 1 + erf(x).
// CHECK-LABEL: @not_gelu
// CHECK: math.absf
// CHECK-COUNT-8: math.fma
// CHECK: math.exp2
// CHECK-NOT: math.erf
// CHECK: kernel.yield
func.func @not_gelu(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %one = arith.constant 1.0 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %0 = math.erf %x : f32
    %1 = arith.addf %0, %one : f32
    %2 = arith.mulf %x, %1 : f32
    kernel.yield %2 : f32
  }
  return %r : tensor<4x6xf32>
}

// What else reads the function gets it.
// CHECK-LABEL: @others
// CHECK: math.erf
// CHECK: math.exp %
func.func @others(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %one = arith.constant 1.0 : f32
  %r = kernel.matmul %a, %b into %c {maps = #maps} : (tensor<4x8xf32>, tensor<8x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32> {
  ^bb0(%x: f32):
    %0 = math.erf %x : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %1, %one : f32
    kernel.yield %2 : f32
  }
  return %r : tensor<4x6xf32>
}
