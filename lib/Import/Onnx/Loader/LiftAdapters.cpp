//===- LiftAdapters.cpp - what ONNX's version converter lacks or has wrong ===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The adapters follow the change logs of the ops in ONNX's defs/*/old.cc.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/LiftAdapters.h"

#include "lib/Import/Onnx/Loader/Failure.h"

#include <cstring>
#include <limits>

namespace optc::onnximport {

using onnx::Node;
using onnx::OpSetID;
using onnx::Symbol;
using onnx::Tensor;
using onnx::Value;
using GraphPointer = std::shared_ptr<onnx::Graph>;

namespace {

/// Cast before opset 6 names its type in words.
Node *castTypeToNumber(const GraphPointer &, Node *node) {
  Symbol to("to");
  if (!node->hasAttribute(to) || node->kindOf(to) != onnx::AttributeKind::s)
    return node;
  onnx::TensorProto::DataType type;
  if (!onnx::TensorProto::DataType_Parse(node->s(to), &type))
    fail(E1041, "Cast node " + quote(node->name()) + " has the unknown type " + quote(node->s(to)),
         node->name());
  node->removeAttribute(to);
  node->i_(to, type);
  return node;
}

/// The order of the norm was a float in opset 1.
Node *orderToInteger(const GraphPointer &, Node *node) {
  Symbol order("p");
  if (!node->hasAttribute(order) || node->kindOf(order) != onnx::AttributeKind::f)
    return node;
  double value = node->f(order);
  if (!(value >= 1 && value <= 64) || value != static_cast<int64_t>(value))
    fail(E1042, "node " + quote(node->name()) + " has a norm whose order is not a small integer",
         node->name());
  node->removeAttribute(order);
  node->i_(order, static_cast<int64_t>(value));
  return node;
}

Node *dropOutputSequence(const GraphPointer &, Node *node) {
  Symbol outputSequence("output_sequence");
  if (node->hasAttribute(outputSequence))
    node->removeAttribute(outputSequence);
  return node;
}

Node *renamePaddings(const GraphPointer &, Node *node) {
  Symbol before("paddings"), after("pads");
  if (!node->hasAttribute(before))
    return node;
  std::vector<int64_t> pads = node->is(before);
  node->removeAttribute(before);
  node->is_(after, std::move(pads));
  return node;
}

Node *splitByAttribute(const GraphPointer &, Node *node) {
  if (node->inputs().size() > 1)
    fail(E1042, "Split node " + quote(node->name()) + " of opset 1 takes its sizes as an input",
         node->name());
  return node;
}

/// The elements of a constant float operand; empty if it is not one.
std::vector<float> constantFloats(const onnx::Graph &graph, const onnx::Value *value) {
  const Tensor *tensor = nullptr;
  auto initializer = graph.getInitializer(value->uniqueName());
  if (initializer != graph.initializers().end())
    tensor = &*initializer;
  else if (value->node()->kind() == onnx::kConstant && value->node()->hasAttribute(onnx::kvalue))
    tensor = &value->node()->t(onnx::kvalue);
  if (!tensor || tensor->elem_type() != onnx::TensorProto::FLOAT)
    return {};
  if (!tensor->is_raw_data())
    return tensor->floats();
  std::vector<float> values(tensor->raw().size() / sizeof(float));
  std::memcpy(values.data(), tensor->raw().data(), values.size() * sizeof(float));
  return values;
}

/// Scales with what is below 1 (`keepsBelow`) or above 1 replaced by 1, as a new value before
/// `node`.
Value *clampedScales(const GraphPointer &graph, Node *node, bool keepsBelow) {
  Value *scales = node->inputs()[1];
  Node *one = graph->create(onnx::kConstant);
  Tensor tensor;
  tensor.elem_type() = onnx::TensorProto::FLOAT;
  tensor.floats().push_back(1);
  one->t_(onnx::kvalue, tensor);
  one->insertBefore(node);
  Node *clamped = graph->create(Symbol(keepsBelow ? "Min" : "Max"));
  clamped->addInput(scales);
  clamped->addInput(one->output());
  clamped->insertBefore(node);
  clamped->output()->setElemType(onnx::TensorProto::FLOAT);
  clamped->output()->setSizes(scales->sizes());
  return clamped->output();
}

void makeAsymmetric(const GraphPointer &graph, Node *node, const char *nearestMode) {
  onnx::version_conversion::Resize_10_11().adapt(graph, node);
  node->s_(Symbol("coordinate_transformation_mode"), "asymmetric");
  node->s_(Symbol("nearest_mode"), nearestMode);
}

/// Until opset 10 a sample was read at output position / scale, rounded down when an axis
/// grows and up when it shrinks (so the backend tests of that time, and ONNX Runtime). Where both
/// may happen there is a node for either: axes do not depend on each other.
Node *resizeAsymmetric(const GraphPointer &graph, Node *node) {
  std::vector<float> scales = constantFloats(*graph, node->inputs()[1]);
  bool shrinks = scales.empty(), grows = scales.empty();
  for (float scale : scales) {
    shrinks |= scale < 1;
    grows |= scale > 1;
  }
  bool isNearest = !node->hasAttribute(onnx::kmode) || node->s(onnx::kmode) == "nearest";
  if (isNearest && shrinks && grows) {
    Node *first = graph->create(node->kind());
    first->copyAttributes(*node);
    first->addInput(node->inputs()[0]);
    first->addInput(clampedScales(graph, node, /*keepsBelow=*/false));
    Value *rest = clampedScales(graph, node, /*keepsBelow=*/true);
    first->insertBefore(node);
    first->output()->setElemType(node->inputs()[0]->elemType());
    node->replaceInput(0, first->output());
    node->replaceInput(1, rest);
    makeAsymmetric(graph, first, "floor");
  }
  makeAsymmetric(graph, node, shrinks ? "ceil" : "floor");
  return node;
}

/// A constant as further input of the node, of the type of the node's first input: ONNX's
/// own adapters always make a float.
void addInput(const GraphPointer &graph, Node *node, double value) {
  auto type = static_cast<onnx::TensorProto::DataType>(node->inputs()[0]->elemType());
  if (type == onnx::TensorProto::UNDEFINED)
    type = onnx::TensorProto::FLOAT;
  Node *constant = graph->create(onnx::kConstant);
  constant->insertBefore(node);
  Tensor tensor;
  tensor.elem_type() = onnx::TensorProto::FLOAT;
  tensor.floats().push_back(static_cast<float>(value));
  constant->t_(onnx::kvalue, tensor);
  if (type != onnx::TensorProto::FLOAT) {
    Node *cast = graph->create(Symbol("Cast"));
    cast->addInput(constant->output());
    cast->i_(Symbol("to"), type);
    cast->insertBefore(node);
    constant = cast;
  }
  node->addInput(constant->output());
}

/// Limits become inputs. A missing one stays missing, so that no infinity is made finite.
Node *clipLimitsToInputs(const GraphPointer &graph, Node *node) {
  Symbol low("min"), high("max");
  bool hasLow = node->hasAttribute(low), hasHigh = node->hasAttribute(high);
  // As float attributes hold them, the extreme values mean "no limit".
  constexpr double extreme = std::numeric_limits<float>::max();
  hasLow = hasLow && node->f(low) > -extreme;
  hasHigh = hasHigh && node->f(high) < extreme;
  if (hasLow) {
    addInput(graph, node, node->f(low));
  } else if (hasHigh) {
    Node *missing = graph->create(onnx::kUndefined);
    missing->insertBefore(node);
    missing->output()->setUniqueName("");
    node->addInput(missing->output());
  }
  if (hasHigh)
    addInput(graph, node, node->f(high));
  for (Symbol limit : {low, high})
    if (node->hasAttribute(limit))
      node->removeAttribute(limit);
  return node;
}

Node *padsToInputs(const GraphPointer &graph, Node *node) {
  Symbol pads("pads"), value("value"), mode("mode");
  Tensor tensor;
  tensor.elem_type() = onnx::TensorProto::INT64;
  tensor.int64s() = node->is(pads);
  tensor.sizes() = {static_cast<int64_t>(tensor.int64s().size())};
  Node *constant = graph->create(onnx::kConstant);
  constant->insertBefore(node);
  constant->t_(onnx::kvalue, tensor);
  node->addInput(constant->output());
  node->removeAttribute(pads);
  if (node->hasAttribute(value)) {
    if (!node->hasAttribute(mode) || node->s(mode) == "constant")
      addInput(graph, node, node->f(value));
    node->removeAttribute(value);
  }
  return node;
}

/// Before opset 14 more outputs than one mean training. The last two of five are caches of a
/// gradient, which newer definitions have not.
Node *trainIfSeveralOutputs(const GraphPointer &, Node *node) {
  if (node->outputs().size() > 1)
    node->i_(Symbol("training_mode"), 1);
  while (node->outputs().size() > 3) {
    if (!node->outputs().back()->uses().empty())
      fail(E1042,
           "BatchNormalization node " + quote(node->name()) +
               " has a saved mean or variance that is used; export the model without them",
           node->name());
    node->eraseOutput(node->outputs().size() - 1);
  }
  return node;
}

} // namespace

void registerAdapters(onnx::version_conversion::DefaultVersionConverter &converter) {
  using namespace onnx::version_conversion;
  // Their broadcasting has been rewritten before (LiftRewrites.h).
  for (const char *op :
       {"Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less"})
    converter.registerAdapter(std::make_unique<CompatibleAdapter>(op, OpSetID(6), OpSetID(7)));
  for (const char *op : {"GRU", "LSTM", "RNN"})
    converter.registerAdapter(op, 6, 7, dropOutputSequence);
  converter.registerAdapter(std::make_unique<CompatibleAdapter>("GRU", OpSetID(2), OpSetID(3)));
  converter.registerAdapter("Cast", 5, 6, castTypeToNumber);
  converter.registerAdapter("LpPool", 1, 2, orderToInteger);
  converter.registerAdapter("GlobalLpPool", 1, 2, orderToInteger);
  converter.registerAdapter("Pad", 1, 2, renamePaddings);
  converter.registerAdapter("Split", 1, 2, splitByAttribute);
  converter.registerAdapter("Resize", 10, 11, resizeAsymmetric);
  converter.registerAdapter("Clip", 10, 11, clipLimitsToInputs);
  converter.registerAdapter("Pad", 10, 11, padsToInputs);
  converter.registerAdapter(std::make_unique<Softmax_12_13>("Hardmax"));
  converter.registerAdapter("BatchNormalization", 13, 14, trainIfSeveralOutputs);
}

} // namespace optc::onnximport
