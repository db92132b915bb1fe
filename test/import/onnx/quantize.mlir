// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Between real and stored values: a scale per tensor, axis or block.

// CHECK-LABEL: // model per_tensor{{$}}
// CHECK: %[[y:.*]] = qnn.quantize %arg0, %arg1 zero %arg2 : {{.*}} -> tensor<?x3xui8>
// CHECK: return %[[y]]
per_tensor (float[N, 3] x, float s, uint8 z) => (uint8[N, 3] y) {
  y = QuantizeLinear(x, s, z)
}

// -----

// CHECK-LABEL: // model per_axis{{$}}
// CHECK: %[[s:.*]] = nn.reshape %arg1, %{{.*}} {allowZero} : {{.*}} -> tensor<1x3xf32>
// CHECK: %[[z:.*]] = nn.reshape %arg2, %{{.*}} {allowZero} : {{.*}} -> tensor<1x3xi8>
// CHECK: %[[y:.*]] = qnn.dequantize %arg0, %[[s]] zero %[[z]] : {{.*}} -> tensor<?x3xf32>
// CHECK: return %[[y]]
per_axis (int8[N, 3] x, float[3] s, int8[3] z) => (float[N, 3] y) {
  y = DequantizeLinear(x, s, z)
}

// -----

// CHECK-LABEL: // model per_block{{$}}
// CHECK: %[[a:.*]] = nn.reshape %arg1, %{{.*}} {allowZero} : {{.*}} -> tensor<?x2x1xf32>
// CHECK: %[[b:.*]] = nn.expand %[[a]], %{{.*}} : {{.*}} -> tensor<?x2x3xf32>
// CHECK: %[[c:.*]] = nn.reshape %[[b]], %{{.*}} {allowZero} : {{.*}} -> tensor<?x6xf32>
// CHECK: %[[d:.*]] = nn.slice %[[c]], %{{.*}}, %{{.*}}, %{{.*}} [1] : {{.*}} -> tensor<?x6xf32>
// CHECK: %[[y:.*]] = qnn.dequantize %arg0, %[[d]] : {{.*}} -> tensor<?x6xf32>
// CHECK: return %[[y]]
per_block (int8[N, 6] x, float[N, 2] s) => (float[N, 6] y) {
  y = DequantizeLinear <axis = 1, block_size = 3> (x, s)
}

// -----

// A constant keeps its blocks.
// CHECK-LABEL: // model constant_blocks{{$}}
// CHECK: %[[d:.*]] = qnn.dequantize {{.*}} : (tensor<2x2x4xui8>, tensor<2x2x1xf32>, tensor<ui8>) -> tensor<2x2x4xf32>
// CHECK: %[[r:.*]] = nn.reshape %[[d]], {{.*}} -> tensor<2x8xf32>
// CHECK: nn.transpose %[[r]] [1, 0] : tensor<2x8xf32> -> tensor<8x2xf32>
constant_blocks (float[2, 2] s) => (float[8, 2] y)
  <int8[8, 2] x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}> {
  y = DequantizeLinear <axis = 0, block_size = 4> (x, s)
}

// -----

// CHECK-LABEL: // model number_of_blocks{{$}}
// CHECK: error: OPTC-E2002: node '/dq' (DequantizeLinear): its 6 elements along axis 1 are 2 blocks of 3, its scales 3
// CHECK-NEXT: // exit code 3
number_of_blocks (int8[N, 6] x, float[N, 3] s) => (float[N, 6] y) {
  ["/dq"] y = DequantizeLinear <axis = 1, block_size = 3> (x, s)
}

// -----

// CHECK-LABEL: // model to_int4{{$}}
// CHECK: %[[y:.*]] = qnn.quantize %arg0, %arg1 : {{.*}} -> tensor<?x3xi4>
// CHECK: return %[[y]]
to_int4 (float[N, 3] x, float s) => (int4[N, 3] y) {
  y = QuantizeLinear <output_dtype = 22> (x, s)
}

// -----

// CHECK-LABEL: // model rank_of_scale{{$}}
// CHECK: error: OPTC-E2002: node '/dq' (DequantizeLinear): its scale has rank 2 without a block_size
// CHECK-NEXT: // exit code 3
rank_of_scale (int8[N, 6] x, float[N, 2] s) => (float[N, 6] y) {
  ["/dq"] y = DequantizeLinear <axis = 1> (x, s)
}

// -----

// CHECK-LABEL: // model to_float{{$}}
// CHECK: error: OPTC-E2003: the model input 'z' has the type float8e4m3fn, which optc does not support
// CHECK-NEXT: // exit code 3
to_float (float[N, 3] x, float s, float8e4m3fn z) => (float8e4m3fn[N, 3] y) {
  ["/q"] y = QuantizeLinear(x, s, z)
}

// -----

// Of zeros alone the scale is 1.
// CHECK-LABEL: // model dynamic{{$}}
// CHECK: %[[range:.*]] = nn.binary sub %{{.*}}, %{{.*}} : (tensor<f32>, tensor<f32>)
// CHECK: %[[zero:.*]] = nn.compare eq %[[range]], %{{.*}}
// CHECK: %[[scale:.*]] = nn.select %[[zero]], %{{.*}}, %{{.*}} : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK: %[[z:.*]] = qnn.quantize %{{.*}}, %{{.*}} : (tensor<f32>, tensor<f32>) -> tensor<ui8>
// CHECK: %[[y:.*]] = qnn.quantize %arg0, %[[scale]] zero %[[z]]
// CHECK: return %[[y]], %[[scale]], %[[z]]
dynamic (float[N] x) => (uint8[N] y, float s, uint8 z) {
  y, s, z = DynamicQuantizeLinear(x)
}

// -----

// Floats of 8 bits are stored only.
// CHECK-LABEL: // model float8{{$}}
// CHECK: nn.constant dense<{{\[}}1.000000e+00, -4.480000e+02]> : tensor<2xf32>
// CHECK: nn.binary mul
<ir_version: 10, opset_import: ["" : 21]>
float8 (float s) => (float[2] y) {
  x = Constant <value = float8e4m3fn[2] {56, 254}> ()
  y = DequantizeLinear(x, s)
}

// -----

// Those of 4 bits with a scale per block are codes of a codebook.
// CHECK-LABEL: // model float4{{$}}
// CHECK: qnn.unpack %{{.*}} {bits = 4 : i64, codebook = array<i8: 64, 65, 66, 67, 68, 70, 72, 76, 64, 63, 62, 61, 60, 58, 56, 52>}
// CHECK: qnn.dequantize
<ir_version: 11, opset_import: ["" : 23]>
float4 () => (float[1, 16] y)
  <float[1, 2] s = {0.5, 0.25}> {
  x = Constant <value = float4e2m1[1, 16] {16, 50, 84, 118, 152, 186, 220, 254}> ()
  y = DequantizeLinear <axis = 1, block_size = 8> (x, s)
}

// -----

// CHECK: error: OPTC-E2001: node '/t' (Transpose): its input 'x' has a type that only DequantizeLinear and Cast take; convert it before
<ir_version: 10, opset_import: ["" : 21]>
float8_moved (float s) => (float[2, 1] y) {
  ["/c"] x = Constant <value = float8e4m3fn[1, 2] {56, 254}> ()
  ["/t"] t = Transpose(x)
  y = DequantizeLinear(t, s)
}
