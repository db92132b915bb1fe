// RUN: optc-opt %s --count-work | FileCheck %s
// RUN: optc-opt %s --count-work=profile=true | FileCheck %s --check-prefix=PROFILE

#id = affine_map<(i) -> (i)>

// 2 * 64 * 32 multiply-adds; one addition per element of the result; operands in f32 but
// for the view, which is the half of a buffer.
// CHECK-LABEL: func.func @fixed_work(%arg0: memref<2x64xf32>, %arg1: memref<?xf64>)
// CHECK:         %[[PRODUCTS:.*]] = arith.constant 4.096000e+03 : f64
// CHECK:         memref.store %[[PRODUCTS]], %arg1[%c0]
// CHECK:         %[[SUMS:.*]] = arith.constant 6.400000e+01 : f64
// CHECK:         memref.store %[[SUMS]], %arg1[%c1]
// CHECK:         %[[BYTES:.*]] = arith.constant 9.088000e+03 : f64
// CHECK:         memref.store %[[BYTES]], %arg1[%c2]
// CHECK-LABEL: func.func @fixed(
// CHECK-SAME:    work = @fixed_work, kernels = 1>
// CHECK-NOT:     kernel.profile
// PROFILE-LABEL: func.func @fixed(
// PROFILE-SAME:    names = ["/a/MatMul\0A/a/Add"], families = ["matmul"]
// PROFILE-DAG:     %[[PRODUCTS:.*]] = arith.constant 4.096000e+03
// PROFILE-DAG:     %[[SUMS:.*]] = arith.constant 6.400000e+01
// PROFILE-DAG:     %[[BYTES:.*]] = arith.constant 9.088000e+03
// PROFILE:         run.profile_begin
// PROFILE-NEXT:    kernel.matmul
// PROFILE:         run.profile_end 0(%[[PRODUCTS]], %[[SUMS]], %[[BYTES]])
func.func @fixed(%x: memref<2x64xf32>, %w: memref<64x32xf32>, %bias: memref<32xf32>,
                 %wide: memref<2x64xf32>)
    attributes {run.entry = #run.entry<inputs = 1, outputs = 0>} {
  %out = memref.subview %wide[0, 32] [2, 32] [1, 1]
      : memref<2x64xf32> to memref<2x32xf32, strided<[64, 1], offset: 32>>
  kernel.matmul %x, %w with %bias into %out {
      maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
              affine_map<(m, n, k) -> (m, n)>],
      extra_maps = [affine_map<(m, n) -> (n)>]}
      : (memref<2x64xf32>, memref<64x32xf32>, memref<32xf32>,
         memref<2x32xf32, strided<[64, 1], offset: 32>>) -> () {
  ^bb0(%acc: f32, %b: f32):
    %sum = arith.addf %acc, %b : f32
    kernel.yield %sum : f32
  } loc(fused["/a/MatMul", "/a/Add"])
  return
}

// Sizes are traced through views to the input; both ops are of n elements.
// CHECK-LABEL: func.func @dynamic_work(%arg0: memref<?x8xf32>, %arg1: memref<?xf64>)
// CHECK:         %[[N:.*]] = memref.dim %arg0, %{{.*}}
// CHECK-LABEL: func.func @dynamic(
// CHECK-SAME:    kernels = 2>
// PROFILE-LABEL: func.func @dynamic(
// PROFILE-SAME:    families = ["elementwise", "reduce"]
func.func @dynamic(%x: memref<?x8xf32>, %arena: memref<?xi8>, %out: memref<f32>)
    attributes {run.entry = #run.entry<inputs = 1, outputs = 0>} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  %view = memref.view %arena[%c0][%n] : memref<?xi8> to memref<?x8xf32>
  linalg.exp ins(%x : memref<?x8xf32>) outs(%view : memref<?x8xf32>)
  %flat = memref.collapse_shape %view [[0, 1]] : memref<?x8xf32> into memref<?xf32>
  linalg.generic {indexing_maps = [#id, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%flat : memref<?xf32>) outs(%out : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.maximumf %a, %b : f32
    linalg.yield %m : f32
  }
  return
}

// A loop of known trips counts; what data decides (a branch, a size read from memory) does not,
// but is measured.
// CHECK-LABEL: func.func @unknown_work(
// CHECK:         memref.dim
// CHECK-LABEL: func.func @unknown(
// CHECK-SAME:    kernels = 3, uncounted = 2>
// PROFILE-LABEL: func.func @unknown(
// PROFILE-SAME:    families = ["fill", "transpose", "gather"]
// PROFILE:         scf.for
// PROFILE:           run.profile_begin
// PROFILE:           run.profile_end 0(
// PROFILE:         scf.if
// PROFILE:           run.profile_end 1(
// PROFILE:         run.profile_end 2(
func.func @unknown(%x: memref<?xf32>, %p: memref<i1>, %count: memref<index>, %a: memref<4x8xf32>,
                   %b: memref<8x4xf32>, %scratch: memref<?xi8>)
    attributes {run.entry = #run.entry<inputs = 3, outputs = 0>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.for %i = %c0 to %n step %c1 {
    linalg.fill ins(%zero : f32) outs(%a : memref<4x8xf32>)
  }
  %yes = memref.load %p[] : memref<i1>
  scf.if %yes {
    linalg.transpose ins(%a : memref<4x8xf32>) outs(%b : memref<8x4xf32>) permutation = [1, 0]
  }
  %m = memref.load %count[] : memref<index>
  %view = memref.view %scratch[%c0][%m] : memref<?xi8> to memref<?xf32>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%view : memref<?xf32>) {
  ^bb0(%old: f32):
    %i = linalg.index 0 : index
    %v = memref.load %x[%i] : memref<?xf32>
    linalg.yield %v : f32
  }
  return
}

// A branch that the shapes choose counts once or not at all.
// CHECK-LABEL: func.func @chosen_work(
// CHECK:         %[[EIGHT:.*]] = arith.cmpi eq
// CHECK:         arith.select %[[EIGHT]], %c1{{.*}}, %c0
// CHECK-LABEL: func.func @chosen(
// CHECK-SAME:    kernels = 1>
func.func @chosen(%x: memref<?xf32>, %out: memref<?xf32>)
    attributes {run.entry = #run.entry<inputs = 2, outputs = 0>} {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %eight = arith.cmpi eq, %n, %c8 : index
  scf.if %eight {
    linalg.exp ins(%x : memref<?xf32>) outs(%out : memref<?xf32>)
  }
  return
}
