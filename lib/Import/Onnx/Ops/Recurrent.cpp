//===- Recurrent.cpp - RNN, GRU and LSTM ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer becomes one nn.recurrent per direction.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Weights.h"
#include "dialects/QNN/QNN.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/Quantization.h"
#include <cstring>

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
/// One layer: sequence-major data, one direction after the other.
class RecurrentImport {
public:
  RecurrentImport(NodeImport &n, RecurrentKind kind, bool isQuantized = false)
      : n(n), b(n.b), kind(kind), isQuantized(isQuantized) {}
  LogicalResult run();

private:
  LogicalResult readActivations();
  Value row(Value tensor, int64_t direction);
  Value initialState(size_t operand, int64_t direction);
  /// The biases of one direction: of input and state together, and GRU's that stands apart.
  std::pair<Value, Value> readBias(int64_t direction);
  FailureOr<SmallVector<Value>> runDirection(int64_t direction, bool isReverse);
  /// What the integers of operand 1 or 2 of one direction stand for, [.., gates * hidden].
  FailureOr<Value> storedWeights(size_t operand, int64_t direction);
  /// An operand of weights, [directions, gates of them times hidden, ..]; null if it is left out.
  Value weightsOf(size_t operand, int64_t gates);

  NodeImport &n;
  NNBuilder &b;
  RecurrentKind kind;
  /// Whether weights are integers, [directions, .., gates * hidden], with scales behind the other
  /// operands.
  bool isQuantized;
  Value input, lengths; // [S, B, I]; [B] or null
  int64_t hidden = 0, directions = 1;
  bool isBatchMajor = false;
  SmallVector<mlir::Attribute> activations; // of all directions
  SmallVector<double> alphas, betas;
};
} // namespace

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

namespace {
struct KnownActivation {
  const char *name;
  Activation activation;
  double alpha, beta; ///< defaults
};
} // namespace

static const KnownActivation *findActivation(StringRef name) {
  static constexpr KnownActivation known[] = {
      {"Relu", Activation::Relu, 0, 0},
      {"Tanh", Activation::Tanh, 0, 0},
      {"Sigmoid", Activation::Sigmoid, 0, 0},
      {"Affine", Activation::Affine, 1, 0},
      {"Elu", Activation::Elu, 1, 0},
      {"LeakyRelu", Activation::LeakyRelu, 0.01, 0},
      {"ThresholdedRelu", Activation::ThresholdedRelu, 1, 0},
      {"Softsign", Activation::Softsign, 0, 0},
      {"Softplus", Activation::Softplus, 0, 0},
      {"ScaledTanh", Activation::ScaledTanh, 1, 1},
      {"HardSigmoid", Activation::HardSigmoid, 0.2, 0.5}};
  for (const KnownActivation &each : known)
    if (name.equals_insensitive(each.name))
      return &each;
  return nullptr;
}

LogicalResult RecurrentImport::readActivations() {
  static const std::vector<std::string> defaults[] = {
      {"Tanh"}, {"Sigmoid", "Tanh"}, {"Sigmoid", "Tanh", "Tanh"}};
  const auto &usual = defaults[static_cast<int>(kind)];
  std::vector<std::string> names;
  if (const auto *given = n.node.find("activations"))
    names = given->strings;
  if (names.empty())
    for (int64_t i = 0; i < directions; ++i)
      names.insert(names.end(), usual.begin(), usual.end());
  // The schema's default for RNN names both directions, also where there is one.
  if (kind == RecurrentKind::Rnn && names == std::vector<std::string>{"Tanh", "Tanh"})
    names.resize(directions);
  if (size_t needed = usual.size() * directions; names.size() != needed)
    return n.invalid(Twine(names.size()) + " activations, needed are " + Twine(needed));
  auto parameters = [&](StringRef name) {
    const auto *found = n.node.find({name.data(), name.size()});
    return found ? found->floats : std::vector<float>();
  };
  std::vector<float> givenAlphas = parameters("activation_alpha"),
                     givenBetas = parameters("activation_beta");
  for (auto [i, name] : llvm::enumerate(names)) {
    const KnownActivation *known = findActivation(name);
    if (!known)
      return n.unsupported("the activation '" + Twine(name) + "'");
    activations.push_back(ActivationAttr::get(b.getContext(), known->activation));
    alphas.push_back(i < givenAlphas.size() ? givenAlphas[i] : known->alpha);
    betas.push_back(i < givenBetas.size() ? givenBetas[i] : known->beta);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Value RecurrentImport::weightsOf(size_t operand, int64_t gates) {
  Value weights = n.operand(operand);
  if (!weights)
    return {};
  SmallVector<int64_t> sizes = {directions, gates * hidden};
  if (operand == 1 || operand == 2)
    sizes.push_back(operand == 2 ? hidden : ShapedType::kDynamic);
  return b.withSizes(weights, sizes);
}

FailureOr<Value> RecurrentImport::storedWeights(size_t operand, int64_t direction) {
  constexpr size_t firstScale = 8;
  size_t scaleAt = firstScale + 2 * (operand - 1);
  ElementsAttr constant = getConstantValue(n.operand(operand));
  auto bytes = constant ? copyConstantBytes(constant) : std::nullopt;
  if (!bytes || constant.getElementType().getIntOrFloatBitWidth() != 8)
    return n.unsupported("operand " + Twine(operand) +
                         ", its weights, must be a constant of bytes");
  ArrayRef<int64_t> shape = constant.getShapedType().getShape();
  auto type = RankedTensorType::get(shape.drop_front(), constant.getElementType());
  AsmResourceBlob blob = allocateWeights(type);
  std::memcpy(blob.getMutableData().data(), bytes->data() + direction * type.getNumElements(),
              type.getNumElements());
  Value stored = b.constant(makeWeights(type, std::move(blob), constant));
  auto parameter = [&](size_t index) -> Value {
    if (!n.hasOperand(index))
      return {};
    Value own = row(n.operand(index), direction);
    bool isOne = b.typeOf(own).hasStaticShape() && b.typeOf(own).getNumElements() == 1;
    return isOne ? b.reshape(own, ArrayRef<int64_t>()) : own;
  };
  Value scale = parameter(scaleAt), zero = parameter(scaleAt + 1);
  if (!scale)
    return n.invalid("operand " + Twine(scaleAt) + ", the scale of its weights, is missing");
  return b.make<optc::qnn::DequantizeOp>(b.getF32Type(), stored, scale, zero);
}

/// [directions, ..] at one direction.
Value RecurrentImport::row(Value tensor, int64_t direction) {
  return b.squeeze(b.slice(tensor, 0, direction, direction + 1), {0});
}

/// The reshape of a given state changes nothing: it says, and checks, that its batch is the
/// input's.
Value RecurrentImport::initialState(size_t operand, int64_t direction) {
  Value sizes = b.concat({b.sizeOf(input, 1), b.ints({hidden})}, 0);
  Value given = n.operand(operand);
  if (!given)
    return b.expand(b.scalarLike(input, 0), sizes);
  Value state = row(isBatchMajor ? b.transpose(given, {1, 0, 2}) : given, direction);
  return b.reshape(state, sizes, /*allowZero=*/true);
}

std::pair<Value, Value> RecurrentImport::readBias(int64_t direction) {
  Value biases = weightsOf(3, 2 * RecurrentOp::countGates(kind)), apart;
  if (!biases)
    return {};
  int64_t width = RecurrentOp::countGates(kind) * hidden;
  Value both = row(biases, direction), ours = b.slice(both, 0, 0, width);
  Value theirs = b.slice(both, 0, width, 2 * width);
  // The biases of input and state add up, but GRU's last gate may scale the latter.
  if (kind == RecurrentKind::Gru && n.intAttr("linear_before_reset")) {
    apart = b.slice(theirs, 0, 2 * hidden, 3 * hidden);
    Value zero = b.binary(BinaryKind::Mul, apart, 0.0);
    theirs = b.concat({b.slice(theirs, 0, 0, 2 * hidden), zero}, 0);
  }
  return {b.binary(BinaryKind::Add, ours, theirs), apart};
}

//===----------------------------------------------------------------------===//
// The layer
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Value>> RecurrentImport::runDirection(int64_t direction, bool isReverse) {
  bool isLstm = kind == RecurrentKind::Lstm;
  size_t count = RecurrentOp::countActivations(kind), first = direction * count;
  auto [bias, recurrentBias] = readBias(direction);
  int64_t gates = RecurrentOp::countGates(kind);
  Value peepholes = isLstm && n.hasOperand(7) ? row(weightsOf(7, 3), direction) : Value();
  Value weights, recurrent;
  if (isQuantized) {
    auto ofInput = storedWeights(1, direction), ofState = storedWeights(2, direction);
    if (failed(ofInput) || failed(ofState))
      return failure();
    weights = *ofInput, recurrent = *ofState;
  } else {
    weights = b.transpose(row(weightsOf(1, gates), direction), {1, 0});
    recurrent = b.transpose(row(weightsOf(2, gates), direction), {1, 0});
  }
  Value state = initialState(5, direction), cell = isLstm ? initialState(6, direction) : Value();
  auto flag = [&](bool isSet) { return isSet ? b.getUnitAttr() : UnitAttr(); };
  Type type = UnrankedTensorType::get(b.elementOf(input));
  auto op = RecurrentOp::create(
      b, b.getLoc(), type, type, isLstm ? type : Type(),
      RecurrentKindAttr::get(b.getContext(), kind), input, weights, recurrent, bias, recurrentBias,
      peepholes, lengths, state, cell, b.getArrayAttr(ArrayRef(activations).slice(first, count)),
      b.getDenseF64ArrayAttr(ArrayRef(alphas).slice(first, count)),
      b.getDenseF64ArrayAttr(ArrayRef(betas).slice(first, count)),
      b.getF64FloatAttr(n.floatAttr("clip", 0)), flag(isReverse),
      flag(isLstm && n.intAttr("input_forget")),
      flag(kind == RecurrentKind::Gru && n.intAttr("linear_before_reset")));
  return SmallVector<Value>(b.finish(op));
}

LogicalResult RecurrentImport::run() {
  input = n.operand(0);
  constexpr int64_t ranks[] = {3, 3, 3, 2, 1, 3, 3, 2};
  for (auto [i, rank] : llvm::enumerate(ranks))
    if (failed(n.requireRank(i, rank)))
      return failure();
  hidden = NNBuilder::typeOf(n.operand(2)).getDimSize(isQuantized ? 1 : 2);
  if (ShapedType::isDynamic(hidden))
    hidden = n.intAttr("hidden_size", 0);
  if (hidden < 1)
    return n.unsupported(
        "a state of unknown size; give the weights a static shape, or the node a hidden_size");
  if (isQuantized) { // what its bytes stand for; states stay floats
    QuantizedTensor bytes =
        quantizeDynamically(b, input, IntegerType::get(b.getContext(), 8, IntegerType::Unsigned));
    input = b.make<optc::qnn::DequantizeOp>(b.getF32Type(), bytes.integers, bytes.scale,
                                            bytes.zeroPoint);
  }
  isBatchMajor = n.intAttr("layout");
  if (isBatchMajor)
    input = b.transpose(input, {1, 0, 2});
  if (Value given = n.operand(4))
    lengths = b.convert(given, b.getI64Type());
  if (lengths &&
      (failed(n.demand(lengths, ComparePredicate::Ge, 0.0, "a sequence has the length {0}")) ||
       failed(n.demand(lengths, ComparePredicate::Le, b.sizeOf(input, 0),
                       "a sequence has the length {0}, there are {1} elements"))))
    return failure();
  std::string direction = n.stringAttr("direction", "forward");
  directions = direction == "bidirectional" ? 2 : 1;
  for (size_t i : {1, 2, 3, 7})
    if (Value weights = n.operand(i); weights &&
                                      NNBuilder::typeOf(weights).getDimSize(0) != directions &&
                                      !NNBuilder::typeOf(weights).isDynamicDim(0))
      return n.invalid("operand " + Twine(i) + " is for " +
                       Twine(NNBuilder::typeOf(weights).getDimSize(0)) + " directions, needed is " +
                       Twine(directions));
  if (int64_t size = n.intAttr("hidden_size", hidden); size != hidden)
    return n.invalid("its hidden_size is " + Twine(size) + ", its weights are for " +
                     Twine(hidden));
  if (failed(readActivations()))
    return failure();
  SmallVector<Value> all, states, cells;
  for (int64_t i = 0; i < directions; ++i) {
    auto made = runDirection(i, direction == "reverse" || i == 1);
    if (failed(made))
      return failure();
    const SmallVector<Value> &results = *made;
    all.push_back(b.unsqueeze(results[0], {1}));
    states.push_back(b.unsqueeze(results[1], {0}));
    if (results.size() > 2)
      cells.push_back(b.unsqueeze(results[2], {0}));
  }
  auto finish = [&](size_t index, ArrayRef<Value> parts, int64_t axis,
                    ArrayRef<int64_t> batchFirst) {
    if (!n.hasResult(index))
      return;
    Value joined = parts.size() == 1 ? parts.front() : b.concat(parts, axis);
    n.setResult(index, isBatchMajor ? b.transpose(joined, batchFirst) : joined);
  };
  finish(0, all, 1, {2, 0, 1, 3});
  finish(1, states, 0, {1, 0, 2});
  if (kind == RecurrentKind::Lstm)
    finish(2, cells, 0, {1, 0, 2});
  return success();
}

template <RecurrentKind kind> static LogicalResult importRecurrent(NodeImport &n) {
  return RecurrentImport(n, kind).run();
}

static LogicalResult importQuantizedLstm(NodeImport &n) {
  return RecurrentImport(n, RecurrentKind::Lstm, /*isQuantized=*/true).run();
}

namespace optc::onnximport {
void registerRecurrent(HandlerRegistry &registry) {
  registry.add("RNN", summing<importRecurrent<RecurrentKind::Rnn>>);
  registry.add("GRU", summing<importRecurrent<RecurrentKind::Gru>>);
  registry.add("LSTM", summing<importRecurrent<RecurrentKind::Lstm>>);
  registry.add("com.microsoft:DynamicQuantizeLSTM", importQuantizedLstm);
}
} // namespace optc::onnximport
