//===- ConstantImport.cpp - ONNX tensors as attributes -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ConstantImport.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/ConstantImport.h"
#include "dialects/NN/Weights.h"
#include "lib/IR/ErrorId.h"
#include "lib/Import/Onnx/Importer.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace optc::onnximport;

Type optc::onnximport::convertElemType(ElemType type, MLIRContext *context) {
  Builder b(context);
  switch (type) {
  case ElemType::F32:
    return b.getF32Type();
  case ElemType::F64:
    return b.getF64Type();
  case ElemType::F16:
    return b.getF16Type();
  case ElemType::BF16:
    return b.getBF16Type();
  case ElemType::Bool:
    return b.getI1Type();
  case ElemType::I2:
    return b.getIntegerType(2);
  case ElemType::I4:
    return b.getIntegerType(4);
  case ElemType::I8:
    return b.getIntegerType(8);
  case ElemType::I16:
    return b.getIntegerType(16);
  case ElemType::I32:
    return b.getIntegerType(32);
  case ElemType::I64:
    return b.getIntegerType(64);
  case ElemType::U2:
    return b.getIntegerType(2, /*isSigned=*/false);
  case ElemType::U4:
    return b.getIntegerType(4, /*isSigned=*/false);
  case ElemType::U8:
    return b.getIntegerType(8, /*isSigned=*/false);
  case ElemType::U16:
    return b.getIntegerType(16, /*isSigned=*/false);
  case ElemType::U32:
    return b.getIntegerType(32, /*isSigned=*/false);
  case ElemType::U64:
    return b.getIntegerType(64, /*isSigned=*/false);
  default:
    return {};
  }
}

ElemType optc::onnximport::convertElemType(Type type) {
  if (type.isF32())
    return ElemType::F32;
  if (type.isF64())
    return ElemType::F64;
  if (type.isF16())
    return ElemType::F16;
  if (type.isBF16())
    return ElemType::BF16;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return ElemType::Undefined;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return ElemType::Bool;
  case 2:
    return isUnsigned ? ElemType::U2 : ElemType::I2;
  case 4:
    return isUnsigned ? ElemType::U4 : ElemType::I4;
  case 8:
    return isUnsigned ? ElemType::U8 : ElemType::I8;
  case 16:
    return isUnsigned ? ElemType::U16 : ElemType::I16;
  case 32:
    return isUnsigned ? ElemType::U32 : ElemType::I32;
  case 64:
    return isUnsigned ? ElemType::U64 : ElemType::I64;
  default:
    return ElemType::Undefined;
  }
}

/// Floats of at most a byte, which are stored only.
static Type storedFloat(ElemType type, MLIRContext *context) {
  Builder b(context);
  switch (type) {
  case ElemType::F8E4M3FN:
    return b.getType<Float8E4M3FNType>();
  case ElemType::F8E4M3FNUZ:
    return b.getType<Float8E4M3FNUZType>();
  case ElemType::F8E5M2:
    return b.getType<Float8E5M2Type>();
  case ElemType::F8E5M2FNUZ:
    return b.getType<Float8E5M2FNUZType>();
  case ElemType::F8E8M0:
    return b.getType<Float8E8M0FNUType>();
  case ElemType::F4E2M1:
    return b.getType<Float4E2M1FNType>();
  default:
    return {};
  }
}

bool optc::onnximport::isStoredOnly(Type element) {
  return isa<FloatType>(element) && element.getIntOrFloatBitWidth() <= 8;
}

Value optc::onnximport::widenStored(nn::NNBuilder &b, Value x) {
  ElementsAttr constant = nn::getConstantValue(x);
  if (!constant || !isStoredOnly(constant.getElementType()))
    return x;
  const llvm::fltSemantics &semantics =
      cast<FloatType>(constant.getElementType()).getFloatSemantics();
  std::array<float, 256> values;
  for (unsigned code = 0; code < values.size(); ++code) {
    unsigned bits = llvm::APFloat::getSizeInBits(semantics);
    APFloat value(semantics, APInt(bits, code & ((1u << bits) - 1)));
    bool losesInfo = false;
    value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &losesInfo);
    values[code] = value.convertToFloat();
  }
  auto type = RankedTensorType::get(constant.getShapedType().getShape(), b.getF32Type());
  AsmResourceBlob blob = nn::allocateWeights(type);
  auto *wide = reinterpret_cast<float *>(blob.getMutableData().data());
  for (auto [i, code] : llvm::enumerate(*nn::readBytes(constant)))
    wide[i] = values[code];
  return b.constant(nn::makeWeights(type, std::move(blob), constant));
}

/// Elements below a byte, unpacked: MLIR's dense attributes hold each in a byte.
static ElementsAttr convertSmallInts(const Tensor &tensor, RankedTensorType type) {
  unsigned width = type.getElementTypeBitWidth();
  int64_t count = type.getNumElements();
  if (width == 1) { // a byte each in ONNX
    SmallVector<bool> values;
    for (int64_t i = 0; i < count; ++i)
      values.push_back(tensor.data[i] != 0);
    return DenseElementsAttr::get(type, values);
  }
  SmallVector<char, 0> bytes(count);
  for (int64_t i = 0; i < count; ++i)
    bytes[i] = static_cast<char>(
        static_cast<uint8_t>(tensor.data[i * width / 8]) >> (i * width % 8) & ((1 << width) - 1));
  return count == 0 ? DenseElementsAttr::get(type, ArrayRef<APInt>())
                    : DenseElementsAttr::getFromRawBuffer(type, bytes);
}

FailureOr<ElementsAttr> optc::onnximport::convertTensor(const Tensor &tensor, Location loc) {
  Type element = convertElemType(tensor.elem, loc.getContext());
  if (!element)
    element = storedFloat(tensor.elem, loc.getContext());
  if (!element)
    return withId(emitError(loc), E2003)
           << "the constant '" << tensor.name << "' has the type " << elemName(tensor.elem).data()
           << ", which optc does not support";
  auto type = RankedTensorType::get(tensor.dims, element);
  if (element.getIntOrFloatBitWidth() < 8)
    return convertSmallInts(tensor, type);
  ArrayRef<char> bytes(tensor.data, tensor.bytes);
  if (tensor.bytes <= maxDenseBytes) {
    if (type.getNumElements() == 0)
      return ElementsAttr(DenseElementsAttr::get(type, ArrayRef<mlir::Attribute>()));
    return ElementsAttr(DenseElementsAttr::getFromRawBuffer(type, bytes));
  }
  // The blob shares ownership of the mapping; it lives as long as the context.
  AsmResourceBlob blob(
      bytes, /*dataAlignment=*/1, [owner = tensor.owner](void *, size_t, size_t) {},
      /*dataIsMutable=*/false);
  return ElementsAttr(DenseResourceElementsAttr::get(type, tensor.name, std::move(blob)));
}
