//===- Deprecated.cpp - ops that ONNX took back -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GroupNormalization of opset 18 has one scale and one shift per group. It was replaced by one
// per channel in opset 21, and ONNX's checker refuses it since, but it was exported for years:
//
//   y = GroupNormalization(x, scale, bias)
//     ->
//   groups = Reshape(x, [0, num_groups, -1])
//   y = Reshape(InstanceNormalization(groups, scale, bias), Shape(x))
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/ModelRules.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/Repair.h"

#include <unordered_set>

namespace optc::onnximport {

namespace {

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

constexpr int64_t firstOpset = 18, lastOpset = 20;

template <typename Imports> bool isAffected(const Imports &imports) {
  for (const onnx::OperatorSetIdProto &import : imports)
    if (import.domain().empty())
      return import.version() >= firstOpset && import.version() <= lastOpset;
  return false;
}

class Replacement {
public:
  /// `used`: the names of all values, which grow by those made here.
  Replacement(const onnx::NodeProto &node, std::unordered_set<std::string> &used, NodeList &nodes)
      : node_(node), used_(used), nodes_(nodes) {}

  void make() {
    const onnx::AttributeProto *groups = findAttribute(node_, "num_groups");
    std::string x = node_.input(0), wanted = fresh("groups"), shape = fresh("shape");
    onnx::AttributeProto &sizes = addAttribute(add("Constant", {}, wanted), "value_ints");
    sizes.set_type(onnx::AttributeProto::INTS);
    for (int64_t size : {int64_t(0), groups->i(), int64_t(-1)})
      sizes.add_ints(size);
    std::string grouped = fresh("grouped"), normalized = fresh("normalized");
    add("Reshape", {x, wanted}, grouped);
    onnx::NodeProto &norm =
        add("InstanceNormalization", {grouped, node_.input(1), node_.input(2)}, normalized);
    norm.set_name(node_.name());
    if (const onnx::AttributeProto *epsilon = findAttribute(node_, "epsilon"))
      *norm.add_attribute() = *epsilon;
    add("Shape", {x}, shape);
    onnx::AttributeProto &zero =
        addAttribute(add("Reshape", {normalized, shape}, node_.output(0)), "allowzero");
    zero.set_type(onnx::AttributeProto::INT);
    zero.set_i(1);
  }

private:
  std::string fresh(const char *what) {
    std::string base = node_.output(0) + "/" + what, name = base;
    for (size_t number = 1; !used_.insert(name).second; ++number)
      name = base + "_" + std::to_string(number);
    return name;
  }

  onnx::NodeProto &add(const char *op, const std::vector<std::string> &inputs,
                       const std::string &output) {
    onnx::NodeProto &node = *nodes_.Add();
    node.set_op_type(op);
    node.mutable_input()->Assign(inputs.begin(), inputs.end());
    node.add_output(output);
    if (!node_.name().empty())
      node.set_name(node_.name() + "/" + op);
    return node;
  }

  static onnx::AttributeProto &addAttribute(onnx::NodeProto &node, const char *name) {
    onnx::AttributeProto &attribute = *node.add_attribute();
    attribute.set_name(name);
    return attribute;
  }

  const onnx::NodeProto &node_;
  std::unordered_set<std::string> &used_;
  NodeList &nodes_;
};

/// Nodes of another form are left to the checker.
bool isGroupNormalization(const onnx::NodeProto &node) {
  const onnx::AttributeProto *groups = findAttribute(node, "num_groups");
  return node.op_type() == "GroupNormalization" && node.domain().empty() &&
         node.input_size() == 3 && node.output_size() == 1 && groups &&
         groups->ref_attr_name().empty();
}

void replaceIn(NodeList &nodes, std::unordered_set<std::string> &used) {
  NodeList result;
  for (onnx::NodeProto &node : nodes) {
    if (isGroupNormalization(node))
      Replacement(node, used, result).make();
    else
      *result.Add() = std::move(node);
  }
  nodes.Swap(&result);
}

} // namespace

void replaceDeprecated(onnx::ModelProto &model) {
  bool isUsed = false;
  forEachNodeList(model, [&](NodeList &nodes) {
    for (const onnx::NodeProto &node : nodes)
      isUsed |= isGroupNormalization(node);
  });
  if (!isUsed)
    return;
  std::unordered_set<std::string> used;
  forEachNodeList(model, [&](NodeList &nodes) {
    for (const onnx::NodeProto &node : nodes) {
      used.insert(node.input().begin(), node.input().end());
      used.insert(node.output().begin(), node.output().end());
    }
  });
  auto replaceAll = [&](onnx::GraphProto &graph) { replaceIn(*graph.mutable_node(), used); };
  if (isAffected(model.opset_import()))
    forEachGraph(*model.mutable_graph(), replaceAll);
  for (onnx::FunctionProto &function : *model.mutable_functions()) {
    if (!isAffected(function.opset_import()))
      continue;
    replaceIn(*function.mutable_node(), used);
    for (onnx::NodeProto &node : *function.mutable_node())
      forEachSubgraph(node, [&](onnx::GraphProto &graph) { forEachGraph(graph, replaceAll); });
  }
}

} // namespace optc::onnximport
