// RUN: optc-opt %s --kernel-evaluate-packs | FileCheck %s
// RUN: optc-opt %s --kernel-evaluate-packs --mlir-elide-elementsattrs-if-larger=1 | FileCheck %s --check-prefix=IR

// The values, as little-endian floats: 1 2 | 4 5 | 3 0 | 6 0.
// CHECK: kn_packed: "0x400000000000803F00000040000080400000A04000004040000000000000C04000000000"
// IR-LABEL: @packs
// IR-COUNT-3: arith.constant dense_resource
// IR-NOT: kernel.pack
func.func @packs() -> (tensor<8xf32>, tensor<8xf32>, tensor<4xf32>) {
  %kn = arith.constant dense_resource<kn> : tensor<2x3xf32>
  %i = tensor.empty() : tensor<8xf32>
  %0 = kernel.pack kn %kn into %i {layout = #kernel.panels<2, align = 2>} : (tensor<2x3xf32>, tensor<8xf32>) -> tensor<8xf32>
  %f = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>
  %1 = kernel.pack filter %f into %i {layout = #kernel.panels<2, align = 2>} : (tensor<2x2x2xf32>, tensor<8xf32>) -> tensor<8xf32>
  %d = arith.constant dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>
  %j = tensor.empty() : tensor<4xf32>
  %2 = kernel.pack filter %d into %j {layout = #kernel.taps, groups = 2} : (tensor<2x1x2xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0, %1, %2 : tensor<8xf32>, tensor<8xf32>, tensor<4xf32>
}

{-#
  dialect_resources: {
    builtin: {
      kn: "0x400000000000803F0000004000004040000080400000A0400000C040"
    }
  }
#-}
