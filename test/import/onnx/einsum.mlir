// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Sums of products by an equation: each pair of operands is one matrix product.

// CHECK-LABEL: // model scores{{$}}
// CHECK: func.func @main
// CHECK-NEXT: %[[k:.*]] = nn.transpose %arg1 [0, 1, 3, 2]
// CHECK-NEXT: %[[y:.*]] = nn.matmul %arg0, %[[k]]
// CHECK-NEXT: return %[[y]] : tensor<?x?x?x?xf32>
scores (float[B, H, Q, 8] q, float[B, H, K, 8] k) => (float[B, H, Q, K] y) {
  y = Einsum <equation = "bhqd,bhkd->bhqk"> (q, k)
}

// -----

// Several columns are merged; rows stay leading dimensions of the left side.
// CHECK-LABEL: // model weights{{$}}
// CHECK: %[[w:.*]] = nn.reshape %arg1, %{{.*}} -> tensor<8x8xf32>
// CHECK: %[[p:.*]] = nn.matmul %arg0, %[[w]] : (tensor<?x?x8xf32>, tensor<8x8xf32>) -> tensor<?x?x8xf32>
// CHECK: %[[y:.*]] = nn.reshape %[[p]], %{{.*}} -> tensor<?x?x2x4xf32>
// CHECK: return %[[y]]
weights (float[B, S, 8] x, float[8, 2, 4] w) => (float[B, S, 2, 4] y) {
  y = Einsum <equation = "bsd,dhe->bshe"> (x, w)
}

// -----

// Rows that lie together are merged in front of the transpose that brings the batch forward.
// CHECK-LABEL: // model merged{{$}}
// CHECK: %[[x:.*]] = nn.reshape %arg0, %{{.*}} -> tensor<?x5x8xf32>
// CHECK: %[[r:.*]] = nn.transpose %[[x]] [1, 0, 2]
// CHECK: %[[w:.*]] = nn.transpose %arg1 [0, 2, 1]
// CHECK: %[[p:.*]] = nn.matmul %[[r]], %[[w]]
// CHECK: %[[s:.*]] = nn.reshape %[[p]], %{{.*}} -> tensor<5x?x6x7xf32>
// CHECK: nn.transpose %[[s]] [1, 2, 0, 3]
merged (float[B, 6, 5, 8] x, float[5, 7, 8] w) => (float[B, 6, 5, 7] y) {
  y = Einsum <equation = "bhwc,wkc->bhwk"> (x, w)
}

// -----

// Rows that do not: all but the last lead, and the other side broadcasts over them.
// CHECK-LABEL: // model apart{{$}}
// CHECK: %[[w:.*]] = nn.transpose %arg1 [0, 2, 1]
// CHECK-NEXT: %[[y:.*]] = nn.matmul %arg0, %[[w]] : (tensor<?x6x5x8xf32>, tensor<6x8x7xf32>) -> tensor<?x6x5x7xf32>
// CHECK-NEXT: return %[[y]]
apart (float[B, 6, 5, 8] x, float[6, 7, 8] w) => (float[B, 6, 5, 7] y) {
  y = Einsum <equation = "bhwc,hkc->bhwk"> (x, w)
}

// -----

// The side that the result has last is the right one.
// CHECK-LABEL: // model swapped{{$}}
// CHECK: %[[a:.*]] = nn.transpose %arg0 [1, 0]
// CHECK: %[[y:.*]] = nn.matmul %arg1, %[[a]]
// CHECK: return %[[y]]
swapped (float[3, 4] a, float[5, 4] b) => (float[5, 3] y) {
  y = Einsum <equation = "ij,kj->ki"> (a, b)
}

// -----

// CHECK-LABEL: // model dots{{$}}
// CHECK: %[[p:.*]] = nn.binary mul %arg0, %arg1
// CHECK: nn.reduce sum %[[p]] [1]
// CHECK-NOT: nn.matmul
dots (float[N, K] a, float[N, K] b) => (float[N] y) {
  y = Einsum <equation = "ij,ij->i"> (a, b)
}

// -----

// A matrix times a vector is read as it lies.
// CHECK-LABEL: // model vector{{$}}
// CHECK-NOT: nn.transpose
// CHECK: %[[p:.*]] = nn.binary mul %arg0
// CHECK: nn.reduce sum %[[p]] [1]
// CHECK-NOT: nn.matmul
vector (float[B, S, D] x, float[B, S] w) => (float[B, D] y) {
  y = Einsum <equation = "bsd,bs->bd"> (x, w)
}

// -----

// CHECK-LABEL: // model outer{{$}}
// CHECK: %[[p:.*]] = nn.binary mul {{.*}} : (tensor<1x?xf32>, tensor<?x1xf32>) -> tensor<?x?xf32>
// CHECK: return %[[p]]
outer (float[M] a, float[K] b) => (float[K, M] y) {
  y = Einsum <equation = "i,j->ji"> (a, b)
}

// -----

// CHECK-LABEL: // model trace{{$}}
// CHECK: %[[x:.*]] = nn.reshape %arg0, %{{.*}} -> tensor<16xf32>
// CHECK: %[[i:.*]] = nn.constant dense<[0, 5, 10, 15]>
// CHECK: %[[d:.*]] = nn.gather %[[x]], %[[i]] {axis = 0 : i64}
// CHECK: nn.reduce sum %[[d]] [0]
trace (float[4, 4] x) => (float y) {
  y = Einsum <equation = "ii"> (x)
}

// -----

// CHECK-LABEL: // model diagonal{{$}}
// CHECK: nn.gather {{.*}} {axis = 1 : i64} : (tensor<?x?xf32>, tensor<?xi64>) -> tensor<?x?xf32>
diagonal (float[B, N, N] x) => (float[B, N] y) {
  y = Einsum <equation = "...ii->...i"> (x)
}

// -----

// The cheapest pair first: (4 x 50) * (50 x 2) is smaller than what it is multiplied with.
// CHECK-LABEL: // model chain{{$}}
// CHECK: func.func @main
// CHECK-NEXT: %[[p:.*]] = nn.matmul %arg1, %arg2 : {{.*}} -> tensor<4x2xf32>
// CHECK-NEXT: %[[y:.*]] = nn.matmul %arg0, %[[p]]
// CHECK-NEXT: return %[[y]]
chain (float[30, 4] a, float[4, 50] b, float[50, 2] c) => (float[30, 2] y) {
  y = Einsum <equation = "ij,jk,kl"> (a, b, c)
}

// -----

// CHECK-LABEL: // model sizes{{$}}
// CHECK: error: OPTC-E2002: node '/e' (Einsum): dimension 'j' of its equation has size 4 in operand 0 and 5 in operand 1
// CHECK: exit code 3
sizes (float[3, 4] a, float[5, 6] b) => (float[3, 6] y) {
  ["/e"] y = Einsum <equation = "ij,jk->ik"> (a, b)
}

// -----

// CHECK-LABEL: // model terms{{$}}
// CHECK: error: OPTC-E{{[0-9]+}}: {{.*}}/e
// CHECK: exit code 3
terms (float[3, 4] a) => (float[3, 4] y) {
  ["/e"] y = Einsum <equation = "ij,jk->ik"> (a)
}
