// RUN: optc-opt %s --cpu-pack-weights | FileCheck %s

// Codes, scales and zeros, in panels of one width.
// CHECK-LABEL: @constants
// CHECK-DAG: kernel.pack nk %{{.*}} into %{{.*}} {layout = #kernel.panels<16 interleave 4>} : (tensor<24x32xi8>, tensor<768xi8>) -> tensor<768xi8>
// CHECK-DAG: kernel.pack nk %{{.*}} into %{{.*}} {layout = #kernel.panels<16>} : (tensor<24x2xf16>, tensor<48xf16>) -> tensor<48xf16>
// CHECK: kernel.block_matmul {{.*}} layout = #kernel.panels<16 interleave 4>
func.func @constants(%x: tensor<?x64xf32>, %i: tensor<?x24xf32>) -> tensor<?x24xf32> {
  %w = arith.constant dense<1> : tensor<24x32xi8>
  %s = arith.constant dense<1.0> : tensor<24x2xf16>
  %0 = kernel.block_matmul %x, %w scale %s into %i {bits = 4, block = 32} : (tensor<?x64xf32>, tensor<24x32xi8>, tensor<24x2xf16>, tensor<?x24xf32>) -> tensor<?x24xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x24xf32>
}

// CHECK-LABEL: @variable
// CHECK-NOT: kernel.pack
// CHECK-NOT: layout
// CHECK: return
func.func @variable(%x: tensor<?x64xf32>, %w: tensor<24x32xi8>, %s: tensor<24x2xf16>, %i: tensor<?x24xf32>) -> tensor<?x24xf32> {
  %0 = kernel.block_matmul %x, %w scale %s into %i {bits = 4, block = 32} : (tensor<?x64xf32>, tensor<24x32xi8>, tensor<24x2xf16>, tensor<?x24xf32>) -> tensor<?x24xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0 : tensor<?x24xf32>
}

// A table of the same bytes is read in their packed form.
// CHECK-LABEL: @tied
// CHECK-NOT: tensor.extract %{{.*}} : tensor<8x2x4xi8>
// CHECK: tensor.extract %{{.*}}[%{{.*}}] : tensor<64xi8>
// CHECK: kernel.block_matmul
func.func @tied(%i: tensor<?xindex>, %x: tensor<?x16xf32>, %rows: tensor<?x2x4xi8>, %y: tensor<?x8xf32>) -> (tensor<?x2x4xi8>, tensor<?x8xf32>) {
  %table = arith.constant dense_resource<codes> : tensor<8x2x4xi8>
  %w = arith.constant dense_resource<codes> : tensor<8x8xi8>
  %s = arith.constant dense<1.0> : tensor<8x2xf16>
  %0 = linalg.generic {indexing_maps = [affine_map<(n, b, k) -> (n)>, affine_map<(n, b, k) -> (n, b, k)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%i : tensor<?xindex>) outs(%rows : tensor<?x2x4xi8>) {
  ^bb0(%row: index, %o: i8):
    %b = linalg.index 1 : index
    %k = linalg.index 2 : index
    %e = tensor.extract %table[%row, %b, %k] : tensor<8x2x4xi8>
    linalg.yield %e : i8
  } -> tensor<?x2x4xi8>
  %1 = kernel.block_matmul %x, %w scale %s into %y {bits = 4, block = 8} : (tensor<?x16xf32>, tensor<8x8xi8>, tensor<8x2xf16>, tensor<?x8xf32>) -> tensor<?x8xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %0, %1 : tensor<?x2x4xi8>, tensor<?x8xf32>
}

{-#
  dialect_resources: {
    builtin: {
      codes: "0x01000000000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
    }
  }
#-}
