//===- Epilogue.td - base class of ops with an epilogue -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The base class of the destination-passing ops that end in an epilogue region.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_EPILOGUE_TD
#define OPTC_KERNEL_EPILOGUE_TD

include "dialects/Kernel/KernelDialect.td"
include "dialects/Kernel/KernelInterfaces.td"
include "dialects/Kernel/KernelLayouts.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

def Kernel_Shaped : AnyTypeOf<[AnyRankedTensor, AnyMemRef], "ranked tensor or memref">;

/// A destination-passing op with an epilogue region; see EpilogueOpInterface.
class Kernel_EpilogueOp<string mnemonic, list<Trait> traits = []>
    : Kernel_DestinationOp<mnemonic, !listconcat([
        SingleBlock, DeclareOpInterfaceMethods<Kernel_EpilogueOpInterface>], traits)> {
  code epilogueDeclarations = destinationDeclaration # [{
    ::mlir::ShapedType getInitType() {
      return ::llvm::cast<::mlir::ShapedType>(getInit().getType());
    }
    bool bufferizesToElementwiseAccess(const ::mlir::bufferization::AnalysisState &,
                                       ::mlir::ArrayRef<::mlir::OpOperand *> operands) {
      return ::llvm::all_of(operands, [](::mlir::OpOperand *operand) {
        return ::optc::kernel::isAccessedElementwise(*operand);
      });
    }
  }];
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$epilogue);
}

#endif // OPTC_KERNEL_EPILOGUE_TD
