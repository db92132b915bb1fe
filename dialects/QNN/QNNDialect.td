//===- QNNDialect.td - the qnn dialect ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect definition and the base class of its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_QNN_DIALECT_TD
#define OPTC_QNN_DIALECT_TD

include "dialects/NN/NNDialect.td"

def QNN_Dialect : Dialect {
  let name = "qnn";
  let cppNamespace = "::optc::qnn";
  let summary = "integers that stand for numbers";
  let description = [{
    A quantized tensor holds integers q of 2 to 16 bits that stand for x = (q - zero point) * scale. Results
    saturate, rounding is to nearest with halves to even, and all targets compute the same bits.
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
  let hasConstantMaterializer = 1;
}

class QNN_Op<string mnemonic, list<Trait> traits = []> : Op<QNN_Dialect, mnemonic, !listconcat(traits, [
    Pure, DeclareOpInterfaceMethods<NN_SymbolicShapeOpInterface>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>])> {
  code reifyDefinition = [{
    ::llvm::LogicalResult $cppClass::reifyResultShapes(
        ::mlir::OpBuilder &builder, ::mlir::ReifiedRankedShapedTypeDims &shapes) {
      return ::optc::nn::reifyInferredShapes(*this, builder, shapes);
    }
  }];
  let extraClassDefinition = reifyDefinition;
}

// Reads each operand at the element that it writes, with numpy broadcasting.
class QNN_ElementwiseOp<string mnemonic> : QNN_Op<mnemonic, [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["getNumTransposed", "repeatsOperands"]>]> {
  let extraClassDefinition = reifyDefinition # [{
    unsigned $cppClass::getNumTransposed() { return getOperation()->getNumOperands(); }
    bool $cppClass::repeatsOperands() { return true; }
  }];
}

#endif // OPTC_QNN_DIALECT_TD
