//===- LegacyOps.cpp - what ONNX's version converter lacks --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The adapters follow the change logs of the ops in ONNX's defs/*/old.cc.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/LegacyOps.h"

#include "lib/Import/Onnx/Loader/Names.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"

#include <map>

namespace optc::onnximport {

using onnx::Node;
using onnx::OpSetID;
using onnx::Symbol;
using GraphPointer = std::shared_ptr<onnx::Graph>;

namespace {

/// Cast before opset 6 names its type in words.
Node *castTypeToNumber(GraphPointer, Node *node) {
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
Node *orderToInteger(GraphPointer, Node *node) {
  Symbol order("p");
  if (!node->hasAttribute(order) || node->kindOf(order) != onnx::AttributeKind::f)
    return node;
  auto value = static_cast<int64_t>(node->f(order));
  if (static_cast<double>(value) != node->f(order))
    fail(E1042, "node " + quote(node->name()) + " has a norm whose order is not an integer",
         node->name());
  node->removeAttribute(order);
  node->i_(order, value);
  return node;
}

Node *dropOutputSequence(GraphPointer, Node *node) {
  Symbol outputSequence("output_sequence");
  if (node->hasAttribute(outputSequence))
    node->removeAttribute(outputSequence);
  return node;
}

Node *renamePaddings(GraphPointer, Node *node) {
  Symbol before("paddings"), after("pads");
  if (!node->hasAttribute(before))
    return node;
  std::vector<int64_t> pads = node->is(before);
  node->removeAttribute(before);
  node->is_(after, std::move(pads));
  return node;
}

Node *splitByAttribute(GraphPointer, Node *node) {
  if (node->inputs().size() > 1)
    fail(E1042, "Split node " + quote(node->name()) + " of opset 1 takes its sizes as an input",
         node->name());
  return node;
}

/// Rank of every value that inference knows.
std::map<std::string, int> ranksOf(onnx::ModelProto &model) {
  std::map<std::string, int> ranks;
  auto add = [&](const onnx::ValueInfoProto &value) {
    if (value.type().tensor_type().has_shape())
      ranks[value.name()] = value.type().tensor_type().shape().dim_size();
  };
  forEachGraph(*model.mutable_graph(), [&](onnx::GraphProto &graph) {
    for (const onnx::ValueInfoProto &value : graph.input())
      add(value);
    for (const onnx::ValueInfoProto &value : graph.value_info())
      add(value);
    for (const onnx::TensorProto &tensor : graph.initializer())
      ranks[tensor.name()] = tensor.dims_size();
  });
  return ranks;
}

/// Puts an Unsqueeze before the PRelu that makes its slope [C, 1, ..., 1].
onnx::NodeProto unsqueezeSlope(onnx::NodeProto &prelu, int rank, Names &names) {
  onnx::NodeProto unsqueeze;
  unsqueeze.set_op_type("Unsqueeze");
  unsqueeze.add_input(prelu.input(1));
  unsqueeze.add_output(names.freshValue(prelu.name() + "/slope"));
  onnx::AttributeProto &axes = *unsqueeze.add_attribute();
  axes.set_name("axes");
  axes.set_type(onnx::AttributeProto::INTS);
  for (int axis = 1; axis < rank - 1; ++axis)
    axes.add_ints(axis);
  names.nameDerived(unsqueeze, prelu.name());
  prelu.set_input(1, unsqueeze.output(0));
  return unsqueeze;
}

} // namespace

void registerLegacyAdapters(onnx::version_conversion::DefaultVersionConverter &converter) {
  using onnx::version_conversion::BroadcastForwardCompatibility;
  using onnx::version_conversion::CompatibleAdapter;
  for (const char *op : {"And", "Or", "Xor", "Equal", "Greater", "Less"})
    converter.registerAdapter(
        std::make_unique<BroadcastForwardCompatibility>(op, OpSetID(6), OpSetID(7)));
  for (const char *op : {"GRU", "LSTM", "RNN"})
    converter.registerAdapter(op, 6, 7, dropOutputSequence);
  converter.registerAdapter(std::make_unique<CompatibleAdapter>("GRU", OpSetID(2), OpSetID(3)));
  converter.registerAdapter("Cast", 5, 6, castTypeToNumber);
  converter.registerAdapter("LpPool", 1, 2, orderToInteger);
  converter.registerAdapter("GlobalLpPool", 1, 2, orderToInteger);
  converter.registerAdapter("Pad", 1, 2, renamePaddings);
  converter.registerAdapter("Split", 1, 2, splitByAttribute);
}

void fixPReluSlopes(onnx::ModelProto &model, int64_t opset, Names &names) {
  if (opset >= 7)
    return;
  std::map<std::string, int> ranks = ranksOf(model);
  forEachGraph(*model.mutable_graph(), [&](onnx::GraphProto &graph) {
    google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      bool isPRelu = node.op_type() == "PRelu" && node.domain().empty() && node.input_size() == 2;
      int rank = isPRelu ? ranks[node.input(0)] : 0;
      if (isPRelu && rank > 2 && ranks[node.input(1)] == 1)
        *nodes.Add() = unsqueezeSlope(node, rank, names);
      *nodes.Add() = std::move(node);
    }
    graph.mutable_node()->Swap(&nodes);
  });
}

} // namespace optc::onnximport
