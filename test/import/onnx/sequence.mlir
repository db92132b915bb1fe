// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Known sequences leave nothing behind.

// CHECK-LABEL: // model split_at{{$}}
// CHECK: %[[part:.*]] = nn.slice %arg0, {{.*}} [1] : {{.*}} -> tensor<?x2xf32>
// CHECK: return %[[part]]
split_at (float[N, 6] x) => (float[N, 2] y) <int64[3] sizes = {1, 2, 3}, int64 at = {1}> {
  s = SplitToSequence <axis = 1> (x, sizes)
  y = SequenceAt(s, at)
}

// -----

// CHECK-LABEL: // model pieces{{$}}
// CHECK: %[[length:.*]] = nn.constant dense<3> : tensor<i64>
// CHECK: %[[all:.*]] = nn.concat %{{.*}}, %{{.*}}, %{{.*}} {axis = 0 : i64}
// CHECK: return %[[all]], %[[length]]
pieces (float[3, N] x) => (float[3, N] y, int64 n) {
  s = SplitToSequence <keepdims = 0> (x)
  n = SequenceLength(s)
  y = ConcatFromSequence <axis = 0, new_axis = 1> (s)
}

// -----

// [a, b], [b, a, b], [a, b]

// CHECK-LABEL: // model changed{{$}}
// CHECK: return %arg0, %arg1
changed (float[N] a, float[M] b) => (float[N] y, float[M] z) <int64 first = {0}, int64 last = {-1}> {
  s = SequenceConstruct(a, b)
  t = SequenceInsert(s, b, first)
  u = SequenceErase(t, first)
  y = SequenceAt(u, first)
  z = SequenceAt(u, last)
}

// -----

// CHECK-LABEL: // model runtime_position{{$}}
// CHECK: run.require %{{.*}}, "node '/at': its position is none of 3"
// CHECK: nn.select
// CHECK: nn.select
runtime_position (float[N] a, float[N] b, int64 p) => (float[N] y) {
  e = SequenceEmpty()
  s = SequenceInsert(e, a)
  t = SequenceInsert(s, b)
  u = SequenceInsert(t, a, p)
  ["/at"] y = SequenceAt(u, p)
}

// -----

// CHECK-LABEL: // model differ{{$}}
// CHECK: error: OPTC-E2001: node '/at' (SequenceAt): its position is known only at run time, and the elements of its sequence differ in type or size
// CHECK-NEXT: // exit code 3
differ (float[N] a, float[M] b, int64 p) => (float[K] y) {
  s = SequenceConstruct(a, b)
  ["/at"] y = SequenceAt(s, p)
}

// -----

// CHECK-LABEL: // model position{{$}}
// CHECK: error: OPTC-E2002: node '/at' (SequenceAt): position 2 is none of 2
// CHECK-NEXT: // exit code 3
position (float[N] a, float[N] b) => (float[N] y) <int64 p = {2}> {
  s = SequenceConstruct(a, b)
  ["/at"] y = SequenceAt(s, p)
}

// -----

// CHECK-LABEL: // model output{{$}}
// CHECK: error: OPTC-E2003: the model output 's' is a sequence; only tensors can be model outputs
// CHECK-NEXT: // exit code 3
output (float[N] a) => (seq(float[N]) s) {
  s = SequenceConstruct(a)
}

// -----

// CHECK-LABEL: // model dynamic_parts{{$}}
// CHECK: error: OPTC-E2001: node '/split' (SplitToSequence): how many parts it makes is known only at run time, as the size of its axis is
// CHECK-NEXT: // exit code 3
dynamic_parts (float[N] a) => (int64 n) {
  ["/split"] s = SplitToSequence(a)
  n = SequenceLength(s)
}

// -----

// CHECK-LABEL: // model optional{{$}}
// CHECK: %[[yes:.*]] = nn.constant dense<true> : tensor<i1>
// CHECK: return %arg0, %[[yes]]
optional (float[N] a) => (float[N] y, bool has) {
  o = Optional(a)
  y = OptionalGetElement(o)
  has = OptionalHasElement(o)
}

// -----

// CHECK-LABEL: // model empty{{$}}
// CHECK: error: OPTC-E2002: node '/erase' (SequenceErase): its sequence is empty
// CHECK-NEXT: // exit code 3
empty () => (int64 n) {
  s = SequenceEmpty()
  ["/erase"] t = SequenceErase(s)
  n = SequenceLength(t)
}
