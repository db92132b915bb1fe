// REQUIRES: onnx
// RUN: %import-onnx %s --emit=nn --emit-locations | FileCheck %s

// What holds for every model: names become locations, names of sizes stay.

// CHECK-LABEL: // model names{{$}}
// CHECK: func.func @main(%arg0: tensor<?xf32> {nn.dims = ["N"], nn.name = "x"} loc("x")
// CHECK: nn.constant dense<2.000000e+00> : tensor<f32> loc("two")
// CHECK: %[[a:.*]] = nn.unary exp %arg0 : tensor<?xf32> -> tensor<?xf32> loc("/block.3/attn/Exp")
// CHECK: nn.binary mul %[[a]], {{.*}} loc("Mul_y")
names (float[N] x) => (float[N] y) <float two = {2.0}> {
  ["/block.3/attn/Exp"] a = Exp(x)
  y = Mul(a, two)
}

// -----

// One node can become many operations, which all have its name.
// CHECK-LABEL: // model many{{$}}
// CHECK: nn.constant {{.*}} loc("/act")
// CHECK: nn.binary {{.*}} loc("/act")
// CHECK: nn.unary erf {{.*}} loc("/act")
// CHECK: nn.binary mul {{.*}} loc("/act")
many (float[N] x) => (float[N] y) {
  ["/act"] y = Gelu(x)
}

// -----

// The size of an output has the name of the input's size it is known to equal, else the model's.
// CHECK-LABEL: // model sizes{{$}}
// CHECK: func.func @main(%arg0: tensor<?x3x?xf32> {nn.dims = ["batch", "", "H"], nn.name = "x"}
// CHECK-SAME: %arg1: tensor<?x?xf32> {nn.dims = ["H", "batch"], nn.name = "z"}
// CHECK-SAME: %arg2: tensor<?x2xf32> {nn.name = "u"}
// CHECK-SAME: tensor<?x3x?xf32> {nn.dims = ["batch", "", "H"], nn.name = "y"}
// CHECK-SAME: tensor<?x2xf32> {nn.dims = ["rows", ""], nn.name = "i"}
// CHECK-SAME: tensor<?x3x?xf32> {nn.dims = ["batch", "", "twice"], nn.name = "c"}
sizes (float[batch, 3, H] x, float[H, batch] z, float[?, 2] u)
    => (float[other, 3, H] y, float[rows, 2] i, float[batch, 3, twice] c) {
  y = Exp(x)
  i = Identity(u)
  c = Concat <axis = 2> (x, x)
}

// -----

// A claim about a size only the data decides becomes part of the type; the op checks it.
// CHECK-LABEL: // model claimed{{$}}
// CHECK: nn.nonzero %arg0 : tensor<?xf32> -> tensor<1x5xi64>
claimed (float[N] x) => (int64[1, 5] y) {
  y = NonZero(x)
}

// -----

// CHECK-LABEL: // model no_rank{{$}}
// CHECK: error: OPTC-E1015: {{.*}}'x'
// CHECK-NEXT: // exit code 3
no_rank (float[] x) => (float[] y) {
  y = Exp(x)
}
