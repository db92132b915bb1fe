// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Weights are transposed, the biases of input and state are one, states are zeros if not given.
// CHECK-LABEL: // model lstm{{$}}
// CHECK: %[[bias:.*]] = nn.binary add {{.*}} -> tensor<12xf32>
// CHECK: %[[w:.*]] = nn.transpose %{{.*}} [1, 0] : {{.*}} -> tensor<4x12xf32>
// CHECK: %[[r:.*]] = nn.transpose %{{.*}} [1, 0] : {{.*}} -> tensor<3x12xf32>
// CHECK: %[[state:.*]] = nn.expand
// CHECK: %[[cell:.*]] = nn.expand
// CHECK: nn.recurrent lstm %arg0 weights %[[w]], %[[r]] bias %[[bias]] state %[[state]] cell %[[cell]]
// CHECK-SAME: activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]
// CHECK-NOT: scf.for
lstm (float[S, B, 4] x, float[1, 12, 4] w, float[1, 12, 3] r, float[1, 24] b)
    => (float[S, 1, B, 3] y, float[1, B, 3] h, float[1, B, 3] c) {
  y, h, c = LSTM <hidden_size = 3> (x, w, r, b)
}

// -----

// The state's bias of the last gate stands apart, for the reset gate scales it.
// CHECK-LABEL: // model gru{{$}}
// CHECK: nn.recurrent gru %arg0 weights %{{.*}}, %{{.*}} bias %{{.*}} recurrent_bias %{{.*}} state
// CHECK-SAME: clip = 2.000000e+00 : f64, linearBeforeReset, reverse
gru (float[1, B, 4] x, float[1, 9, 4] w, float[1, 9, 3] r, float[1, 18] b) => (float[1, B, 3] h) {
  , h = GRU <hidden_size = 3, linear_before_reset = 1, direction = "reverse", clip = 2.0> (x, w, r, b)
}

// -----

// The second direction starts at the end; activations are one per direction.
// CHECK-LABEL: // model rnn_bidirectional{{$}}
// CHECK: %[[x:.*]] = nn.transpose %arg0 [1, 0, 2] : {{.*}} -> tensor<?x?x4xf32>
// CHECK: %[[lengths:.*]] = nn.cast %{{.*}} -> tensor<?xi64>
// CHECK: nn.recurrent rnn %[[x]] {{.*}} lengths %[[lengths]] state {{.*}} {activations = [#nn.activation<relu>]
// CHECK: %[[one:.*]] = nn.reshape
// CHECK: nn.recurrent rnn %[[x]] {{.*}} {activations = [#nn.activation<leaky_relu>], alphas = array<f64: 1.000000e-02>, {{.*}}reverse}
// CHECK: %[[two:.*]] = nn.reshape
// CHECK: %[[both:.*]] = nn.concat %[[one]], %[[two]] {axis = 1 : i64}
// CHECK: %[[result:.*]] = nn.transpose %[[both]] [2, 0, 1, 3]
// CHECK: return %[[result]]
rnn_bidirectional (float[B, S, 4] x, float[2, 3, 4] w, float[2, 3, 3] r, int32[B] l) => (float[B, S, 2, 3] y) {
  y = RNN <hidden_size = 3, direction = "bidirectional", layout = 1, activations = ["Relu", "LeakyRelu"]> (x, w, r, , l)
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
// CHECK: error: OPTC-E2001: node '/lstm' (LSTM): a state of unknown size; give the weights a static shape, or the node a hidden_size
// CHECK-NEXT: // exit code 3
dynamic_weights (float[S, B, 4] x, float[1, G, 4] w, float[1, G, H] r) => (float[S, 1, B, H] y) {
  ["/lstm"] y = LSTM(x, w, r)
}

// -----

// The data become bytes with a scale of their own, the weights stay what they are.
// CHECK-LABEL: // model integers{{$}}
// CHECK: %[[x:.*]] = qnn.dequantize {{.*}} : (tensor<?x?x1xui8>, tensor<f32>, tensor<ui8>) -> tensor<?x?x1xf32>
// CHECK: %[[w:.*]] = qnn.dequantize {{.*}} : (tensor<1x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x4xf32>
// CHECK: %[[r:.*]] = qnn.dequantize {{.*}} : (tensor<1x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x4xf32>
// CHECK: nn.recurrent lstm %[[x]] weights %[[w]], %[[r]]
<ir_version: 8, opset_import: ["" : 16, "com.microsoft" : 1]>
integers (float[S, B, 1] x) => (float[S, 1, B, 1] y)
  <int8[1, 1, 4] w = {1, 2, 3, 4}, int8[1, 1, 4] r = {4, 3, 2, 1}, float[1] s = {0.5}, int8[1] z = {0}> {
  y = com.microsoft.DynamicQuantizeLSTM <hidden_size = 1> (x, w, r, , , , , , s, z, s, z)
}
