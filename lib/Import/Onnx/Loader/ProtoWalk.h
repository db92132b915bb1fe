//===- ProtoWalk.h - visits the parts of an ONNX model ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pre-order walks over graphs and tensors of the protobuf form, subgraphs and function
// bodies included.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_PROTOWALK_H
#define OPTC_IMPORT_ONNX_LOADER_PROTOWALK_H

#include "lib/Import/Onnx/Loader/Failure.h"

#include "onnx/onnx_pb.h"

#include <string>

namespace optc::onnximport {

/// Calls `visit(graph)` for every graph that an attribute of the node holds directly.
template <typename Node, typename Visitor> void forEachSubgraph(Node &node, Visitor &&visit) {
  for (int i = 0; i < node.attribute_size(); ++i) {
    auto *attribute = const_cast<onnx::AttributeProto *>(&node.attribute(i));
    if (attribute->has_g())
      visit(*attribute->mutable_g());
    for (onnx::GraphProto &graph : *attribute->mutable_graphs())
      visit(graph);
  }
}

/// Calls `visit(graph)` for the graph and all below it, outer ones first.
template <typename Visitor> void forEachGraph(onnx::GraphProto &graph, Visitor &&visit) {
  visit(graph);
  for (onnx::NodeProto &node : *graph.mutable_node())
    forEachSubgraph(node, [&](onnx::GraphProto &inner) { forEachGraph(inner, visit); });
}

/// Calls `visit(nodes)` for the node lists of all graphs and functions.
template <typename Visitor> void forEachNodeList(onnx::ModelProto &model, Visitor &&visit) {
  auto visitGraph = [&](onnx::GraphProto &graph) { visit(*graph.mutable_node()); };
  forEachGraph(*model.mutable_graph(), visitGraph);
  for (onnx::FunctionProto &function : *model.mutable_functions()) {
    visit(*function.mutable_node());
    for (onnx::NodeProto &node : *function.mutable_node())
      forEachSubgraph(node, [&](onnx::GraphProto &graph) { forEachGraph(graph, visitGraph); });
  }
}

/// How messages call a node that may have no name.
inline std::string describe(const onnx::NodeProto &node) {
  if (!node.name().empty())
    return node.op_type() + " node " + quote(node.name());
  std::string output = node.output_size() ? node.output(0) : std::string();
  return node.op_type() + " node that makes " + quote(output);
}

/// Calls `visit(tensor, where)` for the tensors of one node, not those of its subgraphs.
template <typename Visitor> void forEachNodeTensor(onnx::NodeProto &node, Visitor &&visit) {
  for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
    auto where = [&] { return "attribute '" + attribute.name() + "' of " + describe(node); };
    if (attribute.has_t())
      visit(*attribute.mutable_t(), where());
    for (onnx::TensorProto &tensor : *attribute.mutable_tensors())
      visit(tensor, where());
    auto visitSparse = [&](onnx::SparseTensorProto &sparse) {
      visit(*sparse.mutable_values(), where());
      if (sparse.has_indices())
        visit(*sparse.mutable_indices(), where());
    };
    if (attribute.has_sparse_tensor())
      visitSparse(*attribute.mutable_sparse_tensor());
    for (onnx::SparseTensorProto &sparse : *attribute.mutable_sparse_tensors())
      visitSparse(sparse);
  }
}

/// The same for a graph and all below it.
template <typename Visitor> void forEachTensor(onnx::GraphProto &root, Visitor &&visit) {
  forEachGraph(root, [&](onnx::GraphProto &graph) {
    for (onnx::TensorProto &tensor : *graph.mutable_initializer())
      visit(tensor, "initializer " + quote(tensor.name()));
    for (onnx::SparseTensorProto &sparse : *graph.mutable_sparse_initializer()) {
      std::string where = "sparse initializer " + quote(sparse.values().name());
      visit(*sparse.mutable_values(), where);
      if (sparse.has_indices())
        visit(*sparse.mutable_indices(), where);
    }
    for (onnx::NodeProto &node : *graph.mutable_node())
      forEachNodeTensor(node, visit);
  });
}

/// And for a whole model, the bodies of its functions included.
template <typename Visitor> void forEachTensor(onnx::ModelProto &model, Visitor &&visit) {
  forEachTensor(*model.mutable_graph(), visit);
  for (onnx::FunctionProto &function : *model.mutable_functions())
    for (onnx::NodeProto &node : *function.mutable_node()) {
      forEachNodeTensor(node, visit);
      forEachSubgraph(node, [&](onnx::GraphProto &graph) { forEachTensor(graph, visit); });
    }
}

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_PROTOWALK_H
