// RUN: optc-opt %s --nn-raise-rope | FileCheck %s

// Tables made of the same angles twice.
// CHECK-LABEL: @whole_head
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<?x3x?x8xf32> {{.*}}, %[[A:[a-z0-9]+]]: tensor<?x1x?x4xf32>
// CHECK-DAG: %[[C:.*]] = nn.unary cos %[[A]]
// CHECK-DAG: %[[S:.*]] = nn.unary sin %[[A]]
// CHECK: %[[Y:.*]] = nn.rope %[[X]], %[[C]], %[[S]] :
// CHECK-NEXT: return %[[Y]]
func.func @whole_head(%x: tensor<?x3x?x8xf32> {nn.dims = ["b", "", "s", ""]}, %a: tensor<?x1x?x4xf32> {nn.dims = ["b", "", "s", ""]}) -> tensor<?x3x?x8xf32> {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %half = nn.constant dense<4> : tensor<1xi64>
  %end = nn.constant dense<9223372036854775807> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %aa = nn.concat %a, %a {axis = 3 : i64} : (tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>) -> tensor<?x1x?x8xf32>
  %c = nn.unary cos %aa : tensor<?x1x?x8xf32> -> tensor<?x1x?x8xf32>
  %s = nn.unary sin %aa : tensor<?x1x?x8xf32> -> tensor<?x1x?x8xf32>
  %lo = nn.slice %x, %zero, %half, %one [3] : (tensor<?x3x?x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x3x?x4xf32>
  %hi = nn.slice %x, %half, %end, %one [3] : (tensor<?x3x?x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x3x?x4xf32>
  %n = nn.unary neg %hi : tensor<?x3x?x4xf32> -> tensor<?x3x?x4xf32>
  %t = nn.concat %n, %lo {axis = 3 : i64} : (tensor<?x3x?x4xf32>, tensor<?x3x?x4xf32>) -> tensor<?x3x?x8xf32>
  %xc = nn.binary mul %x, %c : (tensor<?x3x?x8xf32>, tensor<?x1x?x8xf32>) -> tensor<?x3x?x8xf32>
  %ts = nn.binary mul %t, %s : (tensor<?x3x?x8xf32>, tensor<?x1x?x8xf32>) -> tensor<?x3x?x8xf32>
  %y = nn.binary add %xc, %ts : (tensor<?x3x?x8xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}

// A part of a head turns; tables are gathered from constants with equal halves.
// CHECK-LABEL: @part_of_head
// CHECK-SAME: (%[[X:.*]]: tensor<2x5x6xf32>, %[[P:.*]]: tensor<5xi64>)
// CHECK: nn.gather %{{.*}}, %[[P]] {axis = 0 : i64} : (tensor<3x2xf32>, tensor<5xi64>) -> tensor<5x2xf32>
// CHECK: %[[Y:.*]] = nn.rope %[[X]], %{{.*}}, %{{.*}} : (tensor<2x5x6xf32>, tensor<5x2xf32>, tensor<5x2xf32>)
// CHECK-NEXT: return %[[Y]]
func.func @part_of_head(%x: tensor<2x5x6xf32>, %p: tensor<5xi64>) -> tensor<2x5x6xf32> {
  %cc = nn.constant dense<[[1.0, 1.0, 1.0, 1.0], [0.5, 0.9, 0.5, 0.9], [0.1, 0.8, 0.1, 0.8]]> : tensor<3x4xf32>
  %cs = nn.constant dense<[[0.0, 0.0, 0.0, 0.0], [0.6, 0.2, 0.6, 0.2], [0.9, 0.4, 0.9, 0.4]]> : tensor<3x4xf32>
  %zero = nn.constant dense<0> : tensor<1xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  %four = nn.constant dense<4> : tensor<1xi64>
  %six = nn.constant dense<6> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %c = nn.gather %cc, %p {axis = 0 : i64} : (tensor<3x4xf32>, tensor<5xi64>) -> tensor<5x4xf32>
  %s = nn.gather %cs, %p {axis = 0 : i64} : (tensor<3x4xf32>, tensor<5xi64>) -> tensor<5x4xf32>
  %xr = nn.slice %x, %zero, %four, %one [2] : (tensor<2x5x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x5x4xf32>
  %rest = nn.slice %x, %four, %six, %one [2] : (tensor<2x5x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x5x2xf32>
  %lo = nn.slice %xr, %zero, %two, %one [2] : (tensor<2x5x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x5x2xf32>
  %hi = nn.slice %xr, %two, %four, %one [2] : (tensor<2x5x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x5x2xf32>
  %n = nn.unary neg %hi : tensor<2x5x2xf32> -> tensor<2x5x2xf32>
  %t = nn.concat %n, %lo {axis = 2 : i64} : (tensor<2x5x2xf32>, tensor<2x5x2xf32>) -> tensor<2x5x4xf32>
  %ts = nn.binary mul %s, %t : (tensor<5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %xc = nn.binary mul %c, %xr : (tensor<5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %y = nn.binary add %ts, %xc : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %z = nn.concat %y, %rest {axis = 2 : i64} : (tensor<2x5x4xf32>, tensor<2x5x2xf32>) -> tensor<2x5x6xf32>
  return %z : tensor<2x5x6xf32>
}

// Nothing tells that the halves of the tables are equal; the halves are turned the other way.
// CHECK-LABEL: @left_alone
// CHECK-NOT: nn.rope
func.func @left_alone(%x: tensor<2x5x4xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>, %a: tensor<5x2xf32>) -> (tensor<2x5x4xf32>, tensor<2x5x4xf32>) {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  %four = nn.constant dense<4> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %lo = nn.slice %x, %zero, %two, %one [2] : (tensor<2x5x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x5x2xf32>
  %hi = nn.slice %x, %two, %four, %one [2] : (tensor<2x5x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x5x2xf32>
  %n = nn.unary neg %hi : tensor<2x5x2xf32> -> tensor<2x5x2xf32>
  %t = nn.concat %n, %lo {axis = 2 : i64} : (tensor<2x5x2xf32>, tensor<2x5x2xf32>) -> tensor<2x5x4xf32>
  %ts = nn.binary mul %t, %s : (tensor<2x5x4xf32>, tensor<5x4xf32>) -> tensor<2x5x4xf32>
  %xc = nn.binary mul %x, %c : (tensor<2x5x4xf32>, tensor<5x4xf32>) -> tensor<2x5x4xf32>
  %y = nn.binary add %xc, %ts : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %aa = nn.concat %a, %a {axis = 1 : i64} : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %m = nn.unary neg %lo : tensor<2x5x2xf32> -> tensor<2x5x2xf32>
  %u = nn.concat %m, %hi {axis = 2 : i64} : (tensor<2x5x2xf32>, tensor<2x5x2xf32>) -> tensor<2x5x4xf32>
  %us = nn.binary mul %u, %aa : (tensor<2x5x4xf32>, tensor<5x4xf32>) -> tensor<2x5x4xf32>
  %xa = nn.binary mul %x, %aa : (tensor<2x5x4xf32>, tensor<5x4xf32>) -> tensor<2x5x4xf32>
  %z = nn.binary add %xa, %us : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %y, %z : tensor<2x5x4xf32>, tensor<2x5x4xf32>
}
