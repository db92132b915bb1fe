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
#include "dialects/QNN/BlockCodes.h"
#include "lib/Compress/QuantizeWeight.h"
#include "lib/Compress/Sites.h"
#include "lib/IR/NodeNames.h"
#include <map>

using namespace mlir;
using namespace optc;
using namespace optc::compress;
using namespace optc::nn;

/// What a scheme is about, in order.
static SmallVector<Operation *> listSites(func::FuncOp func, Scheme scheme) {
  if (usesBlocks(scheme))
    return blockSitesOf(func);
  if (storageOf(scheme) == Storage::Floats)
    return storedSitesOf(func);
  SmallVector<Operation *> sites;
  for (ContractionOpInterface op : sitesOf(func))
    sites.push_back(op);
  return sites;
}

/// What weights are stored as, of schemes that store floats.
static FloatType storedType(MLIRContext *context, Scheme scheme) {
  return scheme == Scheme::F16 ? FloatType(Float16Type::get(context)) : BFloat16Type::get(context);
}

/// Whether a narrower type has numbers as large as those of an f32 constant.
static bool holds(ElementsAttr constant, FloatType type) {
  double largest = APFloat::getLargest(type.getFloatSemantics()).convertToDouble();
  auto bytes = copyConstantBytes(constant);
  for (size_t at = 0; bytes && at < bytes->size(); at += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, bytes->data() + at, sizeof(float));
    if (!(std::fabs(value) <= largest))
      return false;
  }
  return bytes.has_value();
}

std::vector<Site> compress::findSites(ModuleOp module, Scheme scheme) {
  std::vector<Site> sites;
  llvm::MapVector<Value, size_t> values;
  llvm::MapVector<Attribute, size_t> weights;
  for (Operation *op : listSites(entryOf(module), scheme)) {
    Site site;
    llvm::SetVector<StringRef> nodes = nodeNames(op->getLoc());
    site.node = nodes.empty() ? "" : nodes.front().str();
    site.op = op->getName().stripDialect().str();
    if (isa<ContractionOpInterface>(op))
      site.value = values.insert({op->getOperand(0), values.size()}).first->second;
    SiteWeight weight = *SiteWeight::match(op);
    auto type = NNBuilder::typeOf(weight.constant);
    site.weight = weights.insert({weight.constant.getValue(), weights.size()}).first->second;
    site.weightBytes = type.getNumElements() * sizeof(float);
    site.depth = type.getNumElements() / std::max<int64_t>(type.getDimSize(weight.outputs), 1);
    if (storageOf(scheme) == Storage::Floats &&
        !holds(weight.constant.getValue(), storedType(op->getContext(), scheme)))
      site.refusal =
          std::string("its weight has numbers that ") + nameOf(scheme) + " does not hold";
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

static void observe(func::FuncOp func, const Request &request) {
  llvm::SetVector<Value> values;
  for (Operation *op : listSites(func, request.plan.scheme))
    if (isa<ContractionOpInterface>(op))
      values.insert(op->getOperand(0));
  for (auto [i, value] : llvm::enumerate(values))
    addOutput(func, value, observedName(i));
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

namespace {
/// What stands for a value: as products read it, and as it is.
struct QuantizedValue {
  Value products, real;
};
} // namespace

/// Factors that are not known are all different, so that constants of different values are.
static SmallVector<double> factorsOf(const ValueScale &scale, int64_t channels, size_t value) {
  SmallVector<double> factors(scale.factors.begin(), scale.factors.end());
  for (int64_t c = factors.size(); c < channels; ++c)
    factors.push_back(1 + static_cast<double>(c + 1) / static_cast<double>(channels + value));
  return factors;
}

static QuantizedValue quantized(NNBuilder &b, Value value, const Plan &plan, size_t number) {
  OpBuilder::InsertionGuard guard(b);
  if (Operation *producer = value.getDefiningOp())
    b.setInsertionPointAfter(producer), b.setLoc(producer->getLoc());
  else
    b.setInsertionPointToStart(value.getParentBlock()), b.setLoc(value.getLoc());
  const ValueScale &scale = plan.values[number];
  Value factors;
  if (scale.isBalanced) {
    int64_t channels = b.typeOf(value).getShape().back();
    auto type = RankedTensorType::get({channels}, b.getF32Type());
    SmallVector<double> all = factorsOf(scale, channels, number), inverses;
    for (double factor : all)
      inverses.push_back(1 / factor);
    factors = b.constant(makeFloats(type, all));
    value = b.binary(BinaryKind::Mul, value, b.constant(makeFloats(type, inverses)));
  }
  Type narrow = IntegerType::get(b.getContext(), 8, IntegerType::Unsigned);
  Value step = b.scalar(b.getF32Type(), scale.scale);
  Value zero = b.scalar(narrow, static_cast<double>(scale.zeroPoint));
  Value integers = b.make<qnn::QuantizeOp>(narrow, value, step, zero);
  Value products = b.make<qnn::DequantizeOp>(b.getF32Type(), integers, step, zero);
  return {products, factors ? b.binary(BinaryKind::Mul, products, factors) : products};
}

namespace {
/// A weight as what integers stand for, and what is added to each output to make up for rounding.
struct IntegerWeight {
  Value value, correction;
};
} // namespace

std::optional<BlockMatrix> compress::readBlockMatrix(ModuleOp module, size_t site) {
  SiteWeight weight = *SiteWeight::match(blockSitesOf(entryOf(module))[site]);
  auto values = WeightValues::read(weight.constant.getValue(), weight.outputs, weight.channels);
  if (!values)
    return std::nullopt;
  BlockMatrix matrix{std::move(values->values), values->outputs, values->channels};
  if (weight.outputs == 1) {
    std::vector<float> across(matrix.values.size());
    for (int64_t k = 0; k < matrix.depth; ++k)
      for (int64_t n = 0; n < matrix.rows; ++n)
        across[n * matrix.depth + k] = matrix.values[k * matrix.rows + n];
    matrix.values = std::move(across);
  }
  return matrix;
}

namespace {
/// Sites whose weights become codes.
class BlockSites {
public:
  BlockSites(NNBuilder &b, func::FuncOp func, const Plan &plan)
      : b(b), module(func->getParentOfType<ModuleOp>()), plan(plan) {}

  /// A site with its codes; null if the weight has numbers that are not finite, or no whole blocks.
  Value build(Operation *op, size_t site);

private:
  struct Constants {
    ElementsAttr bytes, scales, zeros; ///< no zeros: the middle
    DenseI8ArrayAttr codebook;
  };

  const Constants *constantsOf(Operation *op, size_t site);
  /// A matrix [outputs, depth], or the rows that are gathered.
  Value buildWeight(Operation *op, size_t site, const Constants &constants);

  NNBuilder &b;
  ModuleOp module;
  const Plan &plan;
  /// Those with the same codes are the same; where the plan has none, of the same weight and bits.
  std::map<const BlockCodes *, Constants> constants;
  std::map<std::pair<const void *, int64_t>, std::shared_ptr<const BlockCodes>> nearest;
};
} // namespace

const BlockSites::Constants *BlockSites::constantsOf(Operation *op, size_t site) {
  BlockFormat format = plan.formatOf(site);
  SiteWeight weight = *SiteWeight::match(op);
  ElementsAttr origin = weight.constant.getValue();
  int64_t depth = b.typeOf(weight.constant).getDimSize(weight.channels);
  int64_t rows = b.typeOf(weight.constant).getDimSize(weight.outputs);
  if (format.block <= 0 || depth % format.block != 0)
    return nullptr;
  std::shared_ptr<const BlockCodes> codes = site < plan.codes.size() ? plan.codes[site] : nullptr;
  if (!codes) {
    std::shared_ptr<const BlockCodes> &known = nearest[{origin.getAsOpaquePointer(), format.bits}];
    auto matrix = known ? std::nullopt : readBlockMatrix(module, site);
    if (!known && !matrix)
      return nullptr;
    if (!known)
      known = std::make_shared<const BlockCodes>(roundBlocks(*matrix, format, {}));
    codes = known;
  }
  Constants &result = constants[codes.get()];
  if (result.bytes)
    return &result;
  qnn::BlockShape shape{rows, depth, format.bits, format.block};
  auto perBlock = RankedTensorType::get({rows, shape.blocks(), 1}, b.getF16Type());
  auto halves = [&](const std::vector<uint16_t> &numbers) {
    AsmResourceBlob blob = allocateWeights(perBlock);
    std::memcpy(blob.getMutableData().data(), numbers.data(), numbers.size() * sizeof(uint16_t));
    return makeWeights(perBlock, std::move(blob), origin);
  };
  result.bytes = qnn::packCodes(b.getContext(), codes->codes, shape, origin);
  result.scales = halves(codes->scales);
  if (!codes->zeros.empty())
    result.zeros = halves(codes->zeros);
  SmallVector<int8_t> codebook; // without a sign
  for (int8_t value : codes->codebook)
    codebook.push_back(static_cast<int8_t>(value ^ INT8_MIN));
  if (!codebook.empty())
    result.codebook = b.getDenseI8ArrayAttr(codebook);
  return &result;
}

Value BlockSites::buildWeight(Operation *op, size_t site, const Constants &constants) {
  auto type = cast<RankedTensorType>(constants.bytes.getType());
  BlockFormat format = plan.formatOf(site);
  qnn::BlockShape shape{type.getDimSize(0), type.getDimSize(1) * format.block, format.bits,
                        format.block, constants.codebook};
  auto gather = dyn_cast<GatherOp>(op);
  auto read = [&](ElementsAttr constant) {
    Value all = b.constant(constant);
    return gather ? b.gather(all, gather.getIndices(), 0) : all;
  };
  double middle = constants.codebook ? -INT8_MIN : format.middle();
  Value zero = constants.zeros ? read(constants.zeros) : b.scalar(type.getElementType(), middle);
  return qnn::dequantizeBlocks(b, read(constants.bytes), read(constants.scales), zero, shape,
                               b.getF32Type());
}

Value BlockSites::build(Operation *op, size_t site) {
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  const Constants *constants = constantsOf(op, site);
  if (!constants)
    return {};
  Value weight = buildWeight(op, site, *constants);
  if (isa<GatherOp>(op))
    return weight;
  Value data = op->getOperand(0);
  if (plan.blocks.roundsData)
    data = qnn::roundBlocks(b, data, plan.blocks.block);
  return b.make<MatmulOp>(b.getF32Type(), data, b.transpose(weight, {1, 0}));
}

/// Nothing if the weight has numbers that are not finite.
static std::optional<IntegerWeight> quantizedWeight(NNBuilder &b, ContractionOpInterface op,
                                                    const Plan &plan, size_t site) {
  SiteWeight weight = *SiteWeight::match(op);
  size_t number = *plan.sites[site].value;
  const ValueScale &data = plan.values[number];
  auto type = cast<RankedTensorType>(weight.constant.getType());
  int64_t channels = type.getDimSize(weight.channels);
  SmallVector<float> factors;
  if (data.isBalanced)
    for (double factor : factorsOf(data, channels, number))
      factors.push_back(static_cast<float>(factor));
  auto values =
      WeightValues::read(weight.constant.getValue(), weight.outputs, weight.channels, factors);
  if (!values)
    return std::nullopt;
  QuantizedWeight integers = quantizeWeight(*values);
  SmallVector<int64_t> shape(type.getRank(), 1);
  shape[weight.outputs] = values->outputs;
  SmallVector<double> scales(integers.scales.begin(), integers.scales.end());
  Value value = b.make<qnn::DequantizeOp>(
      b.getF32Type(), b.constant(integers.integers),
      b.constant(makeFloats(RankedTensorType::get(shape, b.getF32Type()), scales)), Value());
  if (auto transpose = op->getOperand(1).getDefiningOp<TransposeOp>())
    value = b.transpose(value, transpose.getPermutation());
  if (!plan.correctsBias || !weight.readsAllChannels(op))
    return IntegerWeight{value, {}};
  std::vector<double> means = data.means;
  for (int64_t c = means.size(); c < channels; ++c)
    means.push_back(static_cast<double>(site + 1) / static_cast<double>(c + 1));
  if (data.isBalanced)
    for (auto [mean, factor] : llvm::zip_equal(means, factors))
      mean /= factor;
  SmallVector<double> correction;
  for (double error : meanErrors(*values, integers, means))
    correction.push_back(-error);
  auto outputs = RankedTensorType::get({values->outputs}, b.getF32Type());
  return IntegerWeight{value, b.constant(makeFloats(outputs, correction))};
}

/// A product of other operands.
static Value copyWith(NNBuilder &b, Operation *op, ValueRange operands) {
  Operation *copy = op->clone();
  copy->setOperands(operands);
  b.insert(copy);
  b.getShapes().setShape(copy->getResult(0), b.getShapes().getShape(op->getResult(0)));
  return copy->getResult(0);
}

/// The product of what integers stand for; null as above.
static Value integerProduct(NNBuilder &b, ContractionOpInterface op, Value data, const Plan &plan,
                            size_t site) {
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  auto weight = quantizedWeight(b, op, plan, site);
  if (!weight)
    return {};
  Value result = copyWith(b, op, {data, weight->value});
  return weight->correction ? b.binary(BinaryKind::Add, result, weight->correction) : result;
}

namespace {
/// Sites whose weights are stored as floats of 16 bits.
class StoredSites {
public:
  StoredSites(NNBuilder &b, const Plan &plan)
      : b(b), type(storedType(b.getContext(), plan.scheme)) {}

  Value build(Operation *op);

private:
  Value store(ConstantOp weight);

  NNBuilder &b;
  FloatType type;
  llvm::DenseMap<Attribute, Value> stored;
};
} // namespace

/// A vocabulary that is the last layer, too, is one constant.
Value StoredSites::store(ConstantOp weight) {
  Value &known = stored[weight.getValue()];
  if (!known) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointAfter(weight);
    known = b.convert(weight, type);
  }
  return known;
}

Value StoredSites::build(Operation *op) {
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  Value weight = store(SiteWeight::match(op)->constant);
  if (auto gather = dyn_cast<GatherOp>(op))
    return b.convert(b.gather(weight, gather.getIndices(), 0), b.getF32Type());
  if (auto transpose = op->getOperand(1).getDefiningOp<TransposeOp>())
    weight = b.transpose(weight, transpose.getPermutation());
  return copyWith(b, op, {op->getOperand(0), weight});
}

static Value sumOfSquares(NNBuilder &b, Value value) {
  Value square = b.binary(BinaryKind::Mul, value, value);
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, b.rankOf(value)));
  return b.reduce(ReduceKind::Sum, square, axes, /*keepDims=*/false);
}

static void measure(func::FuncOp func, const Plan &plan, NNBuilder &b) {
  SmallVector<Operation *> sites = listSites(func, plan.scheme);
  BlockSites blocks(b, func, plan);
  StoredSites stored(b, plan);
  for (auto [i, op] : llvm::enumerate(sites)) {
    if (i >= plan.choices.size() || !plan.choices[i].quantized)
      continue;
    Value real = op->getResult(0), made;
    if (usesBlocks(plan.scheme)) {
      made = blocks.build(op, i);
    } else if (storageOf(plan.scheme) == Storage::Floats) {
      made = stored.build(op);
    } else {
      QuantizedValue data = quantized(b, op->getOperand(0), plan, *plan.sites[i].value);
      made = integerProduct(b, cast<ContractionOpInterface>(op), data.products, plan, i);
    }
    if (!made)
      continue;
    b.setInsertionPointAfter(op);
    addOutput(func, sumOfSquares(b, real), measuredName(i, /*isError=*/false));
    addOutput(func, sumOfSquares(b, b.binary(BinaryKind::Sub, real, made)),
              measuredName(i, /*isError=*/true));
  }
}

/// Weights alone are stored in another form, in blocks or not.
static void applyToWeights(func::FuncOp func, const Plan &plan, NNBuilder &b) {
  SmallVector<Operation *> sites = listSites(func, plan.scheme);
  SmallVector<Value> made(sites.size());
  BlockSites blocks(b, func, plan);
  StoredSites stored(b, plan);
  for (auto [i, op] : llvm::enumerate(sites))
    if (i < plan.choices.size() && plan.choices[i].quantized)
      made[i] = usesBlocks(plan.scheme) ? blocks.build(op, i) : stored.build(op);
  for (auto [op, value] : llvm::zip_equal(sites, made))
    if (value && value.getType() == op->getResult(0).getType())
      op->getResult(0).replaceAllUsesWith(value);
}

/// All that reads a value that integers are multiplied of reads what the integers stand for, so
/// that one form of it is stored; but outputs (not taps), and products that stay as they are.
static void apply(func::FuncOp func, const Plan &plan, ArrayRef<std::string> taps, NNBuilder &b) {
  SmallVector<ContractionOpInterface> sites = sitesOf(func);
  llvm::MapVector<Value, QuantizedValue> made;
  llvm::SmallPtrSet<Operation *, 16> kept;
  for (auto [i, op] : llvm::enumerate(sites))
    if (i >= plan.choices.size() || !plan.choices[i].quantized)
      kept.insert(op);
  for (auto [i, op] : llvm::enumerate(sites)) {
    if (kept.contains(op))
      continue;
    Value data = op->getOperand(0);
    QuantizedValue &integers = made[data];
    if (!integers.products)
      integers = quantized(b, data, plan, *plan.sites[i].value);
    if (Value product = integerProduct(b, op, integers.products, plan, i))
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
    Operation *last = integers.real.getDefiningOp();
    Operation *dequantize = integers.products.getDefiningOp();
    value.replaceUsesWithIf(integers.real, [&](OpOperand &use) {
      Operation *user = use.getOwner();
      // What comes before is what quantizes.
      bool isBehind = user->getBlock() == last->getBlock() && dequantize->isBeforeInBlock(user);
      return isBehind && !kept.contains(user) && !isOutput(use);
    });
  }
}

LogicalResult compress::applyRequest(ModuleOp module, const Request &request,
                                     ArrayRef<std::string> taps) {
  func::FuncOp func = entryOf(module);
  return rewriteFunction(func, [&](NNBuilder &b) {
    if (request.kind == Request::Observe)
      observe(func, request);
    else if (request.kind == Request::Measure)
      measure(func, request.plan, b);
    else if (storageOf(request.plan.scheme) != Storage::Integers)
      applyToWeights(func, request.plan, b);
    else
      apply(func, request.plan, taps, b);
  });
}
