//===- BodyInliner.cpp - replaces one call by the nodes of a function ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A body is a small program with its own names: operands and results get the call's
// names, everything else a fresh one, in subgraphs as well.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/BodyInliner.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"

namespace optc::onnximport {

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

void BodyInliner::inlineCall(const onnx::NodeProto &call, const onnx::FunctionProto &body,
                             const AttributeValues &defaults, NodeList &out) {
  caller_ = call.name();
  attributes_ = defaults;
  for (const onnx::AttributeProto &attribute : call.attribute())
    attributes_[attribute.name()] = attribute;
  scopes_.assign(1, {});
  for (int i = 0; i < body.input_size(); ++i)
    scopes_[0][body.input(i)] = i < call.input_size() ? call.input(i) : std::string();
  bindResults(call, body, out);
  for (const onnx::NodeProto &node : body.node()) {
    onnx::NodeProto &copy = *out.Add();
    copy = node;
    copy.clear_name();
    rewriteNode(copy);
  }
}

/// A result that the body computes gets the call's name; one that is an operand of the
/// function handed through becomes an Identity.
void BodyInliner::bindResults(const onnx::NodeProto &call, const onnx::FunctionProto &body,
                              NodeList &out) {
  for (int i = 0; i < body.output_size() && i < call.output_size(); ++i) {
    const std::string &formal = body.output(i);
    if (call.output(i).empty())
      continue;
    auto operand = scopes_[0].find(formal);
    if (operand == scopes_[0].end()) {
      scopes_[0][formal] = call.output(i);
      continue;
    }
    onnx::NodeProto &node = *out.Add();
    node.set_op_type("Identity");
    node.add_input(operand->second);
    node.add_output(call.output(i));
    names_.nameDerived(node, caller_);
  }
}

std::string BodyInliner::define(const std::string &name) {
  if (name.empty())
    return name;
  auto [entry, isNew] = scopes_.back().emplace(name, std::string());
  if (isNew)
    entry->second = names_.freshValue(names_.origin(caller_) + "/" + name);
  return entry->second;
}

std::string BodyInliner::lookUp(const std::string &name) const {
  for (size_t i = scopes_.size(); i-- > 0;) {
    auto found = scopes_[i].find(name);
    if (found != scopes_[i].end())
      return found->second;
  }
  return name;
}

void BodyInliner::rewriteNode(onnx::NodeProto &node) {
  for (std::string &input : *node.mutable_input())
    input = lookUp(input);
  while (node.input_size() && node.input(node.input_size() - 1).empty())
    node.mutable_input()->RemoveLast();
  for (std::string &output : *node.mutable_output())
    output = define(output);
  names_.nameDerived(node, node.name().empty() ? caller_ : node.name());
  rewriteAttributes(node);
}

void BodyInliner::rewriteAttributes(onnx::NodeProto &node) {
  google::protobuf::RepeatedPtrField<onnx::AttributeProto> kept;
  for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
    if (attribute.ref_attr_name().empty()) {
      rewriteSubgraphs(attribute);
      *kept.Add() = std::move(attribute);
      continue;
    }
    auto value = attributes_.find(attribute.ref_attr_name());
    if (value == attributes_.end())
      continue;
    onnx::AttributeProto &copy = *kept.Add();
    copy = value->second;
    copy.set_name(attribute.name());
    // A graph given by the call sees the caller's names, not those of the body.
    std::vector<Scope> bodyScopes(1);
    bodyScopes.swap(scopes_);
    rewriteSubgraphs(copy);
    bodyScopes.swap(scopes_);
  }
  node.mutable_attribute()->Swap(&kept);
}

void BodyInliner::rewriteSubgraphs(onnx::AttributeProto &attribute) {
  if (attribute.has_g())
    rewriteGraph(*attribute.mutable_g());
  for (onnx::GraphProto &graph : *attribute.mutable_graphs())
    rewriteGraph(graph);
}

void BodyInliner::rewriteGraph(onnx::GraphProto &graph) {
  scopes_.emplace_back();
  for (onnx::ValueInfoProto &input : *graph.mutable_input())
    input.set_name(define(input.name()));
  for (onnx::TensorProto &tensor : *graph.mutable_initializer())
    tensor.set_name(define(tensor.name()));
  for (onnx::SparseTensorProto &tensor : *graph.mutable_sparse_initializer())
    tensor.mutable_values()->set_name(define(tensor.values().name()));
  for (onnx::NodeProto &node : *graph.mutable_node())
    rewriteNode(node);
  for (onnx::ValueInfoProto &output : *graph.mutable_output())
    output.set_name(lookUp(output.name()));
  graph.clear_value_info();
  scopes_.pop_back();
}

} // namespace optc::onnximport
