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
#include "lib/IR/ConstantBytes.h"
#include "mlir/IR/AsmState.h"

using namespace mlir;
using namespace optc::nn;

/// Constants up to this size stay in the IR, where they can be folded and printed.
static constexpr int64_t maxInlineBytes = 1024;

std::optional<ArrayRef<char>> optc::nn::getConstantBytes(ElementsAttr value) {
  // Folds count in whole bytes per element, i1 has none.
  return value.getElementType().isInteger(1) ? std::nullopt : constantBytes(value);
}

std::optional<SmallVector<char, 0>> optc::nn::copyConstantBytes(ElementsAttr value) {
  if (auto bytes = getConstantBytes(value))
    return SmallVector<char, 0>(*bytes);
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || !dense.isSplat() || dense.getElementType().isInteger(1))
    return std::nullopt;
  SmallVector<char, 0> bytes;
  for (int64_t i = 0, e = dense.getNumElements(); i < e; ++i)
    llvm::append_range(bytes, dense.getRawData());
  return bytes;
}

std::optional<SmallVector<uint8_t, 0>> optc::nn::readBytes(ElementsAttr value) {
  Type element = value.getElementType();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() > 8)
    return std::nullopt;
  SmallVector<char, 0> bytes;
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) { // a byte each, also of fewer bits
    llvm::append_range(bytes, dense.getRawData());
    if (dense.isSplat())
      bytes.assign(value.getNumElements(), bytes.front());
  } else if (auto stored = copyConstantBytes(value)) {
    bytes = std::move(*stored);
  } else {
    return std::nullopt;
  }
  return SmallVector<uint8_t, 0>(bytes.begin(), bytes.end());
}

ElementsAttr optc::nn::getConstantValue(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? constant.getValue() : ElementsAttr();
}

bool optc::nn::isMovedConstant(Value value) {
  Operation *op = value.getDefiningOp();
  while (isa_and_nonnull<ReshapeOp, TransposeOp, SliceOp, PadOp>(op))
    op = op->getOperand(0).getDefiningOp();
  return isa_and_nonnull<ConstantOp>(op);
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
