// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Tests, choices and conversions of elements.

// CHECK-LABEL: // model is_infinite{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<0x7F800000> : tensor<f32>
// CHECK: %[[b:.*]] = nn.compare eq %arg0, %[[a]]
// CHECK: %[[c:.*]] = nn.constant dense<0xFF800000> : tensor<f32>
// CHECK: %[[d:.*]] = nn.compare eq %arg0, %[[c]]
// CHECK: %[[e:.*]] = nn.binary or %[[b]], %[[d]]
// CHECK: %[[f:.*]] = nn.constant dense<0x7F800000> : tensor<f32>
// CHECK: %[[g:.*]] = nn.compare eq %arg0, %[[f]]
// CHECK: %[[h:.*]] = nn.compare lt %arg0, %arg0
// CHECK: return %[[e]], %[[g]], %[[h]]
is_infinite (float[N] x) => (bool[N] any, bool[N] above, bool[N] never) {
  any = IsInf(x)
  above = IsInf <detect_negative = 0> (x)
  never = IsInf <detect_negative = 0, detect_positive = 0> (x)
}

// -----

// CHECK-LABEL: // model where{{$}}
// CHECK: %[[a:.*]] = nn.select %arg0, %arg1, %arg2
// CHECK: return %[[a]]
where (bool[N, 1] c, float[N, 3] x, float z) => (float[N, 3] y) {
  y = Where(c, x, z)
}

// -----

// CHECK-LABEL: // model casts{{$}}
// CHECK: %[[a:.*]] = nn.cast %arg0 : {{.*}} -> tensor<?xf16>
// CHECK: %[[b:.*]] = nn.cast %arg0 : {{.*}} -> tensor<?xi64>
// CHECK: %[[c:.*]] = nn.cast %arg0 : {{.*}} -> tensor<?xi1>
// CHECK: return %[[a]], %[[b]], %[[c]]
casts (float[N] x, int64[N] like) => (float16[N] h, int64[N] i, bool[N] f) {
  h = Cast <to = 10> (x)
  i = CastLike(x, like)
  f = Cast <to = 9> (x)
}

// -----

// CHECK-LABEL: // model clip{{$}}
// CHECK: %[[a:.*]] = nn.constant dense<-1.000000e+00> : tensor<f32>
// CHECK: %[[b:.*]] = nn.constant dense<6.000000e+00> : tensor<f32>
// CHECK: %[[c:.*]] = nn.binary max %arg0, %[[a]]
// CHECK: %[[d:.*]] = nn.binary min %[[c]], %[[b]]
// CHECK: return %[[d]]
clip (float[N] x) => (float[N] y) <float low = {-1.0}, float high = {6.0}> {
  a = Clip(x, low)
  y = Clip(a, , high)
}

// -----

// CHECK-LABEL: // model identity{{$}}
// CHECK: return %arg0
identity (float[N] x) => (float[N] y) {
  y = Identity(x)
}
