// REQUIRES: onnx
// RUN: %import-onnx %s --emit=nn --emit-locations | FileCheck %s

// Functions of the model and of the standard are expanded; the nodes of a body are called after the node of
// the model that brings them in.

// CHECK-LABEL: // model local{{$}}
// CHECK-NEXT: module
// CHECK-NOT: call
// CHECK: %[[two:.*]] = nn.constant dense<2.000000e+00> {{.*}} loc("/outer/f")
// CHECK: %[[three:.*]] = nn.constant dense<3.000000e+00> {{.*}} loc("/second/f")
// CHECK: %[[a:.*]] = nn.unary neg %arg0 {{.*}} loc("/outer/Neg_0")
// CHECK: %[[b:.*]] = nn.binary mul %[[a]], %[[two]] {{.*}} loc("/outer/Mul_0")
// CHECK: nn.binary mul %[[b]], %[[three]] {{.*}} loc("/second/Mul_0")
<ir_version: 10, opset_import: ["": 21, "local": 1]>
local (float[N] x) => (float[N] y) {
  ["/outer"] a = local.negative_twice(x)
  ["/second"] y = local.scale <factor = 3.0> (a)
}
<domain: "local", opset_import: ["": 21, "local": 1]>
negative_twice (v) => (w) {
  ["not used"] t = Neg(v)
  w = local.scale <factor = 2.0> (t)
}
<domain: "local", opset_import: ["": 21]>
scale <factor> (v) => (w) {
  f = Constant <value_float: float = @factor> ()
  w = Mul(v, f)
}

// -----

// CHECK-LABEL: // model standard{{$}}
// CHECK: %[[low:.*]] = nn.compare lt %arg0, {{.*}} loc("/shrink/Less_0")
// CHECK: nn.select %[[low]], {{.*}} loc("/shrink/Where_1")
standard (float[N] x) => (float[N] y) {
  ["/shrink"] y = Shrink <lambd = 0.5> (x)
}

// -----

// Attention of opset 23 is a function, too, but has an op of its own.
// CHECK-LABEL: // model attention{{$}}
// CHECK-NOT: nn.matmul
// CHECK: nn.attention %arg0, %arg1, %arg2 {{.*}} -> tensor<1x2x?x8xf32> loc("/attn")
attention (float[1, 2, S, 8] q, float[1, 2, S, 8] k, float[1, 2, S, 8] v) => (float[1, 2, S, 8] y) {
  ["/attn"] y = Attention(q, k, v)
}

// -----

// CHECK-LABEL: // model recursive{{$}}
// CHECK: error: OPTC-E1002: {{.*}}local::forever
// CHECK-NEXT: // exit code 3
<ir_version: 10, opset_import: ["": 21, "local": 1]>
recursive (float[N] x) => (float[N] y) {
  y = local.forever(x)
}
<domain: "local", opset_import: ["": 21, "local": 1]>
forever (v) => (w) {
  w = local.forever(v)
}

// -----

// CHECK-LABEL: // model operands{{$}}
// CHECK: error: OPTC-E1032: single node '/call' has more inputs
// CHECK-NEXT: // exit code 3
<ir_version: 10, opset_import: ["": 21, "local": 1]>
operands (float[N] x) => (float[N] y) {
  ["/call"] y = local.single(x, x)
}
<domain: "local", opset_import: ["": 21]>
single (v) => (w) {
  w = Neg(v)
}
