//===- LocalFunctions.cpp - expands the functions a model brings along --===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counting is memoized per function, so it is linear in the file; expansion is linear
// in the count.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/LocalFunctions.h"

#include "lib/Import/Onnx/Loader/BodyInliner.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"

#include "onnx/checker.h"
#include "onnx/common/proto_util.h"

#include <set>

namespace optc::onnximport {

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

/// Bound of the protobuf bytes of an expanded model (weights are not in there).
static constexpr size_t maxExpandedBytes = size_t(1) << 30;

namespace {

using FunctionMap = std::map<std::string, const onnx::FunctionProto *>;

FunctionMap mapFunctions(const onnx::ModelProto &model) {
  FunctionMap functions;
  for (const onnx::FunctionProto &function : model.functions())
    functions[onnx::GetFunctionImplId(function)] = &function;
  return functions;
}

struct Size {
  size_t nodes = 0;
  size_t bytes = 0;
};

class Counter {
public:
  Counter(FunctionMap functions, size_t maxNodes)
      : functions_(std::move(functions)), maxNodes_(maxNodes) {}

  void addNode(onnx::NodeProto &node, Size &total) {
    auto callee = functions_.find(onnx::GetCalleeId(node));
    Size size{1, node.ByteSizeLong()};
    if (callee != functions_.end())
      size = functionSize(*callee->second);
    total.nodes += size.nodes;
    total.bytes += size.bytes;
    if (total.nodes > maxNodes_ || total.bytes > maxExpandedBytes)
      fail(E1031,
           "the functions of the model expand to more than " + std::to_string(maxNodes_) +
               " nodes or 1 GB",
           node.name());
    forEachSubgraph(node, [&](onnx::GraphProto &graph) {
      for (onnx::NodeProto &inner : *graph.mutable_node())
        addNode(inner, total);
    });
  }

private:
  Size functionSize(const onnx::FunctionProto &function) {
    auto known = sizes_.find(&function);
    if (known != sizes_.end())
      return known->second;
    Size size;
    for (const onnx::NodeProto &node : function.node())
      addNode(const_cast<onnx::NodeProto &>(node), size);
    return sizes_[&function] = size;
  }

  FunctionMap functions_;
  size_t maxNodes_;
  std::map<const onnx::FunctionProto *, Size> sizes_;
};

class Expander {
public:
  Expander(FunctionMap functions, Names &names) : functions_(std::move(functions)), names_(names) {}

  void expand(NodeList &nodes) {
    NodeList result;
    for (onnx::NodeProto &node : nodes) {
      forEachSubgraph(node, [&](onnx::GraphProto &graph) { expand(*graph.mutable_node()); });
      auto callee = functions_.find(onnx::GetCalleeId(node));
      if (callee == functions_.end()) {
        *result.Add() = std::move(node);
        continue;
      }
      NodeList body = inlined(node, *callee->second);
      expand(body);
      for (onnx::NodeProto &inner : body)
        *result.Add() = std::move(inner);
    }
    nodes.Swap(&result);
  }

private:
  NodeList inlined(const onnx::NodeProto &call, const onnx::FunctionProto &function) {
    if (call.input_size() > function.input_size() || call.output_size() > function.output_size())
      fail(E1032, describe(call) + " has more inputs or outputs than the function it calls",
           call.name());
    AttributeValues defaults;
    for (const onnx::AttributeProto &attribute : function.attribute_proto())
      defaults[attribute.name()] = attribute;
    NodeList body;
    BodyInliner(names_).inlineCall(call, function, defaults, body);
    return body;
  }

  FunctionMap functions_;
  Names &names_;
};

} // namespace

void checkFunctionSizes(onnx::ModelProto &model, size_t maxNodes) {
  onnx::checker::check_function_call_cycles(model);
  Counter counter(mapFunctions(model), maxNodes);
  Size total;
  for (onnx::NodeProto &node : *model.mutable_graph()->mutable_node())
    counter.addNode(node, total);
}

void expandLocalFunctions(onnx::ModelProto &model, Names &names) {
  if (model.functions_size() == 0)
    return;
  Expander(mapFunctions(model), names).expand(*model.mutable_graph()->mutable_node());
  std::set<std::string> known;
  for (const onnx::OperatorSetIdProto &import : model.opset_import())
    known.insert(import.domain());
  for (const onnx::FunctionProto &function : model.functions())
    for (const onnx::OperatorSetIdProto &import : function.opset_import())
      if (known.insert(import.domain()).second)
        *model.add_opset_import() = import;
  model.clear_functions();
}

} // namespace optc::onnximport
