//===- Contrib.cpp - products and activations ONNX Runtime fuses ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What ONNX Runtime's optimizer makes of several nodes becomes these nodes again: fusion
// is decided later, for the target, and passes see the usual forms.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;
using OnnxAttribute = optc::onnximport::Attribute;

static OnnxAttribute floatOf(StringRef name, double value) {
  OnnxAttribute attribute;
  attribute.name = name.str();
  attribute.kind = OnnxAttribute::Kind::Float;
  attribute.f = static_cast<float>(value);
  return attribute;
}

//===----------------------------------------------------------------------===//
// Activations of fused nodes
//===----------------------------------------------------------------------===//

/// The activation `name` of ai.onnx. Its attributes are those of the fused node that begin with
/// "activation_".
static FailureOr<Value> activate(NodeImport &n, StringRef name, Value x) {
  static const StringRef known[] = {"Relu",      "Sigmoid",         "Tanh", "LeakyRelu", "Elu",
                                    "Selu",      "HardSigmoid",     "Celu", "Softplus",  "Softsign",
                                    "HardSwish", "ThresholdedRelu", "Gelu", "Softmax"};
  if (!llvm::is_contained(known, name))
    return n.unsupported("the activation '" + name + "'");
  std::vector<OnnxAttribute> attributes;
  for (const OnnxAttribute &attribute : n.node.attributes)
    if (StringRef own = attribute.name; own.consume_front("activation_")) {
      attributes.push_back(attribute);
      attributes.back().name = own.str();
    }
  return n.importAs(name, {x}, attributes);
}

/// FusedConv lists the parameters of its activation in the order of their operator.
static FailureOr<Value> activateConv(NodeImport &n, Value x) {
  std::string name = n.stringAttr("activation");
  const OnnxAttribute *list = n.node.find("activation_params");
  SmallVector<double> params;
  if (list)
    params.append(list->floats.begin(), list->floats.end());
  auto call = [&](size_t count, function_ref<FailureOr<Value>()> build) -> FailureOr<Value> {
    if (params.size() != count)
      return n.invalid("the activation '" + Twine(name) + "' has " + Twine(count) +
                       " parameters, given are " + Twine(params.size()));
    return build();
  };
  if (name == "LeakyRelu")
    return call(1, [&] { return n.importAs(name, {x}, {floatOf("alpha", params[0])}); });
  if (name == "HardSigmoid")
    return call(2, [&] {
      return n.importAs(name, {x}, {floatOf("alpha", params[0]), floatOf("beta", params[1])});
    });
  if (name == "Clip")
    return call(2, [&] {
      return n.importAs(name, {x, n.b.scalarLike(x, params[0]), n.b.scalarLike(x, params[1])}, {});
    });
  return name.empty() ? FailureOr<Value>(x) : activate(n, name, x);
}

static LogicalResult setActivated(NodeImport &n, FailureOr<Value> value) {
  std::string name = n.stringAttr("activation");
  if (succeeded(value) && !name.empty())
    value = activate(n, name, *value);
  if (failed(value))
    return failure();
  n.setResult(0, *value);
  return success();
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// activation(conv(X, W) + B + Z)
static LogicalResult importFusedConv(NodeImport &n) {
  FailureOr<Value> conv =
      n.importAs("Conv", {n.operand(0), n.operand(1), n.operand(2)}, n.node.attributes);
  if (failed(conv))
    return failure();
  Value sum = n.hasOperand(3) ? n.b.binary(BinaryKind::Add, *conv, n.operand(3)) : *conv;
  FailureOr<Value> result = activateConv(n, sum);
  if (failed(result))
    return failure();
  n.setResult(0, *result);
  return success();
}

static LogicalResult importFusedGemm(NodeImport &n) {
  return setActivated(
      n, n.importAs("Gemm", {n.operand(0), n.operand(1), n.operand(2)}, n.node.attributes));
}

/// An operand of FusedMatMul as rows x columns behind the batch. `movesBatch` is transBatchA or
/// transBatchB: the rows are in front of the batch.
static Value matricesOf(NNBuilder &b, Value value, bool isTransposed, bool movesBatch) {
  int64_t rank = b.rankOf(value);
  if (rank < 2)
    return value;
  auto order = llvm::to_vector(llvm::seq<int64_t>(rank));
  if (movesBatch)
    std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (isTransposed)
    std::swap(order[rank - 2], order[rank - 1]);
  return llvm::is_sorted(order) ? value : b.transpose(value, order);
}

static LogicalResult importFusedMatmul(NodeImport &n) {
  NNBuilder &b = n.b;
  Value lhs = matricesOf(b, n.operand(0), n.intAttr("transA"), n.intAttr("transBatchA"));
  Value rhs = matricesOf(b, n.operand(1), n.intAttr("transB"), n.intAttr("transBatchB"));
  FailureOr<Value> result = n.importAs("MatMul", {lhs, rhs}, {});
  double alpha = n.floatAttr("alpha", 1);
  if (succeeded(result) && alpha != 1)
    result = b.binary(BinaryKind::Mul, *result, alpha);
  return setActivated(n, result);
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

static FailureOr<Value> gelu(NodeImport &n, Value x, bool isTanh) {
  OnnxAttribute form;
  form.name = "approximate";
  form.kind = OnnxAttribute::Kind::String;
  form.s = isTanh ? "tanh" : "none";
  return n.importAs("Gelu", {x}, {form});
}

/// gelu(x + bias)
template <bool isTanh> static LogicalResult importBiasGelu(NodeImport &n) {
  Value x = n.operand(0);
  if (n.hasOperand(1))
    x = n.b.binary(BinaryKind::Add, x, n.operand(1));
  FailureOr<Value> result = gelu(n, x, isTanh);
  if (failed(result))
    return failure();
  n.setResult(0, *result);
  return success();
}

/// Of x + bias, [.., 2D], the first half times gelu of the second.
static LogicalResult importBiasSplitGelu(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = b.binary(BinaryKind::Add, n.operand(0), n.operand(1));
  int64_t axis = b.rankOf(x) - 1, size = b.typeOf(x).getDimSize(axis);
  if (size < 0 || size % 2)
    return n.unsupported("a last dimension that is not known to be even");
  FailureOr<Value> gate = gelu(n, b.slice(x, axis, size / 2, size), /*isTanh=*/false);
  if (failed(gate))
    return failure();
  n.setResult(0, b.binary(BinaryKind::Mul, b.slice(x, axis, 0, size / 2), *gate));
  return success();
}

/// x sigmoid(alpha x)
static LogicalResult importQuickGelu(NodeImport &n) {
  Value x = n.operand(0);
  Value scaled = n.b.binary(BinaryKind::Mul, x, n.floatAttr("alpha", 1.702));
  n.setResult(0, n.b.binary(BinaryKind::Mul, x, n.b.unary(UnaryKind::Sigmoid, scaled)));
  return success();
}

static LogicalResult importBiasAdd(NodeImport &n) {
  Value sum = n.b.binary(BinaryKind::Add, n.operand(0), n.operand(1));
  n.setResult(0, n.b.binary(BinaryKind::Add, sum, n.operand(2)));
  return success();
}

/// softmax(data + bias) over all dimensions from `axis` on. The bias has sizes of 1 where it
/// broadcasts, or leading dimensions less.
static LogicalResult importBiasSoftmax(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = b.binary(BinaryKind::Add, n.operand(0), n.operand(1));
  int64_t axis = b.axisOf(x, n.intAttr("axis", 1)), rank = b.rankOf(x);
  bool isLast = axis == rank - 1;
  Value flat = x;
  if (!isLast) {
    SmallVector<int64_t> shape(axis, 0);
    shape.push_back(-1);
    flat = b.reshape(x, shape);
  }
  Value result = b.make<SoftmaxOp>(b.elementOf(flat), flat, axis, /*isLog=*/false);
  n.setResult(0, isLast ? result : b.reshape(result, b.shapeOf(x), /*allowZero=*/true));
  return success();
}

/// data + bias + residual when inferring.
static LogicalResult importBiasDropout(NodeImport &n) {
  NNBuilder &b = n.b;
  FailureOr<Value> sum = n.importAs(
      "Dropout",
      {b.binary(BinaryKind::Add, n.operand(0), n.operand(1)), n.operand(3), n.operand(4)}, {});
  if (failed(sum))
    return failure();
  n.setResult(0, n.hasOperand(2) ? b.binary(BinaryKind::Add, *sum, n.operand(2)) : *sum);
  return success();
}

namespace optc::onnximport {
void registerContrib(HandlerRegistry &registry) {
  auto add = [&](const char *op, NodeHandler handler) {
    registry.add((Twine("com.microsoft:") + op).str(), handler);
  };
  add("FusedConv", importFusedConv);
  add("FusedGemm", importFusedGemm);
  add("FusedMatMul", importFusedMatmul);
  add("FusedMatMulActivation", importFusedMatmul);
  add("TransposeMatMul", importFusedMatmul);
  add("Gelu", importBiasGelu<false>);
  add("BiasGelu", importBiasGelu<false>);
  add("FastGelu", importBiasGelu<true>);
  add("BiasSplitGelu", importBiasSplitGelu);
  add("QuickGelu", importQuickGelu);
  add("BiasAdd", importBiasAdd);
  add("BiasSoftmax", importBiasSoftmax);
  add("BiasDropout", importBiasDropout);
}
} // namespace optc::onnximport
