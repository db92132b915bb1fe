//===- Normalize.cpp - one way to say each thing ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See the header: each function is one rewrite over all graphs of the model.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/Normalize.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/TensorData.h"

#include <set>

namespace optc::onnximport {

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

namespace {

bool isDefaultDomain(const std::string &domain) { return domain == "ai.onnx"; }

/// The tensor of a Constant node's attribute, whichever of the eight it is.
bool constantTensor(const onnx::AttributeProto &attribute, onnx::TensorProto &tensor) {
  const std::string &name = attribute.name();
  if (name == "value" && attribute.has_t()) {
    tensor = attribute.t();
  } else if (name == "value_float") {
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.add_float_data(attribute.f());
  } else if (name == "value_int") {
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_int64_data(attribute.i());
  } else if (name == "value_string") {
    tensor.set_data_type(onnx::TensorProto::STRING);
    tensor.add_string_data(attribute.s());
  } else if (name == "value_floats") {
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    *tensor.mutable_float_data() = attribute.floats();
    tensor.add_dims(attribute.floats_size());
  } else if (name == "value_ints") {
    tensor.set_data_type(onnx::TensorProto::INT64);
    *tensor.mutable_int64_data() = attribute.ints();
    tensor.add_dims(attribute.ints_size());
  } else if (name == "value_strings") {
    tensor.set_data_type(onnx::TensorProto::STRING);
    *tensor.mutable_string_data() = attribute.strings();
    tensor.add_dims(attribute.strings_size());
  } else {
    return false;
  }
  return true;
}

} // namespace

void normalizeDomains(onnx::ModelProto &model) {
  for (onnx::OperatorSetIdProto &import : *model.mutable_opset_import())
    if (isDefaultDomain(import.domain()))
      import.clear_domain();
  for (onnx::FunctionProto &function : *model.mutable_functions()) {
    if (isDefaultDomain(function.domain()))
      function.clear_domain();
    for (onnx::OperatorSetIdProto &import : *function.mutable_opset_import())
      if (isDefaultDomain(import.domain()))
        import.clear_domain();
  }
  forEachNodeList(model, [](NodeList &nodes) {
    for (onnx::NodeProto &node : nodes) {
      if (isDefaultDomain(node.domain()))
        node.clear_domain();
      node.clear_doc_string();
      node.clear_metadata_props();
    }
  });
  model.clear_training_info();
  model.clear_doc_string();
  model.mutable_graph()->clear_quantization_annotation();
}

void densifyAll(onnx::ModelProto &model, BlobStore &blobs) {
  size_t room = size_t(64) << 20;
  forEachNodeList(model, [&](NodeList &nodes) {
    for (onnx::NodeProto &node : nodes)
      for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
        if (attribute.sparse_tensors_size() ||
            (attribute.has_sparse_tensor() && node.op_type() != "Constant"))
          fail(E1014,
               describe(node) + " has a sparse tensor as attribute '" + attribute.name() + "'",
               node.name());
        if (!attribute.has_sparse_tensor())
          continue;
        *attribute.mutable_t() = densify(attribute.sparse_tensor(), blobs, room);
        attribute.clear_sparse_tensor();
        attribute.set_name("value");
        attribute.set_type(onnx::AttributeProto::TENSOR);
      }
  });
  forEachGraph(*model.mutable_graph(), [&](onnx::GraphProto &graph) {
    for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer())
      *graph.add_initializer() = densify(sparse, blobs, room);
    graph.clear_sparse_initializer();
  });
}

void constantsToInitializers(onnx::GraphProto &root) {
  forEachGraph(root, [](onnx::GraphProto &graph) {
    NodeList kept;
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      onnx::TensorProto tensor;
      bool isConstant = node.op_type() == "Constant" && node.domain().empty() &&
                        node.attribute_size() == 1 && node.output_size() == 1 &&
                        constantTensor(node.attribute(0), tensor);
      if (!isConstant) {
        *kept.Add() = std::move(node);
        continue;
      }
      tensor.set_name(node.output(0));
      *graph.add_initializer() = std::move(tensor);
    }
    graph.mutable_node()->Swap(&kept);
  });
}

std::map<std::string, onnx::TypeProto> takeClaimedTypes(onnx::GraphProto &root) {
  std::map<std::string, onnx::TypeProto> claims;
  std::set<std::string> ambiguous;
  auto take = [&](onnx::ValueInfoProto &value) {
    if (value.has_type() && !claims.emplace(value.name(), std::move(*value.mutable_type())).second)
      ambiguous.insert(value.name());
    value.clear_type();
  };
  forEachGraph(root, [&](onnx::GraphProto &graph) {
    std::set<std::string> outputs;
    for (onnx::ValueInfoProto &output : *graph.mutable_output()) {
      outputs.insert(output.name());
      int32_t elem = output.type().tensor_type().elem_type();
      bool isTensor = output.type().has_tensor_type();
      take(output);
      // FlexAttention looks at the element type of its graph before inferring it.
      if (isTensor && &graph != &root)
        output.mutable_type()->mutable_tensor_type()->set_elem_type(elem);
    }
    for (onnx::ValueInfoProto &value : *graph.mutable_value_info())
      if (!outputs.count(value.name()))
        take(value);
    graph.clear_value_info();
  });
  // Different graphs may use one name for different values.
  for (const std::string &name : ambiguous)
    claims.erase(name);
  return claims;
}

/// Names of values that a node or a graph hands on.
static std::set<std::string> usedValues(onnx::GraphProto &root) {
  std::set<std::string> used;
  forEachGraph(root, [&](onnx::GraphProto &graph) {
    for (const onnx::NodeProto &node : graph.node())
      used.insert(node.input().begin(), node.input().end());
    for (const onnx::ValueInfoProto &output : graph.output())
      used.insert(output.name());
  });
  return used;
}

void dropUnusedConstants(onnx::GraphProto &root) {
  std::set<std::string> used = usedValues(root);
  forEachGraph(root, [&](onnx::GraphProto &graph) {
    google::protobuf::RepeatedPtrField<onnx::TensorProto> kept;
    for (onnx::TensorProto &tensor : *graph.mutable_initializer())
      if (used.count(tensor.name()))
        *kept.Add() = std::move(tensor);
    graph.mutable_initializer()->Swap(&kept);
  });
}

/// Takes the initializers of inputs that are to stay inputs out of the graph.
static void takeDefaults(onnx::GraphProto &root, const std::vector<std::string> &overridable,
                         std::vector<onnx::TensorProto> &defaults) {
  std::set<std::string> inputs, wanted(overridable.begin(), overridable.end());
  for (const onnx::ValueInfoProto &input : root.input())
    inputs.insert(input.name());
  std::string others; // that could be named
  google::protobuf::RepeatedPtrField<onnx::TensorProto> kept;
  for (onnx::TensorProto &tensor : *root.mutable_initializer()) {
    if (inputs.count(tensor.name()) && wanted.erase(tensor.name())) {
      if (elemBits(static_cast<ElemType>(tensor.data_type())) % 8 != 0 ||
          tensor.data_type() == onnx::TensorProto::STRING)
        fail(E2003,
             "the input " + quote(tensor.name()) + " is of a type whose default cannot be kept");
      defaults.push_back(std::move(tensor));
      continue;
    }
    if (inputs.count(tensor.name()) && others.size() < 200)
      others += (others.empty() ? "" : ", ") + quote(tensor.name());
    *kept.Add() = std::move(tensor);
  }
  root.mutable_initializer()->Swap(&kept);
  if (!wanted.empty())
    fail(E103, "--overridable names " + quote(*wanted.begin()) +
                   ", which is no input with a default; " +
                   (others.empty() ? "there is none" : "there are " + others));
}

std::vector<std::string> dropConstantInputs(onnx::GraphProto &root,
                                            const std::vector<std::string> &overridable,
                                            std::vector<onnx::TensorProto> &defaults) {
  if (!overridable.empty())
    takeDefaults(root, overridable, defaults);
  std::vector<std::string> dropped;
  forEachGraph(root, [&](onnx::GraphProto &graph) {
    std::set<std::string> constants;
    for (const onnx::TensorProto &tensor : graph.initializer())
      constants.insert(tensor.name());
    google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> kept;
    for (onnx::ValueInfoProto &input : *graph.mutable_input()) {
      if (!constants.count(input.name()))
        *kept.Add() = std::move(input);
      else if (&graph == &root)
        dropped.push_back(input.name());
    }
    graph.mutable_input()->Swap(&kept);
  });
  return dropped;
}

} // namespace optc::onnximport
