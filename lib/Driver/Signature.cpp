//===- Signature.cpp - entry points as users see them ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Signature.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Signature.h"
#include "dialects/NN/UnrankedOutputs.h"
#include "dialects/State/State.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Place/Place.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"

#include <set>

using namespace mlir;
using namespace optc;
using namespace optc::driver;

static artifact::TensorInfo describe(StringRef name, Type type, ArrayAttr dims) {
  artifact::TensorInfo info;
  info.name = name.str();
  auto tensor = cast<RankedTensorType>(type);
  info.dtype = static_cast<int>(onnximport::convertElemType(tensor.getElementType()));
  info.shape.emplace();
  for (auto [i, size] : llvm::enumerate(tensor.getShape())) {
    StringRef symbol;
    if (dims && i < dims.size())
      symbol = cast<StringAttr>(dims[i]).getValue();
    info.shape->push_back(ShapedType::isDynamic(size) ? artifact::Dim::dynamic(symbol.str())
                                                      : artifact::Dim::fixed(size));
  }
  return info;
}

static artifact::EntryPoint describe(func::FuncOp func) {
  artifact::EntryPoint entry;
  entry.name = func.getName().str();
  auto nameOf = [](StringAttr name) { return name ? name.getValue() : StringRef(); };
  for (unsigned i = 0; i < func.getNumArguments(); ++i) {
    entry.inputs.push_back(describe(nameOf(func.getArgAttrOfType<StringAttr>(i, "nn.name")),
                                    func.getArgumentTypes()[i],
                                    func.getArgAttrOfType<ArrayAttr>(i, "nn.dims")));
    if (auto axis = func.getArgAttrOfType<IntegerAttr>(i, state::axisAttr))
      entry.inputs.back().cacheAxis = axis.getInt();
  }
  for (unsigned i = 0; i < func.getNumResults(); ++i) {
    if (func.getResultAttr(i, nn::shapeOfAttr))
      break; // no output of its own, nor is what follows
    entry.outputs.push_back(describe(nameOf(func.getResultAttrOfType<StringAttr>(i, "nn.name")),
                                     func.getResultTypes()[i],
                                     func.getResultAttrOfType<ArrayAttr>(i, "nn.dims")));
    if (func.getResultAttr(i, nn::ranksAttr))
      entry.outputs.back().shape.reset();
  }
  return entry;
}

std::vector<artifact::EntryPoint> optc::driver::describeEntries(ModuleOp module) {
  std::vector<artifact::EntryPoint> entries;
  for (auto function : module.getOps<func::FuncOp>())
    entries.push_back(describe(function));
  return entries;
}

void optc::driver::describeDefaults(const std::vector<onnximport::Tensor> &defaults,
                                    artifact::EntryPoint &entry) {
  for (artifact::TensorInfo &input : entry.inputs) {
    uint64_t offset = 0;
    for (const onnximport::Tensor &value : defaults) {
      if (value.name == input.name)
        input.defaultValue = artifact::Default{int64_t(offset), value.dims};
      offset = llvm::alignTo(offset + value.bytes, place::bufferAlignment);
    }
  }
}

std::string optc::driver::defaultsImage(const std::vector<onnximport::Tensor> &defaults) {
  std::string image;
  for (const onnximport::Tensor &value : defaults) {
    image.append(value.data, value.bytes);
    image.resize(llvm::alignTo(image.size(), place::bufferAlignment));
  }
  return image;
}

Error optc::driver::bindSymbols(const std::vector<artifact::Bound> &bounds,
                                std::vector<artifact::EntryPoint> &entries) {
  for (const artifact::Bound &bound : bounds) {
    std::set<std::string> symbols;
    bool isFound = false;
    for (artifact::EntryPoint &entry : entries) {
      std::set<std::string> own;
      for (const artifact::TensorInfo &input : entry.inputs)
        for (const artifact::Dim &dim : *input.shape)
          if (!dim.symbol.empty())
            own.insert(dim.symbol);
      if (own.count(bound.symbol))
        entry.bounds.push_back(bound), isFound = true;
      symbols.insert(own.begin(), own.end());
    }
    if (!isFound)
      return {E103,
              "--bound names '" + bound.symbol + "', which is no symbol of an input" +
                  (symbols.empty() ? std::string() : "; there are " + llvm::join(symbols, ", "))};
  }
  return {};
}
