// RUN: optc-opt %s --cpu-expand-math | FileCheck %s
// RUN: optc-opt %s --cpu-expand-math=level=x86-64-v3 | FileCheck %s --check-prefix=V3

// CHECK: func.func private @atan(f64) -> f64

// CHECK-LABEL: func.func @exp
// CHECK-NOT: math.exp
// CHECK: math.fma
// CHECK: llvm.x86.avx512.mask.scalef.ps.512
// V3-LABEL: func.func @exp
// V3-NOT: scalef
// V3: arith.shli
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}

// f16 goes through f32.
// CHECK-LABEL: func.func @tanh
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: math.fma {{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to f16
func.func @tanh(%x: f16) -> f16 {
  %y = math.tanh %x : f16
  return %y : f16
}

// f64 calls libm for each lane.
// CHECK-LABEL: func.func @atan_f64
// CHECK: scf.for
// CHECK: call @atan({{.*}}) : (f64) -> f64
func.func @atan_f64(%x: vector<4xf64>) -> vector<4xf64> {
  %y = math.atan %x : vector<4xf64>
  return %y : vector<4xf64>
}

// Small powers are products.
// CHECK-LABEL: func.func @square
// CHECK: arith.mulf %[[X:.*]], %[[X]] : f32
// CHECK-NEXT: return
func.func @square(%x: f32) -> f32 {
  %c = arith.constant 2.0 : f32
  %y = math.powf %x, %c : f32
  return %y : f32
}

// No arithmetic on bf16, whose casts are shifts.
// CHECK-LABEL: func.func @bf16
// CHECK: arith.addf {{.*}} : f32
// CHECK-NOT: truncf
func.func @bf16(%x: bf16, %y: bf16) -> bf16 {
  %r = arith.addf %x, %y : bf16
  return %r : bf16
}

// What is an instruction stays.
// CHECK-LABEL: func.func @inline
// CHECK: math.sqrt
// CHECK: math.floor
func.func @inline(%x: f32) -> f32 {
  %y = math.sqrt %x : f32
  %z = math.floor %y : f32
  return %z : f32
}

// Of 2^x, half as many products where 13 bits are enough.
// CHECK-LABEL: func.func @exp2
// CHECK: math.roundeven
// CHECK-COUNT-6: math.fma
// CHECK: scalef
// CHECK-COUNT-3: math.fma
// CHECK: scalef
func.func @exp2(%x: vector<16xf32>, %y: vector<16xf32>) -> (vector<16xf32>, vector<16xf32>) {
  %0 = math.exp2 %x : vector<16xf32>
  %1 = math.exp2 %y fastmath<afn> : vector<16xf32>
  return %0, %1 : vector<16xf32>, vector<16xf32>
}
