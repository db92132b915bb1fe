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

static std::string infer(onnx::ModelProto &model, bool isStrict) {
  onnx::ShapeInferenceOptions options(/*check_type=*/isStrict, /*strict_mode=*/isStrict,
                                      /*data_prop=*/true);
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

std::string inferTypes(onnx::ModelProto &model) { return infer(model, false); }

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

void checkTypes(onnx::ModelProto model, std::vector<Diagnostic> &diagnostics) {
  constexpr size_t maxReported = 20;
  fillDefaults(model);
  std::string complaint = infer(model, true);
  if (complaint.empty())
    return checkOperands(*model.mutable_graph());
  const std::string title = "Inference error(s): ";
  size_t start = complaint.find(title);
  std::istringstream lines(start == std::string::npos ? complaint
                                                      : complaint.substr(start + title.size()));
  std::vector<Diagnostic> found;
  for (std::string line; std::getline(lines, line) && found.size() < maxReported;)
    if (!line.empty())
      found.push_back(makeDiagnostic(line));
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
