//===- NodeRules.cpp - rules of single nodes that ONNX does not check ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First those on attributes alone, then those that need types or constant values.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/ModelRules.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/TensorData.h"
#include "lib/Import/Onnx/Loader/Types.h"

#include "onnx/defs/tensor_proto_util.h"

#include <cmath>

namespace optc::onnximport {

namespace {

const onnx::AttributeProto *findAttribute(const onnx::NodeProto &node, const char *name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

[[noreturn]] void failAttribute(const onnx::NodeProto &node, const std::string &name, int64_t value,
                                const std::string &needed) {
  fail(E1052,
       describe(node) + " has " + name + " = " + std::to_string(value) + ", it needs " + needed,
       node.name());
}

/// Axes count dimensions from either end: anything beyond the largest rank is wrong, and the
/// least of 64-bit integers cannot even be negated.
void checkAxes(const onnx::NodeProto &node) {
  auto check = [&](const std::string &name, int64_t axis) {
    if (axis < -maxRank || axis > maxRank)
      failAttribute(node, name, axis, "a value between -64 and 64");
  };
  for (const char *name : {"axis", "batch_axis", "time_axis"})
    if (const onnx::AttributeProto *axis = findAttribute(node, name))
      check(name, axis->i());
  for (const char *name : {"axes", "perm"})
    if (const onnx::AttributeProto *axes = findAttribute(node, name))
      for (int64_t axis : axes->ints())
        check(name, axis);
}

/// Inference makes one result per unit of num_outputs.
void checkSplit(const onnx::NodeProto &node) {
  const onnx::AttributeProto *count = findAttribute(node, "num_outputs");
  if (count && count->i() != node.output_size())
    fail(E1051,
         describe(node) + " has num_outputs = " + std::to_string(count->i()) + " but " +
             std::to_string(node.output_size()) + " outputs",
         node.name());
}

/// Convolutions and pools: sizes and steps of windows.
void checkWindow(const onnx::NodeProto &node) {
  for (const char *name : {"kernel_shape", "strides", "dilations"})
    if (const onnx::AttributeProto *sizes = findAttribute(node, name))
      for (int64_t size : sizes->ints())
        if (size < 1 || size > INT32_MAX)
          failAttribute(node, name, size, "positive sizes");
  if (const onnx::AttributeProto *pads = findAttribute(node, "pads"))
    for (int64_t pad : pads->ints())
      if (pad < 0 || pad > INT32_MAX)
        failAttribute(node, "pads", pad, "sizes of 0 or more");
  const onnx::AttributeProto *group = findAttribute(node, "group");
  if (group && (group->i() < 1 || group->i() > INT32_MAX))
    failAttribute(node, "group", group->i(), "at least one group");
}

bool hasWindow(const std::string &op) {
  for (const char *name : {"Conv", "ConvInteger", "ConvTranspose", "QLinearConv", "DeformConv",
                           "MaxPool", "AveragePool", "LpPool", "MaxUnpool"})
    if (op == name)
      return true;
  return false;
}

/// Rules that need the types or constant values of operands.
class OperandRules {
public:
  OperandRules(const onnx::GraphProto &graph, const TypeScope *outerTypes,
               const OperandRules *outer)
      : types_(graph, outerTypes), outer_(outer) {
    for (const onnx::TensorProto &tensor : graph.initializer())
      constants_[tensor.name()] = &tensor;
  }

  void checkGraph(onnx::GraphProto &graph) const {
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      check(node);
      forEachSubgraph(node, [&](onnx::GraphProto &inner) {
        OperandRules(inner, &types_, this).checkGraph(inner);
      });
    }
  }

private:
  void check(const onnx::NodeProto &node) const {
    if (!node.domain().empty())
      return;
    const std::string &op = node.op_type();
    if (op == "Conv" || op == "ConvInteger")
      checkWeights(node, 1);
    else if (op == "QLinearConv")
      checkWeights(node, 3);
    else if (op == "Range")
      checkRange(node);
    else if (op == "Resize" || op == "Upsample")
      checkScales(node);
    else if (op == "Gather")
      checkGather(node);
    for (const std::string &output : node.output())
      checkSize(node, output);
  }

  std::vector<int64_t> shapeOf(const onnx::NodeProto &node, int operand) const {
    std::vector<int64_t> shape;
    if (operand >= node.input_size())
      return shape;
    const onnx::TypeProto *type = types_.find(node.input(operand));
    if (type && type->has_tensor_type())
      for (const auto &dim : type->tensor_type().shape().dim())
        shape.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    return shape;
  }

  /// A small constant operand as numbers; empty if it is none.
  std::vector<double> constantOf(const onnx::NodeProto &node, int operand) const {
    if (operand >= node.input_size())
      return {};
    const onnx::TensorProto *tensor = nullptr;
    for (const OperandRules *scope = this; scope && !tensor; scope = scope->outer_) {
      auto found = scope->constants_.find(node.input(operand));
      tensor = found == scope->constants_.end() ? nullptr : found->second;
    }
    if (!tensor || tensor->data_location() == onnx::TensorProto::EXTERNAL)
      return {};
    auto widened = [](const auto &values) {
      return std::vector<double>(values.begin(), values.end());
    };
    switch (tensor->data_type()) {
    case onnx::TensorProto::FLOAT:
      return widened(onnx::ParseData<float>(tensor));
    case onnx::TensorProto::DOUBLE:
      return widened(onnx::ParseData<double>(tensor));
    case onnx::TensorProto::INT64:
      return widened(onnx::ParseData<int64_t>(tensor));
    case onnx::TensorProto::INT32:
      return widened(onnx::ParseData<int32_t>(tensor));
    default:
      return {};
    }
  }

  void checkWeights(const onnx::NodeProto &node, int operand) const {
    std::vector<int64_t> weights = shapeOf(node, operand);
    const onnx::AttributeProto *group = findAttribute(node, "group");
    int64_t groups = group ? group->i() : 1;
    if (weights.size() < 3)
      return;
    if (weights[0] >= 0 && weights[0] % groups != 0)
      failAttribute(node, "group", groups,
                    "a divisor of its " + std::to_string(weights[0]) + " output channels");
    const onnx::AttributeProto *kernel = findAttribute(node, "kernel_shape");
    for (int i = 0; kernel && i < kernel->ints_size(); ++i) {
      auto axis = static_cast<size_t>(i) + 2;
      if (axis >= weights.size() || (weights[axis] >= 0 && weights[axis] != kernel->ints(i)))
        failAttribute(node, "kernel_shape", kernel->ints(i), "the sizes of its weights");
    }
  }

  void checkRange(const onnx::NodeProto &node) const {
    for (double delta : constantOf(node, 2))
      if (delta == 0 || std::isnan(delta))
        fail(E1053, describe(node) + " has a step of " + std::to_string(delta), node.name());
  }

  void checkScales(const onnx::NodeProto &node) const {
    for (double scale : constantOf(node, node.op_type() == "Resize" ? 2 : 1))
      if (!(scale > 0) || std::isinf(scale))
        fail(E1053, describe(node) + " has the scale " + std::to_string(scale), node.name());
    for (double size : constantOf(node, node.op_type() == "Resize" ? 3 : 4))
      if (!(size >= 0))
        fail(E1053, describe(node) + " has the size " + std::to_string(size), node.name());
  }

  void checkGather(const onnx::NodeProto &node) const {
    std::vector<int64_t> data = shapeOf(node, 0);
    const onnx::AttributeProto *attribute = findAttribute(node, "axis");
    auto rank = static_cast<int64_t>(data.size());
    int64_t axis = attribute ? attribute->i() : 0;
    axis += axis < 0 ? rank : 0;
    if (axis < 0 || axis >= rank || data[static_cast<size_t>(axis)] < 0)
      return;
    auto size = static_cast<double>(data[static_cast<size_t>(axis)]);
    for (double index : constantOf(node, 1))
      if (index < -size || index >= size)
        fail(E1053,
             describe(node) + " takes element " + std::to_string(static_cast<int64_t>(index)) +
                 " of " + std::to_string(static_cast<int64_t>(size)),
             node.name());
  }

  /// No machine has the memory for a value of this size: it comes from a damaged shape.
  void checkSize(const onnx::NodeProto &node, const std::string &output) const {
    constexpr int64_t maxElements = int64_t(1) << 47;
    const onnx::TypeProto *type = types_.find(output);
    if (!type || !type->has_tensor_type())
      return;
    std::vector<int64_t> known;
    // In branches that are never taken inference computes negative sizes: not known.
    for (const auto &dim : type->tensor_type().shape().dim())
      known.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : 1);
    std::string where = "the result " + quote(output) + " of " + describe(node);
    if (checkedElements(known, where) > maxElements)
      fail(E1054, where + " has more than 2^47 elements", node.name());
  }

  TypeScope types_;
  const OperandRules *outer_;
  std::unordered_map<std::string, const onnx::TensorProto *> constants_;
};

} // namespace

void checkAttributes(onnx::GraphProto &root) {
  forEachGraph(root, [](onnx::GraphProto &graph) {
    for (const onnx::NodeProto &node : graph.node()) {
      if (!node.domain().empty())
        continue;
      checkAxes(node);
      if (node.op_type() == "Split")
        checkSplit(node);
      if (hasWindow(node.op_type()))
        checkWindow(node);
    }
  });
}

void checkOperands(onnx::GraphProto &root) {
  OperandRules(root, nullptr, nullptr).checkGraph(root);
}

} // namespace optc::onnximport
