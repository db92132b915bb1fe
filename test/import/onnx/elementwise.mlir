// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Scalar functions that nn has, one to one.

// CHECK-LABEL: // model unary{{$}}
// CHECK: %[[a:.*]] = nn.unary abs %arg0
// CHECK: %[[b:.*]] = nn.unary neg %[[a]]
// CHECK: %[[c:.*]] = nn.unary exp %[[b]]
// CHECK: %[[d:.*]] = nn.unary log %[[c]]
// CHECK: %[[e:.*]] = nn.unary sqrt %[[d]]
// CHECK: %[[f:.*]] = nn.unary reciprocal %[[e]]
// CHECK: %[[g:.*]] = nn.unary sin %[[f]]
// CHECK: %[[h:.*]] = nn.unary cos %[[g]]
// CHECK: %[[i:.*]] = nn.unary tan %[[h]]
// CHECK: %[[j:.*]] = nn.unary asin %[[i]]
// CHECK: %[[k:.*]] = nn.unary acos %[[j]]
// CHECK: %[[l:.*]] = nn.unary atan %[[k]]
// CHECK: %[[m:.*]] = nn.unary sinh %[[l]]
// CHECK: %[[n:.*]] = nn.unary cosh %[[m]]
// CHECK: %[[o:.*]] = nn.unary tanh %[[n]]
// CHECK: %[[p:.*]] = nn.unary asinh %[[o]]
// CHECK: %[[q:.*]] = nn.unary acosh %[[p]]
// CHECK: %[[r:.*]] = nn.unary atanh %[[q]]
// CHECK: %[[s:.*]] = nn.unary erf %[[r]]
// CHECK: %[[t:.*]] = nn.unary ceil %[[s]]
// CHECK: %[[u:.*]] = nn.unary floor %[[t]]
// CHECK: %[[v:.*]] = nn.unary round %[[u]]
// CHECK: %[[w:.*]] = nn.unary sign %[[v]]
// CHECK: %[[x:.*]] = nn.unary sigmoid %[[w]]
// CHECK: %[[y:.*]] = nn.unary relu %[[x]]
// CHECK: %[[z:.*]] = nn.unary softplus %[[y]]
// CHECK: %[[A:.*]] = nn.unary is_nan %arg0 : {{.*}} -> tensor<?xi1>
// CHECK: %[[B:.*]] = nn.unary not %[[A]]
// CHECK: return %[[z]], %[[A]], %[[B]]
unary (float[N] x) => (float[N] y, bool[N] n, bool[N] m) {
  v0 = Abs(x)
  v1 = Neg(v0)
  v2 = Exp(v1)
  v3 = Log(v2)
  v4 = Sqrt(v3)
  v5 = Reciprocal(v4)
  v6 = Sin(v5)
  v7 = Cos(v6)
  v8 = Tan(v7)
  v9 = Asin(v8)
  v10 = Acos(v9)
  v11 = Atan(v10)
  v12 = Sinh(v11)
  v13 = Cosh(v12)
  v14 = Tanh(v13)
  v15 = Asinh(v14)
  v16 = Acosh(v15)
  v17 = Atanh(v16)
  v18 = Erf(v17)
  v19 = Ceil(v18)
  v20 = Floor(v19)
  v21 = Round(v20)
  v22 = Sign(v21)
  v23 = Sigmoid(v22)
  v24 = Relu(v23)
  y = Softplus(v24)
  n = IsNaN(x)
  m = Not(n)
}

// -----

// CHECK-LABEL: // model binary{{$}}
// CHECK: %[[a:.*]] = nn.binary add %arg0, %arg1
// CHECK: %[[b:.*]] = nn.binary sub %[[a]], %arg1
// CHECK: %[[c:.*]] = nn.binary mul %[[b]], %arg1
// CHECK: %[[d:.*]] = nn.binary div %[[c]], %arg1
// CHECK: %[[e:.*]] = nn.binary pow %[[d]], %arg1
// CHECK: %[[f:.*]] = nn.binary mod %arg2, %arg3
// CHECK: %[[g:.*]] = nn.binary and %[[f]], %arg3
// CHECK: %[[h:.*]] = nn.binary or %[[g]], %arg3
// CHECK: %[[i:.*]] = nn.binary xor %[[h]], %arg3
// CHECK: %[[j:.*]] = nn.unary not %[[i]]
// CHECK: return %[[e]], %[[j]]
binary (float[N, 3] x, float[3] z, int32[N] i, int32[N] j) => (float[N, 3] y, int32[N] k) {
  v0 = Add(x, z)
  v1 = Sub(v0, z)
  v2 = Mul(v1, z)
  v3 = Div(v2, z)
  y = Pow(v3, z)
  w0 = Mod(i, j)
  w1 = BitwiseAnd(w0, j)
  w2 = BitwiseOr(w1, j)
  w3 = BitwiseXor(w2, j)
  k = BitwiseNot(w3)
}

// -----

// CHECK-LABEL: // model shifts{{$}}
// CHECK: %[[a:.*]] = nn.binary shr %arg0, %arg0
// CHECK: %[[b:.*]] = nn.binary shl %[[a]], %arg0
// CHECK: return %[[b]]
shifts (uint8[4] x) => (uint8[4] y) {
  a = BitShift <direction = "RIGHT"> (x, x)
  y = BitShift <direction = "LEFT"> (a, x)
}

// -----

// CHECK-LABEL: // model fmod{{$}}
// CHECK: %[[a:.*]] = nn.binary fmod %arg0, %arg1
// CHECK: return %[[a]]
fmod (float[4] x, float[4] z) => (float[4] y) {
  y = Mod <fmod = 1> (x, z)
}
