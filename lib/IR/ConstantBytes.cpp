//===- ConstantBytes.cpp - constants as they lie in memory ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ConstantBytes.h.
//
//===----------------------------------------------------------------------===//
#include "lib/IR/ConstantBytes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

int64_t optc::elementBytes(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * elementBytes(complex.getElementType());
  return element.isIntOrFloat() ? llvm::divideCeil(element.getIntOrFloatBitWidth(), 8) : 8;
}

std::optional<ArrayRef<char>> optc::constantBytes(ElementsAttr attr) {
  size_t needed = attr.getNumElements() * elementBytes(attr.getElementType());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() < needed)
      return std::nullopt;
    return blob->getData().take_front(needed);
  }
  auto dense = dyn_cast<DenseIntOrFPElementsAttr>(attr);
  // A splat is stored once, i1 as bits.
  if (!dense || dense.getRawData().size() != needed || dense.getElementType().isInteger(1))
    return std::nullopt;
  return dense.getRawData();
}
