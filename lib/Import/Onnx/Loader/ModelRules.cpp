//===- ModelRules.cpp - rules of ONNX that its checker does not check ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What concerns the model as a whole: opsets, names, graph inputs and outputs.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/ModelRules.h"

#include "lib/Import/Onnx/Loader/Lift.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/TensorData.h"

#include "onnx/defs/schema.h"

#include <set>

namespace optc::onnximport {

namespace {

constexpr size_t maxNameBytes = 1 << 16;

int64_t newestOf(const std::string &domain) {
  const auto &known = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  auto range = known.find(domain);
  return range == known.end() ? INT32_MAX : range->second.second;
}

void checkOpsets(const onnx::ModelProto &model) {
  std::set<std::string> seen;
  for (const onnx::OperatorSetIdProto &import : model.opset_import()) {
    std::string shown = import.domain().empty() ? "ai.onnx" : quote(import.domain());
    if (!seen.insert(import.domain()).second)
      fail(E1004, "the model imports the operator set " + shown + " twice, in different versions");
    if (!isKnownVersion(import))
      fail(E1003, "the model uses opset " + std::to_string(import.version()) + " of " + shown +
                      ", the newest known one is " + std::to_string(newestOf(import.domain())));
  }
}

void checkName(const std::string &name) {
  if (name.find('\0') != std::string::npos || name.size() > maxNameBytes || !isUtf8(name))
    fail(E1006, "the name " + quote(name) + " has a null byte, is not UTF-8 or has more than " +
                    std::to_string(maxNameBytes) + " bytes");
}

void checkNames(onnx::GraphProto &root) {
  forEachGraph(root, [](onnx::GraphProto &graph) {
    checkName(graph.name());
    for (const onnx::ValueInfoProto &input : graph.input())
      checkName(input.name());
    for (const onnx::TensorProto &tensor : graph.initializer())
      checkName(tensor.name());
    for (const onnx::NodeProto &node : graph.node()) {
      checkName(node.name());
      checkName(node.op_type());
      checkName(node.domain());
      for (const std::string &output : node.output())
        checkName(output);
      for (const onnx::AttributeProto &attribute : node.attribute())
        checkName(attribute.name());
    }
  });
}

/// Sizes an input claims. A size of -1 is how some exporters write "unknown".
void checkInputShape(onnx::ValueInfoProto &input) {
  std::string where = "graph input " + quote(input.name());
  bool hasRank = !input.type().has_tensor_type() || input.type().tensor_type().has_shape();
  if (input.type().value_case() == onnx::TypeProto::VALUE_NOT_SET || !hasRank)
    fail(E1015, where + " has no type or no rank");
  if (!input.type().has_tensor_type())
    return;
  std::vector<int64_t> known;
  for (auto &dim : *input.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim()) {
    if (dim.has_dim_value() && dim.dim_value() == -1)
      dim.clear_dim_value();
    checkName(dim.dim_param());
    known.push_back(dim.has_dim_value() ? dim.dim_value() : 1);
  }
  auto type = static_cast<ElemType>(input.type().tensor_type().elem_type());
  if (elemName(type).empty() || type == ElemType::Undefined)
    fail(E1012, where + " has the unknown element type " +
                    std::to_string(input.type().tensor_type().elem_type()));
  denseBytes(type, checkedElements(known, where), where);
}

} // namespace

bool isKnownVersion(const onnx::OperatorSetIdProto &import) {
  return import.version() >= 1 && import.version() <= newestOf(import.domain());
}

void checkModelRules(onnx::ModelProto &model) {
  checkOpsets(model);
  onnx::GraphProto &graph = *model.mutable_graph();
  checkNames(graph);
  for (const onnx::FunctionProto &function : model.functions()) {
    checkName(function.name());
    checkName(function.domain());
  }
  for (onnx::ValueInfoProto &input : *graph.mutable_input())
    checkInputShape(input);
  if (graph.output_size() == 0)
    fail(E1005, "the model has no outputs");
}

} // namespace optc::onnximport
