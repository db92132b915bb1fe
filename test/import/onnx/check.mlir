// REQUIRES: onnx
// RUN: %import-onnx %s check | FileCheck %s --check-prefix=TEXT
// RUN: %import-onnx %s check --format=json | FileCheck %s --check-prefix=JSON

// `optc check` lists every node that is not supported, before any work.

// TEXT-LABEL: // model several{{$}}
// TEXT-NEXT: OPTC-E2001: /a (local:Frobnicate): optc has no implementation of this operator
// TEXT-NEXT: OPTC-E2001: /b (local:Transmogrify): optc has no implementation of this operator
// TEXT-NEXT: 1 nodes depend on these and could not be judged
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
// TEXT-NEXT: OPTC-E2001: /pool (LpPool): ceil_mode is set; give explicit pads
// TEXT: // exit code 3
form (float[N, 3, L] x) => (float[N, 3, M] y) {
  ["/pool"] y = LpPool <kernel_shape = [2], strides = [2], ceil_mode = 1> (x)
}

// -----

// TEXT-LABEL: // model fine{{$}}
// TEXT-NEXT: model.onnx: supported
// TEXT-NOT: exit code
// JSON-LABEL: // model fine{{$}}
// JSON: "supported": true
// JSON-NEXT: "findings": [],
fine (float[N] x) => (float[N] y) {
  y = Neg(x)
}
