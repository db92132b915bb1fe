//===- Expand.cpp - ops that ONNX defines by a function body ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One round: infer the types of the whole model once, then replace every expandable op
// of that level. Bodies that depend on types (21 of 49) find them in the round's scopes.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/Expand.h"

#include "lib/Import/Onnx/Loader/BodyInliner.h"
#include "lib/Import/Onnx/Loader/Lift.h"
#include "lib/Import/Onnx/Loader/Normalize.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/Types.h"

#include "onnx/defs/schema.h"

namespace optc::onnximport {

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

namespace {

/// What both a body builder and the importer's predicate ask about a node.
class NodeInScope : public NodeView, public onnx::FunctionBodyBuildContext {
public:
  NodeInScope(const onnx::NodeProto &node, const onnx::OpSchema &schema, const TypeScope &scope)
      : node_(node), schema_(schema), scope_(scope) {}

  size_t numInputs() const override { return static_cast<size_t>(node_.input_size()); }
  size_t numOutputs() const override { return static_cast<size_t>(node_.output_size()); }
  bool hasInput(size_t index) const override {
    return index < numInputs() && !node_.input(static_cast<int>(index)).empty();
  }
  bool hasOutput(size_t index) const override {
    return index < numOutputs() && !node_.output(static_cast<int>(index)).empty();
  }
  ValueType inputType(size_t index) const override {
    const onnx::TypeProto *type = getInputType(static_cast<int>(index));
    return type ? convertType(*type) : ValueType();
  }
  std::optional<int64_t> intAttr(std::string_view name) const override {
    const onnx::AttributeProto *value = find(std::string(name));
    return value && value->has_i() ? std::optional<int64_t>(value->i()) : std::nullopt;
  }
  std::optional<float> floatAttr(std::string_view name) const override {
    const onnx::AttributeProto *value = find(std::string(name));
    return value && value->has_f() ? std::optional<float>(value->f()) : std::nullopt;
  }
  std::optional<std::string> stringAttr(std::string_view name) const override {
    const onnx::AttributeProto *value = find(std::string(name));
    return value && value->has_s() ? std::optional<std::string>(value->s()) : std::nullopt;
  }

  // The builder's view: attributes as given, without defaults.
  const onnx::AttributeProto *getAttribute(const std::string &name) const override {
    for (const onnx::AttributeProto &attribute : node_.attribute())
      if (attribute.name() == name)
        return &attribute;
    return nullptr;
  }
  bool hasInput(int index) const override {
    return index >= 0 && hasInput(static_cast<size_t>(index));
  }
  bool hasOutput(int index) const override {
    return index >= 0 && hasOutput(static_cast<size_t>(index));
  }
  const onnx::TypeProto *getInputType(int index) const override {
    return hasInput(index) ? scope_.find(node_.input(index)) : nullptr;
  }

private:
  const onnx::AttributeProto *find(const std::string &name) const {
    if (const onnx::AttributeProto *given = getAttribute(name))
      return given;
    auto known = schema_.attributes().find(name);
    return known == schema_.attributes().end() ? nullptr : &known->second.default_value;
  }

  const onnx::NodeProto &node_;
  const onnx::OpSchema &schema_;
  const TypeScope &scope_;
};

class Round {
public:
  Round(onnx::ModelProto &model, const LoadOptions &options, Names &names)
      : model_(model), options_(options), names_(names) {}

  /// True if anything was replaced.
  bool run() {
    expandGraph(*model_.mutable_graph(), nullptr);
    return changed_;
  }

private:
  void expandGraph(onnx::GraphProto &graph, const TypeScope *outer) {
    TypeScope scope(graph, outer);
    NodeList result;
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      int before = result.size();
      // The outer op first: builders that paste a graph operand into their body do not
      // rename what its subgraphs capture.
      if (expandNode(node, scope, result)) {
        changed_ = true;
      } else {
        forEachSubgraph(node, [&](onnx::GraphProto &inner) { expandGraph(inner, &scope); });
        *result.Add() = std::move(node);
      }
      numNodes_ += static_cast<size_t>(result.size() - before);
      if (numNodes_ > options_.maxNodes)
        fail(E1031,
             "the model expands to more than " + std::to_string(options_.maxNodes) + " nodes");
    }
    graph.mutable_node()->Swap(&result);
  }

  bool expandNode(const onnx::NodeProto &node, const TypeScope &scope, NodeList &result) {
    auto version = static_cast<int>(opsetOf(model_, node.domain()));
    const onnx::OpSchema *schema =
        onnx::OpSchemaRegistry::Instance()->GetSchema(node.op_type(), version, node.domain());
    if (!schema || (!schema->HasFunction() && !schema->HasContextDependentFunction()))
      return false;
    NodeInScope view(node, *schema, scope);
    if (options_.isNative && options_.isNative(node.domain(), node.op_type(), view))
      return false;
    onnx::FunctionProto built;
    const onnx::FunctionProto *body = findBody(*schema, view, version, built);
    if (!body)
      return false;
    AttributeValues defaults;
    for (const auto &[name, attribute] : schema->attributes())
      if (attribute.default_value.type() != onnx::AttributeProto::UNDEFINED)
        defaults[name] = attribute.default_value;
    importDomains(*body);
    BodyInliner(names_).inlineCall(node, *body, defaults, result);
    return true;
  }

  /// Null if the op has no body for these types or attributes: it stays as it is then.
  const onnx::FunctionProto *findBody(const onnx::OpSchema &schema, const NodeInScope &view,
                                      int version, onnx::FunctionProto &built) const {
    if (schema.HasFunction())
      return schema.GetFunction(version);
    try {
      return schema.BuildContextDependentFunction(view, built, version) ? &built : nullptr;
    } catch (const std::bad_alloc &) {
      throw;
    } catch (const std::exception &) {
      return nullptr;
    }
  }

  void importDomains(const onnx::FunctionProto &body) {
    for (const onnx::OperatorSetIdProto &import : body.opset_import())
      if (opsetOf(model_, import.domain()) == 0)
        *model_.add_opset_import() = import;
  }

  onnx::ModelProto &model_;
  const LoadOptions &options_;
  Names &names_;
  size_t numNodes_ = 0;
  bool changed_ = false;
};

} // namespace

std::string expandFunctionOps(onnx::ModelProto &model, const LoadOptions &options, Names &names) {
  for (;;) {
    constantsToInitializers(*model.mutable_graph());
    std::string complaint = inferTypes(model);
    if (!Round(model, options, names).run())
      return complaint;
  }
}

} // namespace optc::onnximport
