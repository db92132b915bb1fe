// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Element i is made of key + (i + 1) * gamma, by shifts and products.

// CHECK-LABEL: // model uniform{{$}}
// CHECK: %[[position:.*]] = nn.constant dense<[11400714819323198485, 4354685564936845354
// CHECK: %[[a:.*]] = nn.binary add %{{.*}}, %[[position]]
// CHECK: %[[b:.*]] = nn.binary shr %[[a]], %{{.*}}
// CHECK: %[[c:.*]] = nn.binary xor %[[a]], %[[b]]
// CHECK: nn.binary mul %[[c]], %{{.*}}
// CHECK: %[[bits:.*]] = nn.reshape %{{.*}}, %{{.*}} {allowZero} : {{.*}} -> tensor<2x3xui64>
// CHECK: %[[high:.*]] = nn.binary shr %[[bits]], %{{.*}}
// CHECK: %[[int:.*]] = nn.cast %[[high]] : tensor<2x3xui64> -> tensor<2x3xi32>
// CHECK: nn.cast %[[int]] : tensor<2x3xi32> -> tensor<2x3xf32>
uniform () => (float[2, 3] y) {
  y = RandomUniform <shape = [2, 3], low = 1.0, high = 3.0, seed = 7.0> ()
}

// -----

// CHECK-LABEL: // model uniform_like{{$}}
// CHECK: nn.cast {{.*}} -> tensor<?x2xf64>
uniform_like (double[N, 2] x) => (double[N, 2] y) {
  y = RandomUniformLike(x)
}

// -----

// CHECK-LABEL: // model normal{{$}}
// CHECK: %[[log:.*]] = nn.unary log
// CHECK: %[[square:.*]] = nn.binary mul %[[log]], %{{.*}}
// CHECK: %[[radius:.*]] = nn.unary sqrt %[[square]]
// CHECK: %[[cos:.*]] = nn.unary cos
// CHECK: nn.binary mul %[[radius]], %[[cos]]
// CHECK: return %{{.*}}, %{{.*}} : tensor<?xf32>, tensor<2xf16>
normal (float[N] x) => (float[N] y, float16[2] z) {
  y = RandomNormalLike(x)
  z = RandomNormal <dtype = 10, shape = [2]> ()
}

// -----

// Every iteration has numbers of its own.

// CHECK-LABEL: // model loop{{$}}
// CHECK: scf.while
// CHECK: ^bb0(%[[iteration:.*]]: i64,
// CHECK: %[[number:.*]] = tensor.from_elements %[[iteration]]
// CHECK: nn.cast %{{.*}} : tensor<i64> -> tensor<ui64>
// CHECK: nn.unary cos
loop (int64 n, float[N] x) => (float[K, N] y) <bool go = {1}> {
  y = Loop(n, go) <body = step (int64 k, bool c) => (bool e, float[N] r) {
    e = Identity(c)
    r = RandomNormalLike(x)
  }>
}

// -----

// CHECK-LABEL: // model bernoulli{{$}}
// CHECK: %[[y:.*]] = nn.compare lt %{{.*}}, %arg0
// CHECK: nn.cast %[[y]] : tensor<?xi1> -> tensor<?xi64>
bernoulli (float[N] p) => (int64[N] y) {
  y = Bernoulli <dtype = 7> (p)
}

// -----

// CHECK-LABEL: // model multinomial{{$}}
// CHECK: %[[sums:.*]] = nn.cumulative sum %{{.*}} {axis = 1 : i64}
// CHECK: nn.compare le
// CHECK: return %{{.*}} : tensor<?x5xi32>
multinomial (float[B, 4] x) => (int32[B, 5] y) {
  y = Multinomial <sample_size = 5> (x)
}

// -----

// CHECK-LABEL: // model dropout{{$}}
// CHECK: %[[yes:.*]] = nn.expand %{{.*}}, %{{.*}} : {{.*}} -> tensor<?xi1>
// CHECK: return %arg0, %[[yes]]
dropout (float[N] x) => (float[N] y, bool[N] m) {
  y, m = Dropout(x)
}

// -----

// CHECK-LABEL: // model training_dropout{{$}}
// CHECK: %[[stays:.*]] = nn.compare ge %{{.*}}, %arg1
// CHECK: %[[training:.*]] = nn.unary not %arg2
// CHECK: %[[mask:.*]] = nn.binary or %[[stays]], %[[training]]
// CHECK: %[[y:.*]] = nn.select %[[mask]], %{{.*}}, %{{.*}}
// CHECK: return %[[y]], %[[mask]]
training_dropout (float[N] x, float ratio, bool training) => (float[N] y, bool[N] m) {
  y, m = Dropout(x, ratio, training)
}

// -----

// CHECK-LABEL: // model negative{{$}}
// CHECK: error: OPTC-{{.*}}/random
// CHECK-NEXT: // exit code {{2|3}}
negative () => (float[2, 3] y) {
  ["/random"] y = RandomUniform <shape = [2, -3]> ()
}
