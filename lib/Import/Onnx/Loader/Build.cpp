//===- Build.cpp - from the rewritten protobuf to the importer's structs -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One recursive walk with a stack of name scopes, as ONNX scopes names: a subgraph sees
// the names of the graphs around it.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/Build.h"

#include "lib/Import/Onnx/Loader/Lift.h"
#include "lib/Import/Onnx/Loader/Names.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/TensorData.h"
#include "lib/Import/Onnx/Loader/Types.h"

#include "onnx/defs/schema.h"

namespace optc::onnximport {

namespace {

class Builder {
public:
  Builder(const onnx::ModelProto &proto, const BlobStore &blobs, const Names &names, Model &model)
      : proto_(proto), blobs_(blobs), names_(names), model_(model) {}

  void buildGraph(const onnx::GraphProto &proto, const TypeScope *outerTypes, Graph &graph) {
    TypeScope types(proto, outerTypes);
    scopes_.emplace_back();
    graph.name = proto.name();
    for (const onnx::ValueInfoProto &input : proto.input())
      graph.inputs.push_back(define(input.name(), types));
    for (const onnx::TensorProto &tensor : proto.initializer()) {
      checkTensor(tensor, blobs_, "constant " + quote(tensor.name()));
      graph.initializers.push_back({define(tensor.name(), types), readTensor(tensor, blobs_)});
    }
    graph.nodes.reserve(static_cast<size_t>(proto.node_size()));
    for (const onnx::NodeProto &node : proto.node()) {
      graph.nodes.emplace_back();
      buildNode(node, types, graph.nodes.back());
    }
    for (const onnx::ValueInfoProto &output : proto.output())
      graph.outputs.push_back(lookUp(output.name(), proto.name()));
    scopes_.pop_back();
  }

private:
  ValueId define(const std::string &name, const TypeScope &types) {
    if (name.empty())
      return noValue;
    const onnx::TypeProto *type = types.find(name);
    auto id = static_cast<ValueId>(model_.values.size());
    model_.values.push_back({name, type ? convertType(*type) : ValueType(), ValueType()});
    if (!scopes_.back().emplace(name, id).second)
      fail(E1002, "the value " + quote(name) + " is defined twice");
    return id;
  }

  ValueId lookUp(const std::string &name, const std::string &user) const {
    if (name.empty())
      return noValue;
    for (size_t i = scopes_.size(); i-- > 0;) {
      auto found = scopes_[i].find(name);
      if (found != scopes_[i].end())
        return found->second;
    }
    fail(E1002, quote(user) + " uses the value " + quote(name) + ", which nothing defines", user);
  }

  void buildNode(const onnx::NodeProto &proto, const TypeScope &types, Node &node) {
    node.domain = proto.domain();
    node.opType = proto.op_type();
    node.name = proto.name();
    node.origin = names_.origin(proto.name());
    for (const std::string &input : proto.input())
      node.inputs.push_back(lookUp(input, proto.name()));
    while (!node.inputs.empty() && node.inputs.back() == noValue)
      node.inputs.pop_back();
    for (const onnx::AttributeProto &attribute : proto.attribute()) {
      node.attributes.emplace_back();
      buildAttribute(attribute, types, proto.name(), node.attributes.back());
    }
    if (const onnx::OpSchema *schema = schemaOf(node)) {
      node.sinceVersion = schema->since_version();
      addDefaults(*schema, types, node);
    }
    for (const std::string &output : proto.output())
      node.outputs.push_back(define(output, types));
  }

  const onnx::OpSchema *schemaOf(const Node &node) const {
    auto version = static_cast<int>(opsetOf(proto_, node.domain));
    return onnx::OpSchemaRegistry::Instance()->GetSchema(node.opType, version, node.domain);
  }

  void addDefaults(const onnx::OpSchema &schema, const TypeScope &types, Node &node) {
    for (const auto &[name, attribute] : schema.attributes()) {
      if (attribute.default_value.type() == onnx::AttributeProto::UNDEFINED || node.find(name))
        continue;
      node.attributes.emplace_back();
      buildAttribute(attribute.default_value, types, node.name, node.attributes.back());
      node.attributes.back().name = name;
    }
  }

  void buildAttribute(const onnx::AttributeProto &proto, const TypeScope &types,
                      const std::string &node, Attribute &attribute) {
    attribute.name = proto.name();
    switch (proto.type()) {
    case onnx::AttributeProto::FLOAT:
      attribute.kind = Attribute::Kind::Float;
      attribute.f = proto.f();
      return;
    case onnx::AttributeProto::INT:
      attribute.kind = Attribute::Kind::Int;
      attribute.i = proto.i();
      return;
    case onnx::AttributeProto::STRING:
      attribute.kind = Attribute::Kind::String;
      attribute.s = proto.s();
      return;
    case onnx::AttributeProto::TENSOR:
      attribute.kind = Attribute::Kind::Tensor;
      addTensor(proto.t(), node, attribute);
      return;
    case onnx::AttributeProto::GRAPH:
      attribute.kind = Attribute::Kind::Graph;
      attribute.graph = std::make_shared<Graph>();
      buildGraph(proto.g(), &types, *attribute.graph);
      return;
    case onnx::AttributeProto::TYPE_PROTO:
      attribute.kind = Attribute::Kind::Type;
      attribute.type = convertType(proto.tp());
      return;
    default:
      buildList(proto, node, attribute);
    }
  }

  void buildList(const onnx::AttributeProto &proto, const std::string &node, Attribute &attribute) {
    switch (proto.type()) {
    case onnx::AttributeProto::FLOATS:
      attribute.kind = Attribute::Kind::Floats;
      attribute.floats.assign(proto.floats().begin(), proto.floats().end());
      return;
    case onnx::AttributeProto::INTS:
      attribute.kind = Attribute::Kind::Ints;
      attribute.ints.assign(proto.ints().begin(), proto.ints().end());
      return;
    case onnx::AttributeProto::STRINGS:
      attribute.kind = Attribute::Kind::Strings;
      attribute.strings.assign(proto.strings().begin(), proto.strings().end());
      return;
    case onnx::AttributeProto::TENSORS:
      attribute.kind = Attribute::Kind::Tensors;
      for (const onnx::TensorProto &tensor : proto.tensors())
        addTensor(tensor, node, attribute);
      return;
    default:
      fail(E1017,
           "node " + quote(node) + " has the attribute " + quote(proto.name()) +
               " of a kind no ONNX op uses",
           node);
    }
  }

  void addTensor(const onnx::TensorProto &tensor, const std::string &node, Attribute &attribute) {
    checkTensor(tensor, blobs_, "attribute '" + attribute.name + "' of node " + quote(node));
    attribute.tensors.push_back(readTensor(tensor, blobs_));
  }

  const onnx::ModelProto &proto_;
  const BlobStore &blobs_;
  const Names &names_;
  Model &model_;
  std::vector<std::unordered_map<std::string, ValueId>> scopes_;
};

} // namespace

void buildModel(const onnx::ModelProto &proto, const BlobStore &blobs, const Names &names,
                Model &model) {
  for (const onnx::OperatorSetIdProto &import : proto.opset_import())
    model.opsets[import.domain()] = import.version();
  model.irVersion = proto.ir_version();
  model.producer = proto.producer_name();
  for (const onnx::StringStringEntryProto &entry : proto.metadata_props())
    model.metadata[entry.key()] = entry.value();
  Builder(proto, blobs, names, model).buildGraph(proto.graph(), nullptr, model.graph);
}

} // namespace optc::onnximport
