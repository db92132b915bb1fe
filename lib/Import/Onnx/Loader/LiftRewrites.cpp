//===- LiftRewrites.cpp - old ops that need other nodes around them -----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rewrites put Squeeze or Unsqueeze nodes (with the axes attribute of their time)
// next to a node and let the converter lift those.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/LiftRewrites.h"

#include "lib/Import/Onnx/Loader/ModelRules.h"
#include "lib/Import/Onnx/Loader/Names.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/Types.h"

namespace optc::onnximport {

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

namespace {

class Rewriter {
public:
  Rewriter(int64_t opset, Names &names) : opset_(opset), names_(names) {}

  void rewrite(onnx::GraphProto &graph, const TypeScope *outer) {
    TypeScope types(graph, outer);
    NodeList nodes;
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      forEachSubgraph(node, [&](onnx::GraphProto &inner) { rewrite(inner, &types); });
      if (node.op_type() == "PRelu" && opset_ < 7)
        fixSlope(node, types, nodes);
      else if (findAttribute(node, "broadcast") && opset_ < 7)
        placeByAxis(node, types, nodes);
      else if (node.op_type() == "Scan" && opset_ == 8)
        dropBatch(node, types, nodes);
      else
        *nodes.Add() = std::move(node);
    }
    graph.mutable_node()->Swap(&nodes);
  }

private:
  /// The shape of a value, or null.
  static const onnx::TensorShapeProto *shapeOf(const TypeScope &types, const std::string &value) {
    const onnx::TypeProto *type = types.find(value);
    return type && type->tensor_type().has_shape() ? &type->tensor_type().shape() : nullptr;
  }

  void addAxesNode(const char *op, const std::string &input, const std::string &output,
                   const std::vector<int64_t> &axes, const std::string &parent, NodeList &nodes) {
    onnx::NodeProto &node = *nodes.Add();
    node.set_op_type(op);
    node.add_input(input);
    node.add_output(output);
    onnx::AttributeProto &attribute = *node.add_attribute();
    attribute.set_name("axes");
    attribute.set_type(onnx::AttributeProto::INTS);
    attribute.mutable_ints()->Add(axes.begin(), axes.end());
    names_.nameDerived(node, parent);
  }

  void fixSlope(onnx::NodeProto &node, const TypeScope &types, NodeList &nodes) {
    const onnx::TensorShapeProto *data = shapeOf(types, node.input(0));
    const onnx::TensorShapeProto *slope = shapeOf(types, node.input(1));
    if (data && slope && data->dim_size() > 2 && slope->dim_size() == 1) {
      std::vector<int64_t> axes;
      for (int axis = 1; axis < data->dim_size() - 1; ++axis)
        axes.push_back(axis);
      std::string wide = names_.freshValue(node.name() + "/slope");
      addAxesNode("Unsqueeze", node.input(1), wide, axes, node.name(), nodes);
      node.set_input(1, wide);
    }
    *nodes.Add() = std::move(node);
  }

  void placeByAxis(onnx::NodeProto &node, const TypeScope &types, NodeList &nodes) {
    const onnx::AttributeProto *attribute = findAttribute(node, "axis");
    if (attribute && node.input_size() == 2) {
      const onnx::TensorShapeProto *left = shapeOf(types, node.input(0));
      const onnx::TensorShapeProto *right = shapeOf(types, node.input(1));
      if (!left || !right)
        fail(E1042,
             describe(node) + " of opset 6 broadcasts along an axis, but its ranks are not known",
             node.name());
      int64_t axis = attribute->i() < 0 ? attribute->i() + left->dim_size() : attribute->i();
      std::vector<int64_t> axes;
      for (int64_t i = axis + right->dim_size(); i < left->dim_size(); ++i)
        axes.push_back(i - axis);
      if (!axes.empty()) {
        std::string wide = names_.freshValue(node.name() + "/operand");
        addAxesNode("Unsqueeze", node.input(1), wide, axes, node.name(), nodes);
        node.set_input(1, wide);
      }
    }
    google::protobuf::RepeatedPtrField<onnx::AttributeProto> kept;
    for (onnx::AttributeProto &one : *node.mutable_attribute())
      if (node.op_type() == "Gemm" || (one.name() != "axis" && one.name() != "broadcast"))
        *kept.Add() = std::move(one);
    node.mutable_attribute()->Swap(&kept);
    *nodes.Add() = std::move(node);
  }

  void dropBatch(onnx::NodeProto &node, const TypeScope &types, NodeList &nodes) {
    for (int i = 1; i < node.input_size(); ++i) {
      const onnx::TensorShapeProto *shape = shapeOf(types, node.input(i));
      if (!shape || shape->dim_size() == 0 || shape->dim(0).dim_value() != 1)
        fail(E1042, describe(node) + " of opset 8 has a batch that is not known to be one",
             node.name());
      std::string single = names_.freshValue(node.name() + "/operand");
      addAxesNode("Squeeze", node.input(i), single, {0}, node.name(), nodes);
      node.set_input(i, single);
    }
    std::vector<std::pair<std::string, std::string>> results;
    for (std::string &output : *node.mutable_output()) {
      if (output.empty())
        continue;
      std::string batched = output;
      output = names_.freshValue(node.name() + "/result");
      results.emplace_back(output, batched);
    }
    std::string parent = node.name();
    *nodes.Add() = std::move(node);
    for (const auto &[single, batched] : results)
      addAxesNode("Unsqueeze", single, batched, {0}, parent, nodes);
  }

  int64_t opset_;
  Names &names_;
};

} // namespace

void rewriteBeforeLifting(onnx::ModelProto &model, int64_t opset, Names &names) {
  if (opset <= 8)
    Rewriter(opset, names).rewrite(*model.mutable_graph(), nullptr);
}

} // namespace optc::onnximport
