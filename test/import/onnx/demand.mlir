// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Values that only the run knows are judged by it.

// Of several the worst one is, and only what sizes do not prove.
// CHECK-LABEL: // model split{{$}}
// CHECK: %[[sum:.*]] = nn.reduce sum %arg1
// CHECK: %[[least:.*]] = nn.reduce min %arg1
// CHECK: arith.cmpi sge
// CHECK: run.require %{{.*}}, "node {{.*}}: it is to split off {0} elements"
// CHECK: arith.cmpi eq
// CHECK: run.require %{{.*}}, "node {{.*}}: its sizes add up to {0}, there are {1}"
// CHECK: nn.slice
split (float[N] x, int64[2] s) => (float[A] y, float[B] z) {
  y, z = Split(x, s)
}

// -----

// CHECK-LABEL: // model known{{$}}
// CHECK-NOT: run.require
// CHECK: return
known (float[5] x) => (float[A] y, float[B] z) {
  s = Constant <value = int64[2] {2, 3}>()
  y, z = Split(x, s)
}

// -----

// Nothing of the size can be negative.
// CHECK-LABEL: // model proven{{$}}
// CHECK-NOT: run.require
// CHECK: return
proven (float[N, M] x) => (float[A, B] y) {
  s = Shape(x)
  t = Concat<axis = 0>(s, s)
  p = Constant <value = int64[4] {0, 1, 0, 1}>()
  z = Pad(x, p)
  o = Constant <value = int64[2] {-1, 1}>()
  r = Reshape(z, o)
  y = Expand(r, s)
}

// -----

// CHECK-LABEL: // model reflected{{$}}
// CHECK: run.require %{{.*}}, "node {{.*}}: its border needs {1} elements, there are {0} at dimension 0"
// CHECK: nn.pad reflect
reflected (float[N] x) => (float[M] y) {
  p = Constant <value = int64[2] {2, 1}>()
  y = Pad<mode = "reflect">(x, p)
}

// -----

// A number of another type: the message can not name it.
// CHECK-LABEL: // model step{{$}}
// CHECK: arith.cmpf une
// CHECK: run.require %{{[a-z0-9_]+}}, "node {{.*}}: its step is 0"{{$}}
step (float a, float b, float c) => (float[N] y) {
  y = Range(a, b, c)
}
