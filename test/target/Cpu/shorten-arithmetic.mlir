// RUN: optc-opt %s --cpu-shorten-arithmetic=level=x86-64-v4-bf16 | FileCheck %s
// RUN: optc-opt %s --cpu-shorten-arithmetic | FileCheck %s --check-prefix=V4
// RUN: optc-opt %s --cpu-shorten-arithmetic=level=aarch64-bf16 | FileCheck %s --check-prefix=ARM

// Hard-swish with a scale and a shift, as PP-OCR has it: 3 / 6 is one factor, and an fma adds 4.
// CHECK-LABEL: func.func @hard_swish
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK-DAG: %[[HALF:.*]] = arith.constant dense<5.000000e-01> : vector<16xf32>
// CHECK-DAG: %[[FOUR:.*]] = arith.constant dense<4.000000e+00> : vector<16xf32>
// CHECK: %[[A:.*]] = arith.addf
// CHECK: %[[LESS:.*]] = arith.cmpf ogt, %[[ZERO]], %[[A]]
// CHECK: %[[B:.*]] = arith.select %[[LESS]], %[[ZERO]], %[[A]]
// CHECK: %[[C:.*]] = arith.minimumf %[[B]]
// CHECK: %[[D:.*]] = arith.mulf %{{.*}}, %[[C]]
// CHECK: math.fma %[[D]], %[[HALF]], %[[FOUR]]
// CHECK-NOT: arith.divf
// On aarch64 the largest of two, NaN if one is, is an instruction.
// ARM-LABEL: func.func @hard_swish
// ARM: arith.maximumf
// ARM: arith.minimumf
func.func @hard_swish(%x: vector<16xf32>) -> vector<16xf32> {
  %zero = arith.constant dense<0.0> : vector<16xf32>
  %three = arith.constant dense<3.0> : vector<16xf32>
  %four = arith.constant dense<4.0> : vector<16xf32>
  %six = arith.constant dense<6.0> : vector<16xf32>
  %0 = arith.addf %x, %three : vector<16xf32>
  %1 = arith.maximumf %0, %zero : vector<16xf32>
  %2 = arith.minimumf %1, %six : vector<16xf32>
  %3 = arith.mulf %x, %2 : vector<16xf32>
  %4 = arith.divf %3, %six : vector<16xf32>
  %5 = arith.mulf %4, %three : vector<16xf32>
  %6 = arith.addf %5, %four : vector<16xf32>
  return %6 : vector<16xf32>
}

// A division alone, of which the quotient may be whole, and a sum of variables stay.
// CHECK-LABEL: func.func @left_alone
// CHECK: arith.divf
// CHECK: arith.mulf
// CHECK: arith.addf
func.func @left_alone(%x: vector<16xf32>, %y: vector<16xf32>) -> vector<16xf32> {
  %c = arith.constant dense<49.0> : vector<16xf32>
  %0 = arith.divf %x, %c : vector<16xf32>
  %1 = arith.mulf %0, %y : vector<16xf32>
  %2 = arith.addf %1, %x : vector<16xf32>
  return %2 : vector<16xf32>
}

// CHECK-LABEL: func.func @shifted_product
// CHECK: math.fma %arg0, %arg1, %{{.*}} : vector<16xf32>
func.func @shifted_product(%x: vector<16xf32>, %y: vector<16xf32>) -> vector<16xf32> {
  %c = arith.constant dense<49.0> : vector<16xf32>
  %0 = arith.mulf %x, %y : vector<16xf32>
  %1 = arith.addf %0, %c : vector<16xf32>
  return %1 : vector<16xf32>
}

// The joint factor would overflow.
// CHECK-LABEL: func.func @overflow
// CHECK: arith.divf
// CHECK: arith.mulf
func.func @overflow(%x: f32) -> f32 {
  %small = arith.constant 1.0e-30 : f32
  %large = arith.constant 1.0e+30 : f32
  %0 = arith.divf %x, %small : f32
  %1 = arith.mulf %0, %large : f32
  return %1 : f32
}

// CHECK-LABEL: func.func @narrow
// CHECK: llvm.call_intrinsic "llvm.x86.avx512bf16.cvtneps2bf16.512"(%{{.*}}) : (vector<16xf32>) -> vector<16xbf16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512bf16.cvtneps2bf16.256"(%{{.*}}) : (vector<8xf32>) -> vector<8xbf16>
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// V4-LABEL: func.func @narrow
// V4-COUNT-3: arith.truncf
func.func @narrow(%x: vector<16xf32>, %y: vector<8xf32>, %z: f32) -> (vector<16xbf16>, vector<8xbf16>, bf16) {
  %0 = arith.truncf %x : vector<16xf32> to vector<16xbf16>
  %1 = arith.truncf %y : vector<8xf32> to vector<8xbf16>
  %2 = arith.truncf %z : f32 to bf16
  return %0, %1, %2 : vector<16xbf16>, vector<8xbf16>, bf16
}

// CHECK-LABEL: func.func @narrow_two
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512bf16.cvtneps2bf16.512"
// CHECK-NOT: arith.truncf
// ARM-LABEL: func.func @narrow_two
// ARM-COUNT-8: llvm.fptrunc %{{.*}} : vector<4xf32> to vector<4xbf16>
// ARM-NOT: arith.truncf
func.func @narrow_two(%x: vector<32xf32>) -> vector<32xbf16> {
  %0 = arith.truncf %x : vector<32xf32> to vector<32xbf16>
  return %0 : vector<32xbf16>
}

// An estimate and a step of Newton's, or the estimate alone; without leave, a division.
// V4-LABEL: func.func @inverse
// V4: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : vector<16xf32>
// V4: arith.divf
// V4: %[[E:.*]] = llvm.call_intrinsic "llvm.x86.avx512.rcp14.ps.512"(%[[X:arg0]], %{{.*}}, %{{.*}})
// V4: %[[M:.*]] = arith.negf %[[E]]
// V4: %[[R:.*]] = math.fma %[[M]], %[[X]], %[[ONE]]
// V4: math.fma %[[E]], %[[R]], %[[E]]
// V4: llvm.call_intrinsic "llvm.x86.avx512.rcp14.ps.512"
// V4-NOT: math.fma
// ARM-LABEL: func.func @inverse
// ARM-COUNT-3: arith.divf
func.func @inverse(%x: vector<16xf32>) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>) {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %0 = arith.divf %one, %x : vector<16xf32>
  %1 = arith.divf %one, %x fastmath<arcp> : vector<16xf32>
  %2 = arith.divf %one, %x fastmath<arcp,afn> : vector<16xf32>
  return %0, %1, %2 : vector<16xf32>, vector<16xf32>, vector<16xf32>
}
