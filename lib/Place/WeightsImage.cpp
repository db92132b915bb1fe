//===- WeightsImage.cpp - the bytes of the weights image -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See WeightsImage.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/WeightsImage.h"
#include "lib/IR/ConstantBytes.h"
#include "lib/Place/Place.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

FailureOr<std::vector<optc::place::WeightsRange>> optc::place::weightsImage(ModuleOp module) {
  std::vector<WeightsRange> ranges;
  auto weights = module->getAttrOfType<run::WeightsAttr>(run::weightsAttr);
  if (!weights)
    return ranges;
  for (auto [attr, offset] :
       llvm::zip_equal(weights.getValues(), weights.getOffsets().asArrayRef())) {
    std::optional<ArrayRef<char>> bytes = constantBytes(cast<ElementsAttr>(attr));
    if (!bytes)
      return module.emitError("a weight's bytes are not in memory");
    ranges.push_back({static_cast<uint64_t>(offset), *bytes});
  }
  return ranges;
}
