//===- Types.cpp - types of values during loading -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists a graph's types from its inputs, results, value_info and initializers.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/Types.h"

#include "lib/Import/Onnx/Loader/BoundedSchemas.h"
#include "lib/Import/Onnx/Loader/Lift.h"
#include "lib/Import/Onnx/Loader/ModelRules.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"

#include "onnx/shape_inference/implementation.h"

#include <set>
#include <sstream>

namespace optc::onnximport {

static std::string infer(onnx::ModelProto &model, bool isStrict, bool computesElements) {
  onnx::ShapeInferenceOptions options(/*check_type=*/isStrict, /*strict_mode=*/isStrict,
                                      /*data_prop=*/computesElements);
  onnx::shape_inference::DataValueMap values;
  try {
    onnx::shape_inference::InferShapes(model, &boundedSchemas(), options, &values);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &error) {
    return error.what();
  }
  return {};
}

std::string inferTypes(onnx::ModelProto &model) {
  // An exception that is no complaint about a node ends the inference of all of them; most
  // come from computing elements of shapes.
  if (infer(model, /*isStrict=*/false, /*computesElements=*/true).empty())
    return {};
  return infer(model, /*isStrict=*/false, /*computesElements=*/false);
}

/// Inference through a function body does not know the defaults of the op's attributes.
static void fillDefaults(onnx::ModelProto &model) {
  forEachGraph(*model.mutable_graph(), [&](onnx::GraphProto &graph) {
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      auto version = static_cast<int>(opsetOf(model, node.domain()));
      const onnx::OpSchema *schema =
          onnx::OpSchemaRegistry::Instance()->GetSchema(node.op_type(), version, node.domain());
      if (!schema || !schema->HasFunction())
        continue;
      std::set<std::string> given;
      for (const onnx::AttributeProto &attribute : node.attribute())
        given.insert(attribute.name());
      for (const auto &[name, attribute] : schema->attributes())
        if (attribute.default_value.type() != onnx::AttributeProto::UNDEFINED && !given.count(name))
          *node.add_attribute() = attribute.default_value;
    }
  });
}

/// One complaint of inference, which names its node as "(op_type:Add, node name: x): ...".
static Diagnostic makeDiagnostic(const std::string &line) {
  constexpr size_t maxShown = 400;
  const std::string mark = "node name: ";
  Diagnostic result{true, E1062, printable(line, maxShown), ""};
  size_t begin = line.find(mark), end = line.find("):", begin);
  if (begin != std::string::npos && end != std::string::npos)
    result.node = line.substr(begin + mark.size(), end - begin - mark.size());
  return result;
}

/// Whether inference only says what it does not know: it cannot read large tensors (which are kept
/// outside their messages) or those in other files, and what it could not infer has no type.
static bool isLackOfKnowledge(const std::string &line) {
  return line.find("Cannot parse data from external tensors") != std::string::npos ||
         line.find("expected to have type but instead is null") != std::string::npos;
}

/// What inference complained about.
static std::vector<Diagnostic> complaintsOf(const std::string &complaint) {
  constexpr size_t maxReported = 20;
  const std::string title = "Inference error(s): ";
  size_t start = complaint.find(title);
  std::istringstream lines(start == std::string::npos ? complaint
                                                      : complaint.substr(start + title.size()));
  std::vector<Diagnostic> found;
  bool isFirst = true;
  for (std::string line; std::getline(lines, line) && found.size() < maxReported;) {
    // All nodes of the model have names; those of functions that a node stands for have none.
    bool isContinued = !isFirst && line.find("node name: ") == std::string::npos;
    isFirst = false;
    if (!line.empty() && !isContinued && !isLackOfKnowledge(line))
      found.push_back(makeDiagnostic(line));
  }
  return found;
}

void checkTypes(const onnx::ModelProto &model, std::vector<Diagnostic> &diagnostics) {
  onnx::ModelProto copy = model;
  fillDefaults(copy);
  if (infer(copy, /*isStrict=*/true, /*computesElements=*/true).empty())
    return checkOperands(*copy.mutable_graph());
  // Computing the elements of shapes fails on sound models, too: ONNX takes that for optional. Only
  // what types alone contradict counts; the importer finds the rest, it has an algebra of its own.
  copy = model;
  fillDefaults(copy);
  std::vector<Diagnostic> found =
      complaintsOf(infer(copy, /*isStrict=*/true, /*computesElements=*/false));
  if (found.empty()) {
    copy = model;
    (void)inferTypes(copy);
    return checkOperands(*copy.mutable_graph());
  }
  diagnostics.insert(diagnostics.end(), found.begin() + 1, found.end());
  fail(found.front().code, found.front().message, found.front().node);
}

/// Exporters write "?" for sizes they know nothing about: those of one model are not equal.
static bool isName(const std::string &symbol) {
  return std::any_of(symbol.begin(), symbol.end(),
                     [](unsigned char c) { return std::isalpha(c) || c == '_'; });
}

static void convertShape(const onnx::TensorShapeProto &shape, ValueType &result) {
  result.hasRank = true;
  for (const onnx::TensorShapeProto::Dimension &dim : shape.dim()) {
    Dim one;
    if (dim.has_dim_value() && dim.dim_value() >= 0)
      one.size = dim.dim_value();
    else if (isName(dim.dim_param()))
      one.symbol = dim.dim_param();
    result.dims.push_back(std::move(one));
  }
}

template <typename TensorType>
static void convertTensor(const TensorType &type, ValueType &result) {
  if (!elemName(static_cast<ElemType>(type.elem_type())).empty())
    result.elem = static_cast<ElemType>(type.elem_type());
  if (type.has_shape())
    convertShape(type.shape(), result);
}

ValueType convertType(const onnx::TypeProto &type) {
  ValueType result;
  const onnx::TypeProto *element = nullptr;
  switch (type.value_case()) {
  case onnx::TypeProto::kTensorType:
    result.kind = ValueType::Kind::Tensor;
    convertTensor(type.tensor_type(), result);
    break;
  case onnx::TypeProto::kSparseTensorType:
    result.kind = ValueType::Kind::SparseTensor;
    convertTensor(type.sparse_tensor_type(), result);
    break;
  case onnx::TypeProto::kSequenceType:
    result.kind = ValueType::Kind::Sequence;
    element = &type.sequence_type().elem_type();
    break;
  case onnx::TypeProto::kOptionalType:
    result.kind = ValueType::Kind::Optional;
    element = &type.optional_type().elem_type();
    break;
  case onnx::TypeProto::kMapType:
    result.kind = ValueType::Kind::Map;
    result.elem = static_cast<ElemType>(type.map_type().key_type());
    element = &type.map_type().value_type();
    break;
  case onnx::TypeProto::kOpaqueType:
    result.kind = ValueType::Kind::Opaque;
    break;
  case onnx::TypeProto::VALUE_NOT_SET:
    break;
  }
  if (element)
    result.element = std::make_shared<const ValueType>(convertType(*element));
  return result;
}

TypeScope::TypeScope(const onnx::GraphProto &graph, const TypeScope *outer) : outer_(outer) {
  for (const onnx::ValueInfoProto &value : graph.value_info())
    types_[value.name()] = value.type();
  for (const onnx::ValueInfoProto &value : graph.output())
    types_[value.name()] = value.type();
  for (const onnx::ValueInfoProto &value : graph.input())
    types_[value.name()] = value.type();
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    onnx::TypeProto::Tensor &type = *types_[tensor.name()].mutable_tensor_type();
    type.set_elem_type(tensor.data_type());
    type.clear_shape();
    type.mutable_shape();
    for (int64_t dim : tensor.dims())
      type.mutable_shape()->add_dim()->set_dim_value(dim);
  }
}

const onnx::TypeProto *TypeScope::find(const std::string &value) const {
  auto found = types_.find(value);
  if (found != types_.end())
    return found->second.value_case() == onnx::TypeProto::VALUE_NOT_SET ? nullptr : &found->second;
  return outer_ ? outer_->find(value) : nullptr;
}

} // namespace optc::onnximport
