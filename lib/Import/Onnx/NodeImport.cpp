//===- NodeImport.cpp - what a handler sees of its node -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands, results, attributes, refusals and subgraphs of a node; see Importer.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "lib/IR/ErrorId.h"
#include "lib/Import/Onnx/BranchedModel.h"
#include "lib/Import/Onnx/ConstantImport.h"
#include "lib/Import/Onnx/ImportState.h"

using namespace mlir;
using namespace optc;
using namespace optc::onnximport;

Value NodeImport::operand(size_t index) {
  ValueId id = node.input(index);
  Value value = id == noValue ? Value() : importer.values.lookup(id);
  Type type = value ? nn::NNBuilder::elementOf(value) : Type();
  if (!value || !isWide || (!type.isF16() && !type.isBF16()))
    return value;
  half = type;
  Value &wide = wideOperands[index];
  if (!wide)
    wide = b.convert(value, b.getF32Type());
  return wide;
}

void NodeImport::setResult(size_t index, Value value) {
  // Some results stay f32: the statistics of a normalization.
  Type declared = half ? convertElemType(resultType(index).elem, importer.context) : Type();
  if (half && nn::NNBuilder::elementOf(value).isF32() && (!declared || declared == half))
    value = b.convert(value, half);
  importer.setResult(node, index, value);
}

const SmallVector<Value> *NodeImport::sequence(size_t index) {
  auto found = importer.sequences.find(node.input(index));
  return found == importer.sequences.end() ? nullptr : &found->second;
}

void NodeImport::setSequence(size_t index, SmallVector<Value> elements) {
  if (node.output(index) != noValue)
    importer.sequences[node.output(index)] = std::move(elements);
}

ValueType NodeImport::resultType(size_t index) const {
  return hasResult(index) ? importer.declaredType(node.output(index)) : ValueType();
}

std::optional<int64_t> NodeImport::resultRank(size_t index) const {
  ValueType type = resultType(index);
  return type.hasRank ? std::optional<int64_t>(type.dims.size()) : std::nullopt;
}

Value NodeImport::vectorOf(Value vector, int64_t count) {
  return nn::NNBuilder::rankOf(vector) == 1 ? b.withSizes(vector, count) : vector;
}

FailureOr<Type> NodeImport::resultElementType(size_t index) {
  if (Type type = convertElemType(resultType(index).elem, importer.context))
    return type;
  return unsupported("the element type of output " + Twine(index) + " is not supported");
}

std::optional<SmallVector<int64_t>> NodeImport::constantInts(size_t index) {
  Value value = operand(index);
  return value ? importer.shapes.getConstantContents(value) : std::nullopt;
}

std::optional<SmallVector<double>> NodeImport::constantFloats(size_t index) {
  mlir::Value value = operand(index);
  auto constant = value ? value.getDefiningOp<nn::ConstantOp>() : nullptr;
  return constant ? nn::readFloats(constant.getValue()) : std::nullopt;
}

int64_t NodeImport::intAttr(StringRef name, int64_t fallback) const {
  return node.intAttr({name.data(), name.size()}).value_or(fallback);
}

double NodeImport::floatAttr(StringRef name, double fallback) const {
  return node.floatAttr({name.data(), name.size()}).value_or(fallback);
}

std::string NodeImport::stringAttr(StringRef name, StringRef fallback) const {
  return node.stringAttr({name.data(), name.size()}).value_or(fallback.str());
}

SmallVector<int64_t> NodeImport::intsAttr(StringRef name) const {
  return llvm::to_vector(node.intsAttr({name.data(), name.size()}));
}

static std::string operatorOf(const Node &node) {
  return (node.domain.empty() ? "" : node.domain + ":") + node.opType;
}

LogicalResult NodeImport::unsupported(const Twine &what) {
  return withId(emitError(b.getLoc()), E2001)
         << "node '" << node.name << "' (" << operatorOf(node) << "): " << what;
}

LogicalResult NodeImport::invalid(const Twine &what) {
  return withId(emitError(b.getLoc()), E2002)
         << "node '" << node.name << "' (" << operatorOf(node) << "): " << what;
}

ValueRange NodeImport::loopIterations() const { return importer.iterations; }
void NodeImport::enterIteration(Value number) { importer.iterations.push_back(number); }
void NodeImport::leaveIteration() { importer.iterations.pop_back(); }

LogicalResult NodeImport::requireRank(size_t index, int64_t least, int64_t most) {
  Value value = operand(index);
  int64_t rank = value ? nn::NNBuilder::rankOf(value) : least;
  if (rank >= least && rank <= most)
    return success();
  return invalid("operand " + Twine(index) + " has rank " + Twine(rank) + ", needed is " +
                 Twine(least) + (least == most ? Twine() : " to " + Twine(most)));
}

const Graph *NodeImport::subgraph(StringRef attribute) const {
  const Attribute *found = node.find({attribute.data(), attribute.size()});
  return found ? found->graph.get() : nullptr;
}

FailureOr<SmallVector<Value>> NodeImport::importSubgraph(StringRef attribute,
                                                         ValueRange arguments) {
  const Graph *graph = subgraph(attribute);
  if (!graph)
    return invalid("it has no subgraph '" + attribute + "'");
  if (graph->inputs.size() != arguments.size())
    return invalid("its subgraph '" + attribute + "' has " + Twine(graph->inputs.size()) +
                   " inputs, needed are " + Twine(arguments.size()));
  for (auto [id, argument] : llvm::zip(graph->inputs, arguments))
    importer.values[id] = argument;
  LogicalResult imported = importer.importGraph(*graph);
  b.setLoc(importer.locOf(node));
  if (failed(imported))
    return failure();
  SmallVector<Value> results;
  for (ValueId id : graph->outputs) {
    results.push_back(importer.values.lookup(id));
    if (importer.isRefused(id))
      return failure(); // told already
    if (importer.sequences.contains(id))
      return unsupported("output '" + importer.model.value(id).name + "' of its subgraph '" +
                         attribute + "' is a sequence; only tensors can be handed on");
    if (!results.back())
      return invalid("output '" + importer.model.value(id).name + "' of its subgraph '" +
                     attribute + "' is computed by no node");
  }
  return results;
}

FailureOr<SmallVector<Value>> NodeImport::trySubgraph(StringRef attribute,
                                                      SmallVectorImpl<Diagnostic> &errors) {
  FailureOr<SmallVector<Value>> results = failure();
  bool isImported = importer.attempt(errors, [&] {
    results = importSubgraph(attribute, {});
    return succeeded(results);
  });
  return isImported ? results : FailureOr<SmallVector<Value>>(failure());
}

bool NodeImport::branchesInside() const { return importer.rest && importer.isUnlikeInside; }

FailureOr<bool> NodeImport::branchModel(Value condition, MutableArrayRef<OpenBranch> branches,
                                        std::string &why) {
  return BranchedModel(importer, node, condition).run(branches, why);
}

FailureOr<Value> NodeImport::importAs(StringRef op, ArrayRef<Value> operands,
                                      std::vector<Attribute> attributes) {
  Node inner;
  inner.opType = op.str();
  inner.name = node.name;
  inner.origin = node.origin;
  inner.attributes = std::move(attributes);
  inner.outputs = {node.output(0)};
  for (Value operand : operands) {
    // Ids that no value of the model has.
    auto id = static_cast<ValueId>(noValue - 1 - static_cast<ValueId>(inner.inputs.size()));
    inner.inputs.push_back(operand ? id : noValue);
    if (operand)
      importer.values[id] = operand;
  }
  NodeImport import(importer, inner, b);
  LogicalResult built = HandlerRegistry::get().find("", op)(import);
  Value result = importer.values.lookup(node.output(0));
  for (ValueId id : inner.inputs)
    importer.values.erase(id);
  importer.values.erase(node.output(0));
  if (failed(built))
    return failure();
  return result;
}

FailureOr<Value> NodeImport::tensorAttr(StringRef name) {
  const Attribute *found = node.find({name.data(), name.size()});
  if (!found || found->tensors.empty())
    return invalid("it has no tensor attribute '" + name + "'");
  FailureOr<ElementsAttr> value = convertTensor(found->tensors.front(), b.getLoc());
  if (failed(value))
    return failure();
  return b.constant(*value);
}
