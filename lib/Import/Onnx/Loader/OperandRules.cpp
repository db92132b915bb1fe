//===- OperandRules.cpp - rules of operands that ONNX does not check ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Those that need the types or constant values of operands. A value that depends on the
// inputs of the model is checked when it runs.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/ModelRules.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/TensorData.h"
#include "lib/Import/Onnx/Loader/Types.h"

#include "onnx/defs/tensor_proto_util.h"

#include <cmath>
#include <limits>

namespace optc::onnximport {

namespace {

constexpr int64_t unknownSize = std::numeric_limits<int64_t>::min();

class OperandRules {
public:
  /// `isBranch`: of an If. What does not fit there is an error only if it is taken, as where
  /// branches are for different lengths of an input.
  OperandRules(const onnx::GraphProto &graph, const TypeScope *outerTypes,
               const OperandRules *outer, bool isBranch)
      : types_(graph, outerTypes), outer_(outer), isBranch_(isBranch) {
    for (const onnx::TensorProto &tensor : graph.initializer())
      constants_[tensor.name()] = &tensor;
  }

  void checkGraph(onnx::GraphProto &graph) const {
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      check(node);
      forEachSubgraph(node, [&](onnx::GraphProto &inner) {
        OperandRules(inner, &types_, this, isBranch_ || node.op_type() == "If").checkGraph(inner);
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
    else if (op == "Resize")
      checkScales(node);
    else if (op == "Gather")
      checkGather(node);
    else if (op == "Reshape")
      checkReshape(node);
    if (op == "Conv" || op == "MaxPool" || op == "AveragePool")
      checkWindowFits(node);
    for (const std::string &output : node.output())
      checkSize(node, output);
  }

  /// Sizes by axis, empty if the rank is unknown. Inference may write negative sizes.
  std::vector<int64_t> shapeOfValue(const std::string &value) const {
    std::vector<int64_t> shape;
    const onnx::TypeProto *type = types_.find(value);
    if (type && type->has_tensor_type())
      for (const auto &dim : type->tensor_type().shape().dim())
        shape.push_back(dim.has_dim_value() ? dim.dim_value() : unknownSize);
    return shape;
  }

  std::vector<int64_t> shapeOf(const onnx::NodeProto &node, int operand) const {
    return operand < node.input_size() ? shapeOfValue(node.input(operand)) : std::vector<int64_t>();
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

  /// Group count and kernel shape against the weights, which are [M, C / group, k...].
  void checkWeights(const onnx::NodeProto &node, int operand) const {
    std::vector<int64_t> data = shapeOf(node, 0), weights = shapeOf(node, operand);
    if (weights.size() < 3 || data.size() != weights.size())
      return;
    const onnx::AttributeProto *group = findAttribute(node, "group");
    int64_t groups = group ? group->i() : 1;
    bool known = weights[0] >= 0 && weights[1] >= 0 && data[1] >= 0;
    if (known &&
        (weights[0] % groups != 0 || data[1] / groups != weights[1] || data[1] % groups != 0))
      fail(E1052,
           describe(node) + " in " + std::to_string(groups) + " groups takes " +
               std::to_string(data[1]) + " channels to " + std::to_string(weights[0]) +
               " with weights for " + std::to_string(weights[1]) + " channels a group",
           node.name());
    const onnx::AttributeProto *kernel = findAttribute(node, "kernel_shape");
    for (int i = 0; kernel && i < kernel->ints_size(); ++i) {
      auto axis = static_cast<size_t>(i) + 2;
      if (axis >= weights.size() || (weights[axis] >= 0 && weights[axis] != kernel->ints(i)))
        fail(E1052, describe(node) + " has a kernel_shape that is not the one of its weights",
             node.name());
    }
  }

  /// A window larger than what it slides over has no positions.
  void checkWindowFits(const onnx::NodeProto &node) const {
    if (isBranch_)
      return;
    for (int64_t size : shapeOfValue(node.output(0)))
      if (size < 0 && size != unknownSize)
        fail(E1052, describe(node) + " has a window larger than its padded input", node.name());
  }

  /// Reshape keeps the number of elements.
  void checkReshape(const onnx::NodeProto &node) const {
    if (isBranch_)
      return;
    auto count = [](const std::vector<int64_t> &shape) {
      int64_t elements = 1;
      for (int64_t size : shape)
        if (size < 0 || __builtin_mul_overflow(elements, size, &elements))
          return unknownSize;
      return elements;
    };
    for (const std::string &value : {node.input(0), node.output(0)}) {
      const onnx::TypeProto *type = types_.find(value);
      if (!type || !type->tensor_type().has_shape())
        return;
    }
    int64_t before = count(shapeOf(node, 0)), after = count(shapeOfValue(node.output(0)));
    if (before >= 0 && after >= 0 && before != after)
      fail(E1053,
           describe(node) + " makes " + std::to_string(after) + " elements of " +
               std::to_string(before),
           node.name());
  }

  void checkRange(const onnx::NodeProto &node) const {
    for (double delta : constantOf(node, 2))
      if (delta == 0 || std::isnan(delta))
        fail(E1053, describe(node) + " has a step of " + std::to_string(delta), node.name());
  }

  void checkScales(const onnx::NodeProto &node) const {
    for (double scale : constantOf(node, 2))
      if (!(scale > 0) || std::isinf(scale))
        fail(E1053, describe(node) + " has the scale " + std::to_string(scale), node.name());
    for (double size : constantOf(node, 3))
      if (!(size >= 0))
        fail(E1053, describe(node) + " has the size " + std::to_string(size), node.name());
  }

  void checkGather(const onnx::NodeProto &node) const {
    if (isBranch_)
      return;
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
    int64_t elements = 1;
    // In branches that are never taken inference computes negative sizes: not known.
    for (int64_t size : shapeOfValue(output))
      if (size > 1 && (__builtin_mul_overflow(elements, size, &elements) || elements > maxElements))
        fail(E1054,
             "the result " + quote(output) + " of " + describe(node) +
                 " has more than 2^47 elements",
             node.name());
  }

  TypeScope types_;
  const OperandRules *outer_;
  bool isBranch_;
  std::unordered_map<std::string, const onnx::TensorProto *> constants_;
};

} // namespace

void checkOperands(onnx::GraphProto &root) {
  OperandRules(root, nullptr, nullptr, /*isBranch=*/false).checkGraph(root);
}

} // namespace optc::onnximport
