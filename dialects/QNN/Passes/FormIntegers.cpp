//===- FormIntegers.cpp - products of what is quantized as integers -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See QNNPasses.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Weights.h"
#include "dialects/QNN/IntegerProducts.h"
#include "dialects/QNN/Passes/Passes.h"
#include "dialects/QNN/Quantization.h"
#include "lib/IR/Remarks.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace optc::qnn {
#define GEN_PASS_DEF_QNNFORMINTEGERS
#include "dialects/QNN/QNNPasses.h.inc"
} // namespace optc::qnn

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::qnn;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// A dequantization of bytes, whose scale is in f32.
static DequantizeOp dequantizedBytes(Value value) {
  auto op = value.getDefiningOp<DequantizeOp>();
  return op && isByte(op.getInput()) && NNBuilder::elementOf(op.getScale()).isF32() &&
                 NNBuilder::elementOf(value).isF32()
             ? op
             : DequantizeOp();
}

/// A scale or zero point (null stays) of the outputs of a weight, whose dim `axis` they are, as one
/// number or a vector; failure if it has other dims.
static FailureOr<Value> perOutput(NNBuilder &b, Value parameter, int64_t rank, int64_t axis) {
  if (!parameter)
    return Value();
  if (isPerTensor(parameter))
    return b.reshape(parameter, ArrayRef<int64_t>());
  auto type = NNBuilder::typeOf(parameter);
  int64_t at = axis - (rank - type.getRank());
  for (auto [i, size] : llvm::enumerate(type.getShape()))
    if (static_cast<int64_t>(i) != at && size != 1)
      return failure();
  return b.reshape(parameter, {-1});
}

/// Whether a zero point is known to be 0 everywhere.
static bool isZero(Value zeroPoint) {
  ElementsAttr known = zeroPoint ? getConstantValue(zeroPoint) : ElementsAttr();
  auto numbers = known ? readInts(known) : std::nullopt;
  return !zeroPoint || (numbers && llvm::all_of(*numbers, [](int64_t zero) { return zero == 0; }));
}

namespace {
/// A product of what is dequantized.
struct Product {
  ContractionOpInterface op;
  DequantizeOp data, weight;
  Value weightScale, weightZero; ///< one number, or one per output

  static std::optional<Product> match(ContractionOpInterface op, NNBuilder &b, StringRef &reason);
};
} // namespace

std::optional<Product> Product::match(ContractionOpInterface op, NNBuilder &b, StringRef &reason) {
  auto refuse = [&](StringRef why) {
    reason = why;
    return std::nullopt;
  };
  Product product{
      op, dequantizedBytes(op->getOperand(0)), dequantizedBytes(op->getOperand(1)), {}, {}};
  if (!product.data || !product.weight)
    return std::nullopt;
  if (!isPerTensor(product.data.getScale()) || !isPerTensor(product.data.getZeroPoint()))
    return refuse("the data has several scales");
  auto conv = dyn_cast<ConvOp>(*op);
  if (!conv && !isMovedConstant(product.weight.getInput()))
    return refuse("both operands are data");
  if (conv && (!conv.getPhases().empty() || !NNBuilder::typeOf(conv.getFilter()).hasStaticShape()))
    return refuse("a transposed convolution, or a filter of unknown sizes");
  int64_t rank = NNBuilder::rankOf(product.weight.getInput());
  int64_t axis = conv ? 0 : rank - 1;
  FailureOr<Value> scale = perOutput(b, product.weight.getScale(), rank, axis);
  FailureOr<Value> zero = perOutput(b, product.weight.getZeroPoint(), rank, axis);
  if (failed(scale) || failed(zero))
    return refuse("the weight has scales along what is summed");
  product.weightScale = *scale;
  product.weightZero = isZero(*zero) ? Value() : *zero;
  return product;
}

/// Zeros behind the last elements of dim `axis`, up to a multiple of `together`.
static Value filledUp(NNBuilder &b, Value value, int64_t axis, int64_t together) {
  RankedTensorType type = NNBuilder::typeOf(value);
  int64_t size = type.getDimSize(axis);
  int64_t more = llvm::alignTo(size, together) - size;
  if (more == 0)
    return value;
  SmallVector<int64_t> pads(2 * type.getRank(), 0);
  pads[type.getRank() + axis] = more;
  return b.make<PadOp>(type.getElementType(), PadMode::Constant, value, b.ints(pads),
                       b.scalarLike(value, 0));
}

/// The sums, in i32.
static Value multiply(Product &product, NNBuilder &b, int64_t together) {
  StoredIntegers data{product.data.getInput(), product.data.getZeroPoint()};
  StoredIntegers weight{product.weight.getInput(), product.weightZero};
  if (data.zeroPoint)
    data.zeroPoint = b.reshape(data.zeroPoint, ArrayRef<int64_t>());
  auto conv = dyn_cast<ConvOp>(*product.op);
  int64_t depthOfData = b.rankOf(data.value) - 1;
  int64_t depthOfWeight = conv ? 1 : b.rankOf(weight.value) - 2;
  // Zeros that are added to the weight make any sum right whose data is not counted.
  bool fills = (!conv || conv.getGroup() == 1) && !weight.zeroPoint &&
               !b.typeOf(data.value).isDynamicDim(depthOfData) &&
               b.elementOf(weight.value).isSignlessInteger(8);
  if (fills) {
    data.value = filledUp(b, data.value, depthOfData, together);
    weight.value = filledUp(b, weight.value, depthOfWeight, together);
  }
  if (!conv)
    return buildIntegerMatmul(b, data, weight);
  return buildIntegerConv(b, data, weight,
                          {llvm::to_vector(conv.getStrides()), llvm::to_vector(conv.getDilations()),
                           llvm::to_vector(conv.getPads()), static_cast<int64_t>(conv.getGroup())});
}

static void formProduct(ContractionOpInterface op, NNBuilder &b, int64_t together) {
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  StringRef reason;
  std::optional<Product> product = Product::match(op, b, reason);
  if (!product) {
    if (!reason.empty())
      remarkRefused("qnn-form-integers", "integers", op, reason);
    return;
  }
  Value sums = multiply(*product, b, together);
  Value scale = b.binary(BinaryKind::Mul, b.reshape(product->data.getScale(), ArrayRef<int64_t>()),
                         product->weightScale);
  Value result = b.make<DequantizeOp>(b.getF32Type(), sums, scale, Value());
  if (result.getType() != op->getResult(0).getType())
    return;
  remarkMade("qnn-form-integers", "integers", op);
  op->getResult(0).replaceAllUsesWith(result);
}

//===----------------------------------------------------------------------===//
// Requantization
//===----------------------------------------------------------------------===//

namespace {
/// A quantization of sums: what is between them, from the last to the first.
struct Chain {
  double low = -INFINITY, high = INFINITY; ///< bounds of the real result
  SmallVector<Value> biases;
  Value factor; ///< of the bounded sums; null: 1
  DequantizeOp sums;

  static std::optional<Chain> match(Value value);
};
} // namespace

std::optional<Chain> Chain::match(Value value) {
  Chain chain;
  while (value.hasOneUse()) {
    Operation *op = value.getDefiningOp();
    if (auto sums = dyn_cast_or_null<DequantizeOp>(op)) {
      chain.sums = sums;
      bool fits = NNBuilder::elementOf(sums.getInput()).isSignlessInteger(32) &&
                  !sums.getZeroPoint() && getConstantValue(sums.getScale());
      return fits ? std::optional(chain) : std::nullopt;
    }
    auto unary = dyn_cast_or_null<UnaryOp>(op);
    auto binary = dyn_cast_or_null<BinaryOp>(op);
    if (unary && unary.getKind() == UnaryKind::Relu && chain.biases.empty()) {
      chain.low = std::max(chain.low, 0.0);
      chain.high = std::max(chain.high, 0.0);
      value = unary.getInput();
      continue;
    }
    if (!binary || binary.getLhs() == binary.getRhs())
      return std::nullopt;
    bool isLeft = !getConstantValue(binary.getLhs());
    Value constant = isLeft ? binary.getRhs() : binary.getLhs();
    std::optional<double> number = numberOf(constant);
    bool isBounded = chain.low > -INFINITY || chain.high < INFINITY;
    // Bounds other than 0 would be others for each factor.
    if (chain.factor && number.value_or(1) != 0 &&
        llvm::is_contained({BinaryKind::Max, BinaryKind::Min}, binary.getKind()))
      return std::nullopt;
    if (binary.getKind() == BinaryKind::Mul && getConstantValue(constant) && !chain.factor &&
        !isBounded && chain.biases.empty()) {
      chain.factor = constant;
    } else if (binary.getKind() == BinaryKind::Add && getConstantValue(constant)) {
      chain.biases.push_back(constant);
    } else if (binary.getKind() == BinaryKind::Max && number && chain.biases.empty()) {
      chain.low = std::max(chain.low, *number);
      chain.high = std::max(chain.high, *number);
    } else if (binary.getKind() == BinaryKind::Min && number && chain.biases.empty()) {
      chain.low = std::min(chain.low, *number);
      chain.high = std::min(chain.high, *number);
    } else {
      return std::nullopt;
    }
    value = isLeft ? binary.getLhs() : binary.getRhs();
  }
  return std::nullopt;
}

/// The elements of a constant, repeated to `count` of them.
static std::optional<SmallVector<double>> elementsOf(Value value, size_t count) {
  ElementsAttr attr = getConstantValue(value);
  auto elements = attr ? readFloats(attr) : std::nullopt;
  if (elements && elements->size() == 1)
    elements->assign(count, elements->front());
  return elements && elements->size() == count ? elements : std::nullopt;
}

/// The same of one number, or one per output, which are the last dim.
static std::optional<SmallVector<double>> perOutputOf(Value value, int64_t count) {
  auto type = NNBuilder::typeOf(value);
  if (type.getNumElements() != 1 && type.getShape().back() != type.getNumElements())
    return std::nullopt;
  return elementsOf(value, count);
}

/// bias / scale to nearest; nothing where that is no i32 of a size that sums leave room for.
static std::optional<SmallVector<int64_t>> integerBias(ArrayRef<double> bias,
                                                       ArrayRef<double> scale) {
  constexpr double most = 1 << 28;
  SmallVector<int64_t> result;
  for (auto [value, unit] : llvm::zip_equal(bias, scale)) {
    double steps = value / unit;
    if (!(std::fabs(steps) < most))
      return std::nullopt;
    result.push_back(std::llrint(steps));
  }
  return result;
}

static void formRequantize(QuantizeOp op, NNBuilder &b) {
  std::optional<Chain> chain = Chain::match(op.getInput());
  std::optional<double> unit = numberOf(op.getScale()), zero = numberOf(op.getZeroPoint());
  if (!chain || !unit || !zero || !(*unit > 0))
    return;
  auto scaleType = NNBuilder::typeOf(chain->sums.getScale());
  int64_t count = scaleType.getNumElements();
  for (Value bias : chain->biases)
    count = std::max(count, NNBuilder::typeOf(bias).getNumElements());
  if (chain->factor)
    count = std::max(count, NNBuilder::typeOf(chain->factor).getNumElements());
  auto scales = elementsOf(chain->sums.getScale(), count);
  if (!scales || scaleType.getRank() > 1 ||
      llvm::any_of(*scales, [](double scale) { return !(scale > 0); }))
    return;
  SmallVector<double> bias(count, 0), factors(count, 1);
  if (chain->factor) {
    auto elements = perOutputOf(chain->factor, count);
    if (!elements || !llvm::all_of(*elements, [](double factor) { return factor > 0; }))
      return;
    factors = *elements;
  }
  for (Value one : chain->biases) {
    auto elements = perOutputOf(one, count);
    if (!elements)
      return;
    for (auto [sum, element] : llvm::zip_equal(bias, *elements))
      sum += element;
  }
  b.setInsertionPoint(op);
  b.setLoc(b.getFusedLoc({chain->sums.getLoc(), op.getLoc()}));
  Value sums = chain->sums.getInput();
  if (!chain->biases.empty()) {
    auto steps = integerBias(bias, *scales);
    if (!steps)
      return;
    sums = b.binary(BinaryKind::Add, sums,
                    b.constant(makeInts(RankedTensorType::get({count}, b.getI32Type()), *steps)));
  }
  for (auto [scale, factor] : llvm::zip_equal(*scales, factors))
    scale *= factor / *unit;
  bool isOne = llvm::all_equal(*scales);
  SmallVector<int64_t> shape;
  if (!isOne)
    shape.push_back(count);
  auto type = RankedTensorType::get(shape, b.getF32Type());
  Value scale = b.constant(makeFloats(type, ArrayRef(*scales).take_front(isOne ? 1 : count)));
  Type narrow = NNBuilder::elementOf(op.getResult());
  auto [least, most] = boundsOf(narrow);
  auto bound = [&, least = least, most = most](double real) -> int64_t {
    double steps = std::nearbyint(static_cast<float>(real) / static_cast<float>(*unit)) + *zero;
    return static_cast<int64_t>(
        std::clamp(steps, static_cast<double>(least), static_cast<double>(most)));
  };
  int64_t range[] = {bound(chain->low), bound(chain->high)};
  DenseI64ArrayAttr rangeAttr;
  if (range[0] > least || range[1] < most)
    rangeAttr = b.getDenseI64ArrayAttr(range);
  Value zeroPoint = op.getZeroPoint() ? b.reshape(op.getZeroPoint(), ArrayRef<int64_t>()) : Value();
  Value result = b.make<RequantizeOp>(narrow, sums, scale, zeroPoint, rangeAttr);
  if (result.getType() == op.getType())
    op.getResult().replaceAllUsesWith(result);
}

namespace {
struct FormIntegers : optc::qnn::impl::QNNFormIntegersBase<FormIntegers> {
  using QNNFormIntegersBase::QNNFormIntegersBase;

  void runOnOperation() override {
    auto rewrite = [&](NNBuilder &b) {
      SmallVector<ContractionOpInterface> products;
      getOperation().walk([&](ContractionOpInterface op) { products.push_back(op); });
      for (ContractionOpInterface op : products)
        formProduct(op, b, together);
    };
    if (failed(rewriteFunction(getOperation(), rewrite)) ||
        failed(rewriteEach<QuantizeOp>(getOperation(), formRequantize)))
      signalPassFailure();
  }
};
} // namespace
