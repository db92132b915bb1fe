//===- Quantize.cpp - sites, and what becomes of them -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Quantize.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Quantize.h"
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Weights.h"
#include "dialects/QNN/QNN.h"
#include "lib/Compress/QuantizeWeight.h"
#include "lib/IR/NodeNames.h"

using namespace mlir;
using namespace optc;
using namespace optc::compress;
using namespace optc::nn;

//===----------------------------------------------------------------------===//
// Sites
//===----------------------------------------------------------------------===//

namespace {
/// The constant that a product's weight is, perhaps transposed.
struct Weight {
  ConstantOp constant;
  int64_t outputs, channels; ///< dims of the constant

  static std::optional<Weight> match(ContractionOpInterface op);
};
} // namespace

std::optional<Weight> Weight::match(ContractionOpInterface op) {
  Value value = op->getOperand(1);
  int64_t rank = NNBuilder::rankOf(value);
  bool isConv = isa<ConvOp>(*op);
  Weight weight{value.getDefiningOp<ConstantOp>(), isConv ? 0 : rank - 1, isConv ? 1 : rank - 2};
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

/// Depthwise and transposed convolutions have no products of integers yet.
static bool isSite(ContractionOpInterface op) {
  auto conv = dyn_cast<ConvOp>(*op);
  if (conv && (conv.isDepthwise() || !conv.getPhases().empty()))
    return false;
  return !op->getOperand(0).getDefiningOp<ConstantOp>() && Weight::match(op);
}

static SmallVector<ContractionOpInterface> sitesOf(func::FuncOp func) {
  SmallVector<ContractionOpInterface> sites;
  for (auto op : func.getBody().getOps<ContractionOpInterface>())
    if (isSite(op))
      sites.push_back(op);
  return sites;
}

/// The entry, which is all of a model.
static func::FuncOp entryOf(ModuleOp module) { return *module.getOps<func::FuncOp>().begin(); }

std::vector<Site> compress::findSites(ModuleOp module) {
  std::vector<Site> sites;
  llvm::MapVector<Value, size_t> values;
  for (ContractionOpInterface op : sitesOf(entryOf(module))) {
    Site site;
    llvm::SetVector<StringRef> nodes = nodeNames(op->getLoc());
    site.node = nodes.empty() ? "" : nodes.front().str();
    site.op = op->getName().stripDialect().str();
    site.value = values.insert({op->getOperand(0), values.size()}).first->second;
    site.weightBytes = Weight::match(op)->constant.getValue().getNumElements() * sizeof(float);
    sites.push_back(std::move(site));
  }
  return sites;
}

bool compress::isQuantized(ModuleOp module) {
  return module
      ->walk([](Operation *op) {
        return isa<qnn::QNNDialect>(op->getDialect()) ? WalkResult::interrupt()
                                                      : WalkResult::advance();
      })
      .wasInterrupted();
}

//===----------------------------------------------------------------------===//
// Outputs that show values
//===----------------------------------------------------------------------===//

static void addOutput(func::FuncOp func, Value value, const std::string &name) {
  Operation *terminator = func.getBody().front().getTerminator();
  terminator->insertOperands(terminator->getNumOperands(), value);
  unsigned index = func.getNumResults();
  (void)func.insertResult(index, value.getType(), nullptr);
  func.setResultAttr(index, "nn.name", StringAttr::get(func.getContext(), name));
}

static void observe(func::FuncOp func) {
  llvm::SetVector<Value> values;
  for (ContractionOpInterface op : sitesOf(func))
    values.insert(op->getOperand(0));
  for (auto [i, value] : llvm::enumerate(values))
    addOutput(func, value, observedName(i));
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// `value` as what stands for it stands for.
static Value quantized(NNBuilder &b, Value value, const ValueScale &scale) {
  OpBuilder::InsertionGuard guard(b);
  if (Operation *producer = value.getDefiningOp())
    b.setInsertionPointAfter(producer), b.setLoc(producer->getLoc());
  else
    b.setInsertionPointToStart(value.getParentBlock()), b.setLoc(value.getLoc());
  Type narrow = IntegerType::get(b.getContext(), 8, IntegerType::Unsigned);
  Value step = b.scalar(b.getF32Type(), scale.scale);
  Value zero = b.scalar(narrow, static_cast<double>(scale.zeroPoint));
  Value integers = b.make<qnn::QuantizeOp>(narrow, value, step, zero);
  return b.make<qnn::DequantizeOp>(b.getF32Type(), integers, step, zero);
}

namespace {
/// A weight as what integers stand for, and what is added to each output to make up for rounding.
struct IntegerWeight {
  Value value, correction;
};
} // namespace

/// Nothing if the weight has numbers that are not finite.
static std::optional<IntegerWeight> quantizedWeight(NNBuilder &b, ContractionOpInterface op,
                                                    const Plan &plan, size_t site) {
  Weight weight = *Weight::match(op);
  ElementsAttr attr = weight.constant.getValue();
  auto integers = quantizeWeight(attr, weight.outputs);
  if (!integers)
    return std::nullopt;
  auto type = cast<RankedTensorType>(attr.getType());
  SmallVector<int64_t> shape(type.getRank(), 1);
  shape[weight.outputs] = type.getDimSize(weight.outputs);
  SmallVector<double> scales(integers->scales.begin(), integers->scales.end());
  Value value = b.make<qnn::DequantizeOp>(
      b.getF32Type(), b.constant(integers->integers),
      b.constant(makeFloats(RankedTensorType::get(shape, b.getF32Type()), scales)), Value());
  if (auto transpose = op->getOperand(1).getDefiningOp<TransposeOp>())
    value = b.transpose(value, transpose.getPermutation());
  if (!plan.correctsBias)
    return IntegerWeight{value, {}};
  std::vector<double> means = plan.values[plan.sites[site].value].means;
  int64_t channels = type.getDimSize(weight.channels);
  for (int64_t c = means.size(); c < channels; ++c)
    means.push_back(static_cast<double>(site + 1) / (c + 1));
  // Of groups, each output reads some of the channels.
  if (auto conv = dyn_cast<ConvOp>(*op); conv && conv.getGroup() > 1)
    return IntegerWeight{value, {}};
  SmallVector<double> correction;
  for (double error : meanErrors(attr, *integers, weight.outputs, weight.channels, means))
    correction.push_back(-error);
  auto outputs = RankedTensorType::get({static_cast<int64_t>(correction.size())}, b.getF32Type());
  return IntegerWeight{value, b.constant(makeFloats(outputs, correction))};
}

/// The product of what integers stand for; null as above.
static Value integerProduct(NNBuilder &b, ContractionOpInterface op, Value data, const Plan &plan,
                            size_t site) {
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  auto weight = quantizedWeight(b, op, plan, site);
  if (!weight)
    return {};
  Operation *copy = op->clone();
  copy->setOperand(0, data);
  copy->setOperand(1, weight->value);
  b.insert(copy);
  Value result = copy->getResult(0);
  b.getShapes().setShape(result, b.getShapes().getShape(op->getResult(0)));
  return weight->correction ? b.binary(BinaryKind::Add, result, weight->correction) : result;
}

static Value sumOfSquares(NNBuilder &b, Value value) {
  Value square = b.binary(BinaryKind::Mul, value, value);
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, b.rankOf(value)));
  return b.reduce(ReduceKind::Sum, square, axes, /*keepDims=*/false);
}

static void measure(func::FuncOp func, const Plan &plan, NNBuilder &b) {
  SmallVector<ContractionOpInterface> sites = sitesOf(func);
  for (auto [i, op] : llvm::enumerate(sites)) {
    if (i >= plan.choices.size() || !plan.choices[i].quantized)
      continue;
    const ValueScale &scale = plan.values[plan.sites[i].value];
    Value real = op->getResult(0);
    Value made = integerProduct(b, op, quantized(b, op->getOperand(0), scale), plan, i);
    if (!made)
      continue;
    b.setInsertionPointAfter(op);
    addOutput(func, sumOfSquares(b, real), measuredName(i, /*isError=*/false));
    addOutput(func, sumOfSquares(b, b.binary(BinaryKind::Sub, real, made)),
              measuredName(i, /*isError=*/true));
  }
}

/// All that reads a value that integers are multiplied of reads what the integers stand for, so
/// that one form of it is stored; but outputs (not taps), and products that stay as they are.
static void apply(func::FuncOp func, const Plan &plan, ArrayRef<std::string> taps, NNBuilder &b) {
  SmallVector<ContractionOpInterface> sites = sitesOf(func);
  llvm::MapVector<Value, Value> made;
  llvm::SmallPtrSet<Operation *, 16> kept;
  for (auto [i, op] : llvm::enumerate(sites))
    if (i >= plan.choices.size() || !plan.choices[i].quantized)
      kept.insert(op);
  for (auto [i, op] : llvm::enumerate(sites)) {
    if (kept.contains(op))
      continue;
    Value data = op->getOperand(0);
    Value &integers = made[data];
    if (!integers)
      integers = quantized(b, data, plan.values[plan.sites[i].value]);
    if (Value product = integerProduct(b, op, integers, plan, i))
      op->getResult(0).replaceAllUsesWith(product);
    else
      kept.insert(op);
  }
  auto isOutput = [&](OpOperand &use) {
    if (!isa<func::ReturnOp>(use.getOwner()))
      return false;
    auto name = func.getResultAttrOfType<StringAttr>(use.getOperandNumber(), "nn.name");
    return !name || !llvm::is_contained(taps, name.getValue());
  };
  for (auto [value, integers] : made) {
    Operation *quantize = integers.getDefiningOp<qnn::DequantizeOp>().getInput().getDefiningOp();
    value.replaceUsesWithIf(integers, [&, quantize = quantize](OpOperand &use) {
      Operation *user = use.getOwner();
      return user != quantize && !kept.contains(user) && !isOutput(use) &&
             user->getBlock() == quantize->getBlock();
    });
  }
}

LogicalResult compress::applyRequest(ModuleOp module, const Request &request,
                                     ArrayRef<std::string> taps) {
  func::FuncOp func = entryOf(module);
  if (request.kind == Request::Observe) {
    observe(func);
    return success();
  }
  return rewriteFunction(func, [&](NNBuilder &b) {
    if (request.kind == Request::Measure)
      measure(func, request.plan, b);
    else
      apply(func, request.plan, taps, b);
  });
}
