//===- Weights.cpp - the bytes of constants ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Weights.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Weights.h"
#include "dialects/NN/NN.h"
#include "mlir/IR/AsmState.h"

using namespace mlir;
using namespace optc::nn;

/// Constants up to this size stay in the IR, where they can be folded and printed.
static constexpr int64_t maxInlineBytes = 1024;

std::optional<ArrayRef<char>> optc::nn::getConstantBytes(ElementsAttr value) {
  unsigned bits = value.getElementType().getIntOrFloatBitWidth();
  if (bits % 8 != 0)
    return std::nullopt;
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    if (dense.isSplat() && dense.getNumElements() != 1)
      return std::nullopt;
    return dense.getRawData();
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  if (!resource || !resource.getRawHandle().getBlob())
    return std::nullopt;
  ArrayRef<char> data = resource.getData();
  if (static_cast<int64_t>(data.size()) != value.getNumElements() * (bits / 8))
    return std::nullopt;
  return data;
}

ElementsAttr optc::nn::getConstantValue(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? constant.getValue() : ElementsAttr();
}

ElementsAttr optc::nn::reshapeConstant(ElementsAttr value, RankedTensorType type) {
  if (value.getNumElements() != type.getNumElements())
    return {};
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense.reshape(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return {};
}

AsmResourceBlob optc::nn::allocateWeights(RankedTensorType type) {
  constexpr size_t alignment = 64;
  size_t bytes = type.getNumElements() * (type.getElementTypeBitWidth() / 8);
  return HeapAsmResourceBlob::allocate(std::max<size_t>(bytes, 1), alignment);
}

ElementsAttr optc::nn::makeWeights(RankedTensorType type, AsmResourceBlob blob,
                                   ElementsAttr origin) {
  int64_t bytes = type.getNumElements() * (type.getElementTypeBitWidth() / 8);
  if (bytes <= maxInlineBytes)
    return DenseElementsAttr::getFromRawBuffer(type, blob.getData().take_front(bytes));
  std::string name = "weights";
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(origin))
    name = resource.getRawHandle().getKey().str();
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}
