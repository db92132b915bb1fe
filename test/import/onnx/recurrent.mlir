// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// One product of all inputs with the weights, then a loop over time.

// Gates i, o, f, c: cell' = f * cell + i * tanh(c), state' = o * tanh(cell').
// CHECK-LABEL: // model lstm{{$}}
// CHECK: %[[w:.*]] = nn.transpose %{{.*}} [1, 0] : {{.*}} -> tensor<4x12xf32>
// CHECK: %[[r:.*]] = nn.transpose %{{.*}} [1, 0] : {{.*}} -> tensor<3x12xf32>
// CHECK: %[[bias:.*]] = nn.binary add {{.*}} -> tensor<12xf32>
// CHECK: %[[x:.*]] = nn.matmul %arg0, %[[w]] : {{.*}} -> tensor<?x?x12xf32>
// CHECK: %[[all:.*]] = nn.binary add %[[x]], %[[bias]]
// CHECK: scf.for %[[t:.*]] = {{.*}} iter_args(%[[out:.*]] = %{{.*}}, %[[state:.*]] = %{{.*}}, %[[cell:.*]] = %{{[^)]*}})
// CHECK: %[[now:.*]] = tensor.extract_slice %[[all]][%[[t]], 0, 0]
// CHECK: %[[h:.*]] = nn.matmul %[[state]], %[[r]]
// CHECK: %[[sum:.*]] = nn.binary add %[[now]], %[[h]]
// CHECK: %[[i:.*]] = nn.unary sigmoid
// CHECK: %[[f:.*]] = nn.unary sigmoid
// CHECK: %[[c:.*]] = nn.unary tanh
// CHECK: %[[kept:.*]] = nn.binary mul %[[f]], %[[cell]]
// CHECK: %[[added:.*]] = nn.binary mul %[[i]], %[[c]]
// CHECK: %[[next:.*]] = nn.binary add %[[kept]], %[[added]]
// CHECK: %[[o:.*]] = nn.unary sigmoid
// CHECK: %[[squashed:.*]] = nn.unary tanh %[[next]]
// CHECK: %[[y:.*]] = nn.binary mul %[[o]], %[[squashed]]
// CHECK: %[[stored:.*]] = tensor.insert_slice %[[y]] into %[[out]][%[[t]], 0, 0]
// CHECK: scf.yield %[[stored]], %[[y]], %[[next]]
lstm (float[S, B, 4] x, float[1, 12, 4] w, float[1, 12, 3] r, float[1, 24] b)
    => (float[S, 1, B, 3] y, float[1, B, 3] h, float[1, B, 3] c) {
  y, h, c = LSTM <hidden_size = 3> (x, w, r, b)
}

// -----

// Gates z, r, h: state' = (1 - z) * tanh(h) + z * state.
// CHECK-LABEL: // model gru_of_one_step{{$}}
// CHECK-NOT: scf.for
// CHECK: nn.matmul %arg0, %{{.*}} : {{.*}} -> tensor<1x?x9xf32>
// CHECK: %[[z:.*]] = nn.unary sigmoid
// CHECK: %[[r:.*]] = nn.unary sigmoid
// CHECK: %[[reset:.*]] = nn.binary mul %[[r]], %[[state:[^ ]*]] :
// CHECK: nn.matmul %[[reset]]
// CHECK: %[[h:.*]] = nn.unary tanh
// CHECK: %[[rest:.*]] = nn.binary sub %{{.*}}, %[[z]]
// CHECK: %[[new:.*]] = nn.binary mul %[[rest]], %[[h]]
// CHECK: %[[old:.*]] = nn.binary mul %[[z]], %[[state]]
// CHECK: nn.binary add %[[new]], %[[old]]
gru_of_one_step (float[1, B, 4] x, float[1, 9, 4] w, float[1, 9, 3] r) => (float[1, B, 3] h) {
  , h = GRU <hidden_size = 3> (x, w, r)
}

// -----

// After the end of its sequence a row's output is zero and its state stays. The second direction
// starts at the end; activations are one per direction.
// CHECK-LABEL: // model rnn_bidirectional{{$}}
// CHECK: %[[x:.*]] = nn.transpose %arg0 [1, 0, 2] : {{.*}} -> tensor<?x?x4xf32>
// CHECK: %[[lengths:.*]] = nn.reshape %{{.*}} : {{.*}} -> tensor<?x1xi64>
// CHECK: %[[first:.*]]:2 = scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[state:.*]] = %{{[^)]*}})
// CHECK: %[[y:.*]] = nn.unary relu
// CHECK: %[[valid:.*]] = nn.compare gt %[[lengths]]
// CHECK: %[[out:.*]] = nn.select %[[valid]], %[[y]], %{{.*}} : (tensor<?x1xi1>, tensor<?x3xf32>, tensor<f32>)
// CHECK: %[[next:.*]] = nn.select %[[valid]], %[[y]], %[[state]]
// CHECK: %[[one:.*]] = nn.reshape %[[first]]#0
// CHECK: %[[second:.*]]:2 = scf.for %[[t:.*]] = %{{.*}} to %[[count:.*]] step %[[step:.*]] iter_args
// CHECK: %[[last:.*]] = arith.subi %[[count]], %[[step]]
// CHECK: arith.subi %[[last]], %[[t]]
// CHECK: nn.unary tanh
// CHECK: %[[two:.*]] = nn.reshape %[[second]]#0
// CHECK: %[[both:.*]] = nn.concat %[[one]], %[[two]] {axis = 1 : i64}
// CHECK: %[[result:.*]] = nn.transpose %[[both]] [2, 0, 1, 3]
// CHECK: return %[[result]]
rnn_bidirectional (float[B, S, 4] x, float[2, 3, 4] w, float[2, 3, 3] r, int32[B] l) => (float[B, S, 2, 3] y) {
  y = RNN <hidden_size = 3, direction = "bidirectional", layout = 1, activations = ["Relu", "Tanh"]> (x, w, r, , l)
}

// -----

// CHECK-LABEL: // model activation{{$}}
// CHECK: error: OPTC-E2001: node '/rnn' (RNN): the activation 'Sine'
// CHECK-NEXT: // exit code 3
activation (float[S, B, 4] x, float[1, 3, 4] w, float[1, 3, 3] r) => (float[S, 1, B, 3] y) {
  ["/rnn"] y = RNN <hidden_size = 3, activations = ["Sine"]> (x, w, r)
}

// -----

// CHECK-LABEL: // model activation_count{{$}}
// CHECK: error: OPTC-E2002: node '/lstm' (LSTM): 1 activations, needed are 3
// CHECK-NEXT: // exit code 3
activation_count (float[S, B, 4] x, float[1, 12, 4] w, float[1, 12, 3] r) => (float[S, 1, B, 3] y) {
  ["/lstm"] y = LSTM <hidden_size = 3, activations = ["Tanh"]> (x, w, r)
}

// -----

// CHECK-LABEL: // model dynamic_weights{{$}}
// CHECK: error: OPTC-E2001: node '/lstm' (LSTM): weights of dynamic sizes; give them a static shape
// CHECK-NEXT: // exit code 3
dynamic_weights (float[S, B, 4] x, float[1, G, 4] w, float[1, G, H] r) => (float[S, 1, B, H] y) {
  ["/lstm"] y = LSTM(x, w, r)
}
