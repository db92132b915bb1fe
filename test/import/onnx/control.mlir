// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// If, Loop and Scan are scf ops with nn ops inside; subgraphs see the values around them.

// CHECK-LABEL: // model if_of_data{{$}}
// CHECK: %[[c:.*]] = tensor.extract %arg0[] : tensor<i1>
// CHECK: %[[r:.*]] = scf.if %[[c]] -> (tensor<?x3xf32>) {
// CHECK: %[[a:.*]] = nn.unary exp %arg1
// CHECK: scf.yield %[[a]]
// CHECK: } else {
// CHECK: %[[b:.*]] = nn.concat %arg1, %{{.*}} {axis = 0 : i64}
// CHECK: scf.yield %[[b]]
// CHECK: return %[[r]]
if_of_data (bool c, float[N, 3] x) => (float[M, 3] y) {
  y = If(c) <
    then_branch = yes () => (float[N, 3] a) { a = Exp(x) },
    else_branch = no () => (float[M, 3] b) <float[2, 3] k = {1, 2, 3, 4, 5, 6}> { b = Concat <axis = 0> (x, k) }
  >
}

// -----

// CHECK-LABEL: // model if_known{{$}}
// CHECK-NOT: scf.if
// CHECK: %[[a:.*]] = nn.unary neg %arg0
// CHECK: return %[[a]]
if_known (float[N, 3] x) => (float[N, 3] y) <bool c = {0}> {
  y = If(c) <
    then_branch = yes () => (float[N, 3] a) { a = Exp(x) },
    else_branch = no () => (float[N, 3] b) { b = Neg(x) }
  >
}

// -----

// The number of rows and their size are known: they are written into one tensor.
// CHECK-LABEL: // model loop{{$}}
// CHECK: %[[all:.*]] = tensor.empty(%{{.*}}) : tensor<?x3xf32>
// CHECK: %[[loop:.*]]:4 = scf.while (%[[i:.*]] = %{{.*}}, %[[go:.*]] = %{{.*}}, %[[s:.*]] = %arg1, %[[rows:.*]] = %[[all]])
// CHECK: %[[less:.*]] = arith.cmpi slt, %[[i]], %{{.*}} : i64
// CHECK: %[[and:.*]] = arith.andi %[[less]], %[[go]]
// CHECK: scf.condition(%[[and]]) %[[i]], %[[go]], %[[s]], %[[rows]]
// CHECK: ^bb0(%[[i2:.*]]: i64, %[[go2:.*]]: i1, %[[s2:.*]]: tensor<?x3xf32>, %[[rows2:.*]]: tensor<?x3xf32>):
// CHECK: %[[t:.*]] = nn.unary exp %[[s2]]
// CHECK: nn.reduce sum %[[s2]] [0]
// CHECK: %[[at:.*]] = arith.index_cast %[[i2]]
// CHECK: %[[stored:.*]] = tensor.insert_slice %{{.*}} into %[[rows2]][%[[at]], 0] [1, 3] [1, 1]
// CHECK: scf.yield %{{.*}}, %{{.*}}, %[[t]], %[[stored]]
// CHECK: return %[[loop]]#2, %[[loop]]#3
loop (int64 n, float[N, 3] x) => (float[N, 3] y, float[K, 3] rows) <bool go = {1}, int64[1] zero = {0}> {
  y, rows = Loop(n, go, x) <
    body = step (int64 i, bool c, float[N, 3] s) => (bool more, float[N, 3] t, float[3] row) {
      more = Identity(c)
      t = Exp(s)
      row = ReduceSum <keepdims = 0> (s, zero)
    }
  >
}

// -----

// How often it runs, and how long a row is, only the iterations know: a list collects rows.
// CHECK-LABEL: // model loop_until{{$}}
// CHECK: %[[list:.*]] = run.list %c0
// CHECK: %[[loop:.*]]:4 = scf.while
// CHECK: ^bb0({{.*}}, %{{.*}}: index):
// CHECK: run.append %[[row:.*]] to %[[list]] : tensor<?x3xf32>
// CHECK: %[[length:.*]] = tensor.dim %[[row]], %c0
// CHECK: scf.yield {{.*}}, %[[length]]
// CHECK: %[[count:.*]] = arith.index_cast %[[loop]]#0 : i64 to index
// CHECK: %[[all:.*]] = tensor.empty(%[[count]], %[[loop]]#3) : tensor<?x?x3xf32>
// CHECK: run.take %[[list]] into %[[all]]
loop_until (float[N, 3] x, bool[N] keep) => (float[K, R, 3] rows) <bool go = {1}, int64 most = {9}> {
  y, rows = Loop(, go, x) <
    body = step (int64 i, bool c, float[M, 3] s) => (bool more, float[M, 3] t, float[Q, 3] row) {
      more = Less(i, most)
      t = Exp(s)
      row = Compress <axis = 0> (x, keep)
    }
  >
}

// -----

// The state's size changes: its type becomes dynamic.
// CHECK-LABEL: // model loop_grows{{$}}
// CHECK: %[[first:.*]] = tensor.cast %arg1 : tensor<1x3xf32> to tensor<?x3xf32>
// CHECK: %[[loop:.*]]:3 = scf.while ({{.*}}, %{{.*}} = %[[first]])
// CHECK: ^bb0(%{{.*}}: i64, %{{.*}}: i1, %[[s:.*]]: tensor<?x3xf32>):
// CHECK: %[[t:.*]] = nn.concat %[[s]], %arg1 {axis = 0 : i64}
// CHECK: scf.yield %{{.*}}, %{{.*}}, %[[t]]
// CHECK: return %[[loop]]#2
loop_grows (int64 n, float[1, 3] x) => (float[K, 3] y) <bool go = {1}> {
  y = Loop(n, go, x) <
    body = step (int64 i, bool c, float[R, 3] s) => (bool more, float[Q, 3] t) {
      more = Identity(c)
      t = Concat <axis = 0> (s, x)
    }
  >
}

// -----

// Backwards: step i reads row S - 1 - i.
// CHECK-LABEL: // model scan{{$}}
// CHECK: %[[loop:.*]]:4 = scf.while ({{.*}}, %{{.*}} = %arg0, %{{.*}} = %{{.*}})
// CHECK: ^bb0(%[[i:.*]]: i64, %{{.*}}: i1, %[[s:.*]]: tensor<3xf32>, %[[all:.*]]: tensor<?x3xf32>):
// CHECK: %[[step:.*]] = tensor.from_elements %[[i]]
// CHECK: %[[at:.*]] = nn.binary sub %{{.*}}, %[[step]]
// CHECK: %[[e:.*]] = nn.gather %arg1, %[[at]] {axis = 0 : i64}
// CHECK: %[[t:.*]] = nn.binary add %[[s]], %[[e]]
// CHECK: %[[stored:.*]] = tensor.insert_slice %{{.*}} into %[[all]][%{{.*}}, 0] [1, 3] [1, 1]
// CHECK: scf.yield %{{.*}}, %{{.*}}, %[[t]], %[[stored]]
// CHECK: return %[[loop]]#2, %[[loop]]#3
scan (float[3] h, float[S, 3] x) => (float[3] y, float[S, 3] all) {
  y, all = Scan(h, x) <num_scan_inputs = 1, scan_input_directions = [1],
    body = step (float[3] s, float[3] e) => (float[3] t, float[3] o) {
      t = Add(s, e)
      o = Identity(t)
    }
  >
}
