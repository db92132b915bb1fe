//===- KernelDialect.td - the kernel dialect -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect definition and the base class of its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_DIALECT_TD
#define OPTC_KERNEL_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::optc::kernel";
  let summary = "what code generators implement";
  let description = [{
    Destination-passing ops on tensors, then on memrefs, that every target implements
    through one emitter of the same name or declines (then linalg takes over). Their
    meaning names no instruction set, tile or packing: those are attributes that a
    target chooses. A few ops in the Runtime family are the generated code's door to
    the runtime (errors, outputs).
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

/// A destination-passing op with operands `inputs` and one `init`, and one tensor result
/// or none. The init is written only; `DestinationPassing.h` has the shared code.
class Kernel_DestinationOp<string mnemonic, list<Trait> traits = []>
    : Kernel_Op<mnemonic, traits # [
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<BufferizableOpInterface,
            ["bufferizesToMemoryRead", "bufferizesToMemoryWrite", "getAliasingValues",
             "bufferize"]>]> {
  code destinationDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
  code effectsDefinition = [{
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::MemoryEffects::EffectInstance> &effects) {
      ::optc::kernel::getDestinationEffects(*this, effects);
    }
  }];
  code destinationDefinition = [{
    ::mlir::LogicalResult $cppClass::reifyResultShapes(
        ::mlir::OpBuilder &builder, ::mlir::ReifiedRankedShapedTypeDims &shapes) {
      return ::optc::kernel::reifyDestinationShapes(*this, builder, shapes);
    }
    bool $cppClass::bufferizesToMemoryRead(
        ::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return !isDpsInit(&operand);
    }
    bool $cppClass::bufferizesToMemoryWrite(
        ::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return isDpsInit(&operand);
    }
    ::mlir::bufferization::AliasingValueList $cppClass::getAliasingValues(
        ::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return ::optc::kernel::getDestinationAliases(*this, operand);
    }
    ::mlir::LogicalResult $cppClass::bufferize(
        ::mlir::RewriterBase &rewriter,
        const ::mlir::bufferization::BufferizationOptions &options,
        ::mlir::bufferization::BufferizationState &state) {
      return ::optc::kernel::bufferizeDestination(*this, rewriter, options, state);
    }
  }];
  let extraClassDeclaration = destinationDeclaration;
  let extraClassDefinition = effectsDefinition # destinationDefinition;
}

#endif // OPTC_KERNEL_DIALECT_TD
