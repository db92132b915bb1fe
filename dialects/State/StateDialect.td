//===- StateDialect.td - the state dialect -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect definition and the base class of its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_STATE_DIALECT_TD
#define OPTC_STATE_DIALECT_TD

include "dialects/NN/NNDialect.td"

def State_Dialect : Dialect {
  let name = "state";
  let cppNamespace = "::optc::state";
  let summary = "what a model keeps between calls";
  let description = [{
    A decoder reads the keys and values of all tokens so far, and adds those of new ones. As ONNX has it they are inputs and outputs,
    which every call copies; here they are memory that stays, and a call says what it adds.
  }];
  let dependentDialects = ["::optc::nn::NNDialect"];
}

class State_Op<string mnemonic, list<Trait> traits = []> : Op<State_Dialect, mnemonic, !listconcat(traits, [
    Pure, DeclareOpInterfaceMethods<NN_SymbolicShapeOpInterface>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>])> {
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::reifyResultShapes(
        ::mlir::OpBuilder &builder, ::mlir::ReifiedRankedShapedTypeDims &shapes) {
      return ::optc::nn::reifyInferredShapes(*this, builder, shapes);
    }
  }];
}

#endif // OPTC_STATE_DIALECT_TD
