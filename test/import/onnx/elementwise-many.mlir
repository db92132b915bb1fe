// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Comparisons, logic, any number of operands, refusals.

// CHECK-LABEL: // model logic{{$}}
// CHECK: %[[a:.*]] = nn.compare eq %arg1, %arg2
// CHECK: %[[b:.*]] = nn.compare lt %arg1, %arg2
// CHECK: %[[c:.*]] = nn.compare le %arg1, %arg2
// CHECK: %[[d:.*]] = nn.compare gt %arg1, %arg2
// CHECK: %[[e:.*]] = nn.compare ge %arg1, %arg2
// CHECK: %[[f:.*]] = nn.binary and %[[a]], %[[b]]
// CHECK: %[[g:.*]] = nn.binary or %[[c]], %[[d]]
// CHECK: %[[h:.*]] = nn.binary xor %[[f]], %[[g]]
// CHECK: %[[i:.*]] = nn.binary and %[[h]], %[[e]]
// CHECK: %[[j:.*]] = nn.binary or %[[i]], %arg0
// CHECK: return %[[j]]
logic (bool[N] a, float[N] x, float[N] z) => (bool[N] y) {
  c0 = Equal(x, z)
  c1 = Less(x, z)
  c2 = LessOrEqual(x, z)
  c3 = Greater(x, z)
  c4 = GreaterOrEqual(x, z)
  d = And(c0, c1)
  e = Or(c2, c3)
  f = Xor(d, e)
  g = And(f, c4)
  y = Or(g, a)
}

// -----

// CHECK-LABEL: // model variadic{{$}}
// CHECK: %[[a:.*]] = nn.binary add %arg0, %arg1
// CHECK: %[[b:.*]] = nn.binary add %[[a]], %arg1
// CHECK: %[[c:.*]] = nn.binary min %[[b]], %arg1
// CHECK: %[[d:.*]] = nn.binary add %[[c]], %arg1
// CHECK: %[[e:.*]] = nn.binary add %[[d]], %arg1
// CHECK: %[[f:.*]] = nn.constant dense<3.000000e+00> : tensor<f32>
// CHECK: %[[g:.*]] = nn.binary div %[[e]], %[[f]]
// CHECK: return %[[g]]
variadic (float[N, 3] x, float[3] z) => (float[N, 3] y) {
  a = Sum(x, z, z)
  b = Max(a)
  c = Min(b, z)
  y = Mean(c, z, z)
}

// -----

// CHECK-LABEL: // model not_broadcastable{{$}}
// CHECK: error: OPTC-E1062: {{.*}}node name: /sum)
// CHECK-NEXT: // exit code 3
not_broadcastable (float[3] x, float[4] z) => (float[3] y) {
  ["/sum"] y = Add(x, z)
}

// -----

// CHECK-LABEL: // model strings{{$}}
// CHECK: error: OPTC-E2003: the model input 'x' has the type string, which optc does not support
// CHECK-NEXT: // exit code 3
strings (string[3] x) => (string[3] y) {
  ["/id"] y = Identity(x)
}

// -----

// CHECK-LABEL: // model small_floats{{$}}
// CHECK: error: OPTC-E2001: node '/cast' (Cast): the element type of output 0 is not supported
// CHECK-NEXT: // exit code 3
small_floats (float[3] x) => (float8e4m3fn[3] y) {
  ["/cast"] y = Cast <to = 17> (x)
}
