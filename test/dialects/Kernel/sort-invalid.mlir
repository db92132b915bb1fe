// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @ranks(%x: memref<2x9xf32>, %o: memref<4xi64>) {
  // expected-error@+1 {{[kernel.argsort.R1] keys have rank 2, the init has 1}}
  kernel.argsort ins(%x : memref<2x9xf32>) outs(%o : memref<4xi64>)
  return
}

// -----

func.func @positions(%x: memref<9xf32>, %o: memref<4xi32>) {
  // expected-error@+1 {{[kernel.argsort.R2] the init has elements of type 'i32'}}
  kernel.argsort ins(%x : memref<9xf32>) outs(%o : memref<4xi32>)
  return
}
