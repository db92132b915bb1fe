// REQUIRES: onnx
// RUN: %import-onnx %s check | FileCheck %s --check-prefix=TEXT
// RUN: %import-onnx %s check --format=json | FileCheck %s --check-prefix=JSON

// `optc check` lists every node that is not supported, before any work.

// TEXT-LABEL: // model several{{$}}
// TEXT-NEXT: OPTC-E2001: /a (local:Frobnicate): optc has no implementation of this operator
// TEXT-NEXT: OPTC-E2001: /b (local:Transmogrify): optc has no implementation of this operator
// TEXT-NEXT: 1 node depends on these and could not be judged
// TEXT-NEXT: what to do about OPTC-E2001
// TEXT-NEXT: error: OPTC-E2001: 'model.onnx' is not supported, for 2 reasons
// TEXT-NEXT: // exit code 3
// JSON-LABEL: // model several{{$}}
// JSON: "supported": false
// JSON: "node": "/a",
// JSON-NEXT: "op": "local:Frobnicate",
// JSON-NEXT: "id": "OPTC-E2001",
// JSON: "node": "/b",
several (float[N] x) => (float[N] y) {
  ["/a"] a = local.Frobnicate(x)
  b = Neg(a)
  ["/b"] y = local.Transmogrify(b)
}

// -----

// A form of a known operator that is refused shows when the model is imported.
// TEXT-LABEL: // model form{{$}}
// TEXT-NEXT: OPTC-E2001: /pool (LpPool): pools over 4 spatial dimensions; 1 to 3 are supported
// TEXT: // exit code 3
form (float[N, 3, L, 1, 1, 1] x) => (float[N, 3, M, 1, 1, 1] y) {
  ["/pool"] y = LpPool <kernel_shape = [2, 1, 1, 1]> (x)
}

// -----

// TEXT-LABEL: // model fine{{$}}
// TEXT-NEXT: model.onnx: supported
// TEXT-NOT: exit code
// JSON-LABEL: // model fine{{$}}
// JSON: "supported": true
// JSON-NEXT: "findings": [],
// JSON-NEXT: "not_judged": 0,
// JSON-NEXT: "notes": []
fine (float[N] x) => (float[N] y) {
  y = Neg(x)
}

// -----

// The import goes on after a refused form: both branches, what stands behind, constants. Nothing
// is said of what depends on one of them, but for operators that do not exist.
// TEXT-LABEL: // model forms{{$}}
// TEXT-NEXT: OPTC-E2001: /pool (LpPool): pools over 4 spatial dimensions; 1 to 3 are supported
// TEXT-NEXT: OPTC-E2001: /then (LpPool): pools over 4
// TEXT-NEXT: OPTC-E2001: /else (LpPool): pools over 4
// TEXT-NEXT: OPTC-E2001: /unknown (local:Frobnicate): optc has no implementation of this operator
// TEXT-NEXT: OPTC-E2001: /last (LpPool): pools over 4
// TEXT-NEXT: 3 nodes depend on these and could not be judged
forms (float[N, 3, L, 1, 1, 1] x, bool c) => (float[N, 3, M, 1, 1, 1] y, float[N, 3, M, 1, 1, 1] z, float[N, 3, M, 1, 1, 1] v) {
  ["/pool"] a = LpPool <kernel_shape = [2, 1, 1, 1]> (x)
  b = Neg(a)
  ["/if"] d = If(c) <
    then_branch = yes () => (float[N, 3, M, 1, 1, 1] t) { ["/then"] t = LpPool <kernel_shape = [2, 1, 1, 1]> (x) },
    else_branch = no () => (float[N, 3, M, 1, 1, 1] e) { ["/else"] e = LpPool <kernel_shape = [2, 1, 1, 1]> (x) }
  >
  y = Add(b, d)
  ["/unjudged if"] z = If(c) <
    then_branch = yes2 () => (float[N, 3, M, 1, 1, 1] t2) { ["/unknown"] t2 = local.Frobnicate(b) },
    else_branch = no2 () => (float[N, 3, M, 1, 1, 1] e2) { e2 = Neg(b) }
  >
  ["/last"] v = LpPool <kernel_shape = [2, 1, 1, 1]> (x)
}

// -----

// A body is imported more than once; what is wrong in it is told once.
// TEXT-LABEL: // model body{{$}}
// TEXT-NEXT: OPTC-E2001: /inner (LpPool): pools over 4
// TEXT-NEXT: what to do
body (float[N, 3, L, 1, 1, 1] x, int64 n) => (float[K, N, 3, M, 1, 1, 1] y) <bool go = {1}> {
  ["/loop"] y = Loop(n, go) <
    body = step (int64 i, bool c) => (bool more, float[N, 3, M, 1, 1, 1] row) {
      more = Identity(c)
      ["/inner"] row = LpPool <kernel_shape = [2, 1, 1, 1]> (x)
    }
  >
}

// -----

// What has one meaning is taken, with a note.
// TEXT-LABEL: // model unsorted{{$}}
// TEXT-NEXT: note: OPTC-E1007: the nodes are not in an order they can run in; they were sorted
// TEXT-NEXT: note: OPTC-E1063: the model declares the output 'y' as float32[2,4], its nodes make float32[2,3]
// TEXT-NEXT: model.onnx: supported
// TEXT-NOT: exit code
// JSON-LABEL: // model unsorted{{$}}
// JSON: "supported": true
// JSON: "notes": [
// JSON: "id": "OPTC-E1007",
unsorted (float[2, 3] x) => (float[2, 4] y) {
  y = Neg(t)
  t = Exp(x)
}
