// RUN: optc-opt %s --nn-raise-attention | FileCheck %s

// As exports of BERT have it: the key is transposed in one step, the product divided.
// CHECK-LABEL: @added_mask
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<?x4x?x8xf32> {{.*}}, %[[K:[a-z0-9]+]]: tensor<?x?x4x8xf32> {{.*}}, %[[V:[a-z0-9]+]]: tensor<?x4x?x8xf32> {{.*}}, %[[M:[a-z0-9]+]]: tensor<?x1x1x?xf32>
// CHECK: %[[T:.*]] = nn.transpose %[[K]] [0, 2, 1, 3]
// CHECK: %[[Y:.*]] = nn.attention %[[Q]], %[[T]], %[[V]] mask %[[M]] {scale = 5.000000e-01 : f64}
// CHECK: return %[[Y]]
func.func @added_mask(%q: tensor<?x4x?x8xf32> {nn.dims = ["b", "", "s", ""]},
                      %k: tensor<?x?x4x8xf32> {nn.dims = ["b", "s", "", ""]},
                      %v: tensor<?x4x?x8xf32> {nn.dims = ["b", "", "s", ""]},
                      %m: tensor<?x1x1x?xf32> {nn.dims = ["b", "", "", "s"]}) -> tensor<?x4x?x8xf32> {
  %two = nn.constant dense<2.0> : tensor<f32>
  %t = nn.transpose %k [0, 2, 3, 1] : tensor<?x?x4x8xf32> -> tensor<?x4x8x?xf32>
  %s = nn.matmul %q, %t : (tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32>) -> tensor<?x4x?x?xf32>
  %d = nn.binary div %s, %two : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %a = nn.binary add %d, %m : (tensor<?x4x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x4x?x?xf32>
  %p = nn.softmax %a {axis = 3 : i64} : tensor<?x4x?x?xf32> -> tensor<?x4x?x?xf32>
  %y = nn.matmul %p, %v : (tensor<?x4x?x?xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  return %y : tensor<?x4x?x8xf32>
}

// Both operands scaled, a soft cap, a mask that chooses, NaN hidden.
// CHECK-LABEL: @chosen_mask
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} mask %{{.*}} {fill = -1.000000e+04 : f64, guarded, scale = 2.500000e-01 : f64, softcap = 3.000000e+01 : f64}
// CHECK-NEXT: return
func.func @chosen_mask(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x8x7xf32>, %v: tensor<2x4x7x6xf32>, %m: tensor<5x7xi1>) -> tensor<2x4x5x6xf32> {
  %half = nn.constant dense<0.5> : tensor<f32>
  %cap = nn.constant dense<30.0> : tensor<f32>
  %fill = nn.constant dense<-1.0e4> : tensor<f32>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %qs = nn.binary mul %q, %half : (tensor<2x4x5x8xf32>, tensor<f32>) -> tensor<2x4x5x8xf32>
  %ks = nn.binary mul %half, %k : (tensor<f32>, tensor<2x4x8x7xf32>) -> tensor<2x4x8x7xf32>
  %s = nn.matmul %qs, %ks : (tensor<2x4x5x8xf32>, tensor<2x4x8x7xf32>) -> tensor<2x4x5x7xf32>
  %c0 = nn.binary div %s, %cap : (tensor<2x4x5x7xf32>, tensor<f32>) -> tensor<2x4x5x7xf32>
  %c1 = nn.unary tanh %c0 : tensor<2x4x5x7xf32> -> tensor<2x4x5x7xf32>
  %c2 = nn.binary mul %c1, %cap : (tensor<2x4x5x7xf32>, tensor<f32>) -> tensor<2x4x5x7xf32>
  %a = nn.select %m, %c2, %fill : (tensor<5x7xi1>, tensor<2x4x5x7xf32>, tensor<f32>) -> tensor<2x4x5x7xf32>
  %p = nn.softmax %a {axis = 3 : i64} : tensor<2x4x5x7xf32> -> tensor<2x4x5x7xf32>
  %n = nn.unary is_nan %p : tensor<2x4x5x7xf32> -> tensor<2x4x5x7xi1>
  %g = nn.select %n, %zero, %p : (tensor<2x4x5x7xi1>, tensor<f32>, tensor<2x4x5x7xf32>) -> tensor<2x4x5x7xf32>
  %y = nn.matmul %g, %v : (tensor<2x4x5x7xf32>, tensor<2x4x7x6xf32>) -> tensor<2x4x5x6xf32>
  return %y : tensor<2x4x5x6xf32>
}

// Heads of keys and values are repeated for groups of query heads, and a mask that excludes.
// CHECK-LABEL: @grouped
// CHECK-SAME: %[[K:[a-z0-9]+]]: tensor<1x2x?x8xf32> {{.*}}, %[[V:[a-z0-9]+]]: tensor<1x2x?x8xf32>
// CHECK: %[[N:.*]] = nn.unary not
// CHECK: nn.attention %{{.*}}, %[[K]], %[[V]] mask %[[N]] {scale = 1.000000e+00 : f64} : (tensor<1x4x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x1x1x?xi1>)
func.func @grouped(%q: tensor<1x4x?x8xf32> {nn.dims = ["", "", "s", ""]}, %k: tensor<1x2x?x8xf32> {nn.dims = ["", "", "t", ""]},
                   %v: tensor<1x2x?x8xf32> {nn.dims = ["", "", "t", ""]}, %m: tensor<1x1x1x?xi1> {nn.dims = ["", "", "", "t"]}) -> tensor<1x4x?x8xf32> {
  %fill = nn.constant dense<0xFF800000> : tensor<f32>
  %i = nn.constant dense<[1, 2, 1, -1, 8]> : tensor<5xi64>
  %e = nn.constant dense<[1, 1, 2, 1, 1]> : tensor<5xi64>
  %r = nn.constant dense<[1, 4, -1, 8]> : tensor<4xi64>
  %k0 = nn.reshape %k, %i : (tensor<1x2x?x8xf32>, tensor<5xi64>) -> tensor<1x2x1x?x8xf32>
  %k1 = nn.expand %k0, %e : (tensor<1x2x1x?x8xf32>, tensor<5xi64>) -> tensor<1x2x2x?x8xf32>
  %k2 = nn.reshape %k1, %r : (tensor<1x2x2x?x8xf32>, tensor<4xi64>) -> tensor<1x4x?x8xf32>
  %v0 = nn.reshape %v, %i : (tensor<1x2x?x8xf32>, tensor<5xi64>) -> tensor<1x2x1x?x8xf32>
  %v1 = nn.expand %v0, %e : (tensor<1x2x1x?x8xf32>, tensor<5xi64>) -> tensor<1x2x2x?x8xf32>
  %v2 = nn.reshape %v1, %r : (tensor<1x2x2x?x8xf32>, tensor<4xi64>) -> tensor<1x4x?x8xf32>
  %t = nn.transpose %k2 [0, 1, 3, 2] : tensor<1x4x?x8xf32> -> tensor<1x4x8x?xf32>
  %s = nn.matmul %q, %t : (tensor<1x4x?x8xf32>, tensor<1x4x8x?xf32>) -> tensor<1x4x?x?xf32>
  %a = nn.select %m, %fill, %s : (tensor<1x1x1x?xi1>, tensor<f32>, tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32>
  %p = nn.softmax %a {axis = 3 : i64} : tensor<1x4x?x?xf32> -> tensor<1x4x?x?xf32>
  %y = nn.matmul %p, %v2 : (tensor<1x4x?x?xf32>, tensor<1x4x?x8xf32>) -> tensor<1x4x?x8xf32>
  return %y : tensor<1x4x?x8xf32>
}

// Batch and head in one dimension.
// CHECK-LABEL: @rank3
// CHECK: nn.attention {{.*}} mask {{.*}} : (tensor<6x1x5x8xf32>, tensor<6x1x7x8xf32>, tensor<6x1x7x8xf32>, tensor<6x1x5x7xf32>) -> tensor<6x1x5x8xf32>
// CHECK: nn.reshape {{.*}} -> tensor<6x5x8xf32>
func.func @rank3(%q: tensor<6x5x8xf32>, %k: tensor<6x7x8xf32>, %v: tensor<6x7x8xf32>, %m: tensor<6x5x7xf32>) -> tensor<6x5x8xf32> {
  %t = nn.transpose %k [0, 2, 1] : tensor<6x7x8xf32> -> tensor<6x8x7xf32>
  %s = nn.matmul %q, %t : (tensor<6x5x8xf32>, tensor<6x8x7xf32>) -> tensor<6x5x7xf32>
  %a = nn.binary add %m, %s : (tensor<6x5x7xf32>, tensor<6x5x7xf32>) -> tensor<6x5x7xf32>
  %p = nn.softmax %a {axis = 2 : i64} : tensor<6x5x7xf32> -> tensor<6x5x7xf32>
  %y = nn.matmul %p, %v : (tensor<6x5x7xf32>, tensor<6x7x8xf32>) -> tensor<6x5x8xf32>
  return %y : tensor<6x5x8xf32>
}

// The weights are a result, too.
// CHECK-LABEL: @weights_used
// CHECK-NOT: nn.attention
func.func @weights_used(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x8x7xf32>, %v: tensor<2x4x7x6xf32>) -> (tensor<2x4x5x6xf32>, tensor<2x4x5x7xf32>) {
  %s = nn.matmul %q, %k : (tensor<2x4x5x8xf32>, tensor<2x4x8x7xf32>) -> tensor<2x4x5x7xf32>
  %p = nn.softmax %s {axis = 3 : i64} : tensor<2x4x5x7xf32> -> tensor<2x4x5x7xf32>
  %y = nn.matmul %p, %v : (tensor<2x4x5x7xf32>, tensor<2x4x7x6xf32>) -> tensor<2x4x5x6xf32>
  return %y, %p : tensor<2x4x5x6xf32>, tensor<2x4x5x7xf32>
}

// Another axis, two masks, a mask that is the same for all keys, keys of one batch for all.
// CHECK-LABEL: @left_alone
// CHECK-NOT: nn.attention
func.func @left_alone(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x8x5xf32>, %v: tensor<2x4x5x8xf32>, %m: tensor<5x5xf32>, %n: tensor<5x1xf32>,
                      %k1: tensor<1x4x8x5xf32>) -> tensor<2x4x5x8xf32> {
  %s0 = nn.matmul %q, %k : (tensor<2x4x5x8xf32>, tensor<2x4x8x5xf32>) -> tensor<2x4x5x5xf32>
  %p0 = nn.softmax %s0 {axis = 2 : i64} : tensor<2x4x5x5xf32> -> tensor<2x4x5x5xf32>
  %y0 = nn.matmul %p0, %v : (tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %s1 = nn.matmul %y0, %k : (tensor<2x4x5x8xf32>, tensor<2x4x8x5xf32>) -> tensor<2x4x5x5xf32>
  %a1 = nn.binary add %s1, %m : (tensor<2x4x5x5xf32>, tensor<5x5xf32>) -> tensor<2x4x5x5xf32>
  %b1 = nn.binary add %a1, %m : (tensor<2x4x5x5xf32>, tensor<5x5xf32>) -> tensor<2x4x5x5xf32>
  %p1 = nn.softmax %b1 {axis = 3 : i64} : tensor<2x4x5x5xf32> -> tensor<2x4x5x5xf32>
  %y1 = nn.matmul %p1, %v : (tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %s2 = nn.matmul %y1, %k : (tensor<2x4x5x8xf32>, tensor<2x4x8x5xf32>) -> tensor<2x4x5x5xf32>
  %a2 = nn.binary add %s2, %n : (tensor<2x4x5x5xf32>, tensor<5x1xf32>) -> tensor<2x4x5x5xf32>
  %p2 = nn.softmax %a2 {axis = 3 : i64} : tensor<2x4x5x5xf32> -> tensor<2x4x5x5xf32>
  %y2 = nn.matmul %p2, %v : (tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %s3 = nn.matmul %y2, %k1 : (tensor<2x4x5x8xf32>, tensor<1x4x8x5xf32>) -> tensor<2x4x5x5xf32>
  %p3 = nn.softmax %s3 {axis = 3 : i64} : tensor<2x4x5x5xf32> -> tensor<2x4x5x5xf32>
  %y3 = nn.matmul %p3, %v : (tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %y3 : tensor<2x4x5x8xf32>
}
