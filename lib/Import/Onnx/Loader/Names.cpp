//===- Names.cpp - unique names for values and nodes --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers grow per base name, so that naming many nodes alike stays linear.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/Names.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"

namespace optc::onnximport {

/// Names made from a name of the file take over at most so many of its bytes.
static constexpr size_t maxTakenBytes = 256;

Names::Names(onnx::GraphProto &root) {
  forEachGraph(root, [&](onnx::GraphProto &graph) {
    for (const onnx::ValueInfoProto &input : graph.input())
      values_.insert(input.name());
    for (const onnx::TensorProto &tensor : graph.initializer())
      values_.insert(tensor.name());
    for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
      values_.insert(tensor.values().name());
    for (const onnx::NodeProto &node : graph.node())
      values_.insert(node.output().begin(), node.output().end());
  });
  forEachGraph(root, [&](onnx::GraphProto &graph) {
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      std::string base = node.name();
      if (base.empty())
        base = node.op_type() + "_" + (node.output_size() ? node.output(0) : std::string());
      node.set_name(unique(nodes_, base));
    }
  });
}

std::string Names::unique(std::unordered_set<std::string> &used, const std::string &base) {
  if (!base.empty() && used.insert(base).second)
    return base;
  size_t &number = nextNumber_[base];
  std::string name;
  do
    name = base + "_" + std::to_string(++number);
  while (!used.insert(name).second);
  return name;
}

std::string Names::freshValue(const std::string &base) {
  return unique(values_, base.substr(0, maxTakenBytes));
}

void Names::nameDerived(onnx::NodeProto &node, const std::string &parent) {
  std::string root = origin(parent);
  std::string base = root.substr(0, maxTakenBytes) + "/" + node.op_type();
  std::string name = unique(nodes_, base + "_" + std::to_string(nextNumber_[base]++));
  origins_[name] = std::move(root);
  node.set_name(name);
}

const std::string &Names::origin(const std::string &node) const {
  auto found = origins_.find(node);
  return found == origins_.end() ? node : found->second;
}

void Names::nameUnnamed(onnx::GraphProto &root) {
  forEachGraph(root, [&](onnx::GraphProto &graph) {
    std::string parent = graph.name();
    for (int i = graph.node_size(); i-- > 0;) {
      onnx::NodeProto &node = *graph.mutable_node(i);
      if (node.name().empty())
        nameDerived(node, parent);
      else
        parent = node.name();
    }
  });
}

} // namespace optc::onnximport
