// REQUIRES: onnx
// RUN: %import-onnx %s check | FileCheck %s --check-prefix=TEXT
// RUN: %import-onnx %s check --format=json | FileCheck %s --check-prefix=JSON

// `optc check` lists every node that is not supported, before any work.

// TEXT-LABEL: // model several{{$}}
// TEXT: OPTC-E2001: /a {{.*}}Frobnicate
// TEXT: OPTC-E2001: /b {{.*}}Transmogrify
// TEXT: error: OPTC-E2001: 2 unsupported nodes in 'model.onnx'
// TEXT-NEXT: // exit code 3
// JSON-LABEL: // model several{{$}}
// JSON: "id": "OPTC-E2001",
// JSON-NEXT: "node": "/a",
// JSON: "node": "/b",
several (float[N] x) => (float[N] y) {
  ["/a"] a = local.Frobnicate(x)
  b = Neg(a)
  ["/b"] y = local.Transmogrify(b)
}

// -----

// A form of a known operator that is refused shows when the model is imported.
// TEXT-LABEL: // model form{{$}}
// TEXT: OPTC-E2001: /pool: {{.*}}ceil_mode
// TEXT: // exit code 3
form (float[N, 3, L] x) => (float[N, 3, M] y) {
  ["/pool"] y = LpPool <kernel_shape = [2], strides = [2], ceil_mode = 1> (x)
}

// -----

// TEXT-LABEL: // model fine{{$}}
// TEXT-NEXT: model.onnx: supported
// TEXT-NOT: exit code
// JSON-LABEL: // model fine{{$}}
// JSON-NEXT: []
fine (float[N] x) => (float[N] y) {
  y = Neg(x)
}
