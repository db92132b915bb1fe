// RUN: optc-opt %s --cpu-emit-rows --canonicalize --cse | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>

// Softmax of rows: the maximum, the exponentials kept in the output, then their scaling.
// CHECK-LABEL: @softmax_rows
// CHECK: run.parallel
// CHECK: vector.reduction <maxnumf>
// CHECK: math.exp {{.*}} : vector<16xf32>
// CHECK: vector.store
// CHECK: vector.reduction <add>
// CHECK: arith.mulf {{.*}} : vector<16xf32>
// CHECK: vector.store
func.func @softmax_rows(%x: memref<?x?xf32>, %o: memref<?x?xf32>) {
  kernel.row_norm softmax [1] ins(%x : memref<?x?xf32>) outs(%o : memref<?x?xf32>)
      {maps = [#id]} prologue {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%n: f32, %a: f32):
    kernel.yield %n : f32
  }
  return
}

// Over the first axis lanes are columns, and statistics are vectors.
// CHECK-LABEL: @rms_columns
// CHECK-NOT: vector.reduction
// CHECK: math.sqrt {{.*}} : vector<16xf32>
// CHECK: arith.truncf {{.*}} : vector<16xf32> to vector<16xf16>
func.func @rms_columns(%x: memref<?x?xf16>, %o: memref<?x?xf16>) {
  kernel.row_norm root_mean_square [0] ins(%x : memref<?x?xf16>) outs(%o : memref<?x?xf16>)
      {maps = [#id], epsilon = 1.0e-5} prologue {
  ^bb0(%a: f16):
    %w = arith.extf %a : f16 to f32
    kernel.yield %w : f32
  } epilogue {
  ^bb0(%n: f32, %a: f16):
    %t = arith.truncf %n : f32 to f16
    kernel.yield %t : f16
  }
  return
}
