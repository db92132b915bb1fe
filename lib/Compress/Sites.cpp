//===- Sites.cpp - products that can be of integers ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Sites.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Sites.h"

using namespace mlir;
using namespace optc;
using namespace optc::compress;
using namespace optc::nn;

std::optional<SiteWeight> SiteWeight::match(ContractionOpInterface op) {
  Value value = op->getOperand(1);
  int64_t rank = NNBuilder::rankOf(value);
  bool isConv = isa<ConvOp>(*op);
  SiteWeight weight{value.getDefiningOp<ConstantOp>(), isConv ? 0 : rank - 1,
                    isConv ? 1 : rank - 2};
  if (auto transpose = value.getDefiningOp<TransposeOp>()) {
    weight.constant = transpose.getInput().getDefiningOp<ConstantOp>();
    weight.outputs = transpose.getPermutation()[weight.outputs];
    weight.channels = transpose.getPermutation()[weight.channels];
  }
  auto isFloat = [](Value operand) { return NNBuilder::elementOf(operand).isF32(); };
  if (!weight.constant || !llvm::all_of(op->getOperands(), isFloat) || !isFloat(op->getResult(0)) ||
      NNBuilder::typeOf(value).getNumElements() == 0)
    return std::nullopt;
  return weight;
}

std::optional<SiteWeight> SiteWeight::match(Operation *op) {
  if (auto product = dyn_cast<ContractionOpInterface>(op))
    return match(product);
  auto gather = dyn_cast<GatherOp>(op);
  auto constant = gather ? gather.getInput().getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant || gather.getAxis() != 0 || NNBuilder::rankOf(constant) != 2 ||
      !NNBuilder::elementOf(constant).isF32())
    return std::nullopt;
  return SiteWeight{constant, 0, 1};
}

bool SiteWeight::readsAllChannels(ContractionOpInterface op) {
  auto conv = dyn_cast<ConvOp>(*op);
  return conv ? conv.getGroup() == 1 : cast<ShapedType>(constant.getType()).getRank() == 2;
}

/// Transposed convolutions have no products of integers yet. Depthwise ones have, for models that
/// come with them: as integers they are no faster than as floats, and what they read has few steps
/// left where channels are unlike, which their outputs do not average out.
static bool isSite(ContractionOpInterface op) {
  auto conv = dyn_cast<ConvOp>(*op);
  if (conv && (conv.isDepthwise() || !conv.getPhases().empty()))
    return false;
  return !op->getOperand(0).getDefiningOp<ConstantOp>() && SiteWeight::match(op);
}

SmallVector<ContractionOpInterface> compress::sitesOf(func::FuncOp func) {
  SmallVector<ContractionOpInterface> sites;
  for (auto op : func.getBody().getOps<ContractionOpInterface>())
    if (isSite(op))
      sites.push_back(op);
  return sites;
}

/// Rows that are gathered of a large constant. Smaller tables are no vocabularies: angles of
/// positions have as many rows, but short ones.
static bool isVocabulary(Operation &op) {
  constexpr int64_t fewestRows = 64, shortestRow = 128;
  auto weight = isa<GatherOp>(op) ? SiteWeight::match(&op) : std::nullopt;
  ArrayRef<int64_t> shape =
      weight ? NNBuilder::typeOf(weight->constant).getShape() : ArrayRef<int64_t>();
  return shape.size() == 2 && shape[0] >= fewestRows && shape[1] >= shortestRow;
}

SmallVector<Operation *> compress::storedSitesOf(func::FuncOp func) {
  SmallVector<Operation *> sites;
  for (Operation &op : func.getBody().getOps()) {
    auto product = dyn_cast<ContractionOpInterface>(op);
    if (isVocabulary(op) || (product && isSite(product)))
      sites.push_back(&op);
  }
  return sites;
}

SmallVector<Operation *> compress::blockSitesOf(func::FuncOp func) {
  SmallVector<Operation *> sites = storedSitesOf(func);
  llvm::erase_if(sites, [](Operation *op) {
    return isa<ContractionOpInterface>(op) &&
           !(isa<MatmulOp>(op) && NNBuilder::rankOf(SiteWeight::match(op)->constant) == 2);
  });
  return sites;
}

func::FuncOp compress::entryOf(ModuleOp module) { return *module.getOps<func::FuncOp>().begin(); }
