//===- NNDialect.td - the nn dialect -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect definition and the base class of its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_DIALECT_TD
#define OPTC_NN_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "dialects/NN/NNInterfaces.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::optc::nn";
  let summary = "the model: value-semantic tensor ops";
  let description = [{
    What a model computes, independent of target and layout. Tensors are builtin ranked
    tensors; element types are f16, bf16, f32, f64, i1, signless (signed) and unsigned
    integers. Symbolic sizes are names on the entry's arguments (`nn.dims`) and the
    analysis in Shapes.h; no type carries them.
  }];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
}

// The placeholder type of a result before shape inference is unranked.
def NN_Tensor : TensorOf<[AnyFloat, AnyInteger]>;
def NN_IntTensor : TensorOf<[AnyInteger]>;
def NN_FloatTensor : TensorOf<[AnyFloat]>;
def NN_BoolTensor : TensorOf<[I1]>;
def NN_ShapeTensor : TensorOf<[I64]>;

class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat(traits, [
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

// Reads each operand at the element that it writes.
class NN_ElementwiseOp<string mnemonic>
    : NN_Op<mnemonic, [DeclareOpInterfaceMethods<NN_TransposableOpInterface,
                                                 ["getNumTransposed", "repeatsOperands"]>]> {
  let extraClassDefinition = reifyDefinition # [{
    unsigned $cppClass::getNumTransposed() { return getOperation()->getNumOperands(); }
    bool $cppClass::repeatsOperands() { return true; }
  }];
}

#endif // OPTC_NN_DIALECT_TD
