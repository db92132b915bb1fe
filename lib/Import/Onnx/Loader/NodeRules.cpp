//===- NodeRules.cpp - rules of single nodes that ONNX does not check ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Those on attributes and operands alone, which must hold before anything computes with them.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/ModelRules.h"

#include "lib/Import/Onnx/Loader/Lift.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/TensorData.h"

#include "onnx/defs/schema.h"

#include <algorithm>
#include <cctype>

namespace optc::onnximport {

namespace {

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
  for (const char *name : {"pads", "output_padding", "output_shape"})
    if (const onnx::AttributeProto *pads = findAttribute(node, name))
      for (int64_t pad : pads->ints())
        if (pad < 0 || pad > INT32_MAX)
          failAttribute(node, name, pad, "sizes of 0 or more");
  const onnx::AttributeProto *group = findAttribute(node, "group");
  if (group && (group->i() < 1 || group->i() > INT32_MAX))
    failAttribute(node, "group", group->i(), "at least one group");
}

/// Attributes that are one of a few words.
void checkWord(const onnx::NodeProto &node, const char *name,
               std::initializer_list<const char *> words) {
  const onnx::AttributeProto *attribute = findAttribute(node, name);
  if (!attribute)
    return;
  std::string allowed;
  for (const char *word : words) {
    if (attribute->s() == word)
      return;
    allowed += std::string(allowed.empty() ? "" : ", ") + word;
  }
  fail(E1052,
       describe(node) + " has " + name + " = " + quote(attribute->s()) + ", it needs one of " +
           allowed,
       node.name());
}

/// The characters of an equation: inference counts dimensions by them, and reads past the end
/// of a shape where they are wrong. What letters mean is judged when the node is imported.
void checkEquation(const onnx::NodeProto &node) {
  const onnx::AttributeProto *attribute = findAttribute(node, "equation");
  if (!attribute)
    return;
  auto refuse = [&](const std::string &what) {
    fail(E1052, describe(node) + " has the equation " + quote(attribute->s()) + " with " + what,
         node.name());
  };
  std::string text;
  std::copy_if(attribute->s().begin(), attribute->s().end(), std::back_inserter(text),
               [](char c) { return c != ' '; });
  size_t arrow = text.find("->");
  int terms = 1, ellipses = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == arrow || text[i] == ',') {
      if (arrow != std::string::npos && i > arrow)
        refuse("a comma in its result");
      terms += text[i] == ',';
      ellipses = 0;
      i += i == arrow;
    } else if (text.compare(i, 3, "...") == 0) {
      if (++ellipses > 1)
        refuse("two '...' in one term");
      i += 2;
    } else if (!std::isalpha(static_cast<unsigned char>(text[i]))) {
      refuse(quote(text.substr(i, 1)) + " where only letters and '...' can be");
    }
  }
  if (terms != node.input_size())
    refuse(std::to_string(terms) + " terms for " + std::to_string(node.input_size()) + " operands");
}

bool isRecurrent(const std::string &op) { return op == "LSTM" || op == "GRU" || op == "RNN"; }

bool hasWindow(const std::string &op) {
  for (const char *name : {"Conv", "ConvInteger", "ConvTranspose", "QLinearConv", "DeformConv",
                           "MaxPool", "AveragePool", "LpPool", "MaxUnpool"})
    if (op == name)
      return true;
  return false;
}

void checkPresent(const onnx::NodeProto &node, const onnx::OpSchema &schema) {
  const auto &formal = schema.inputs();
  int last = static_cast<int>(formal.size()) - 1, given = node.input_size();
  for (int i = 0; last >= 0 && i < std::max(last + 1, given); ++i) {
    auto option = formal[static_cast<size_t>(std::min(i, last))].GetOption();
    bool mayEnd = option == onnx::OpSchema::Variadic && i >= given && i >= schema.min_input();
    bool isGiven = i < given && !node.input(i).empty();
    if (!isGiven && !mayEnd && option != onnx::OpSchema::Optional)
      fail(E1032, describe(node) + " lacks its operand " + std::to_string(i), node.name());
  }
}

} // namespace

void checkOperandsPresent(const onnx::ModelProto &model) {
  forEachGraph(const_cast<onnx::GraphProto &>(model.graph()), [&](onnx::GraphProto &graph) {
    for (const onnx::NodeProto &node : graph.node()) {
      auto version = static_cast<int>(opsetOf(model, node.domain()));
      if (const onnx::OpSchema *schema =
              onnx::OpSchemaRegistry::Instance()->GetSchema(node.op_type(), version, node.domain()))
        checkPresent(node, *schema);
    }
  });
}

void checkAttributes(onnx::GraphProto &root) {
  forEachGraph(root, [](onnx::GraphProto &graph) {
    for (const onnx::NodeProto &node : graph.node()) {
      if (!node.domain().empty())
        continue;
      checkAxes(node);
      if (node.op_type() == "Split")
        checkSplit(node);
      if (node.op_type() == "Einsum")
        checkEquation(node);
      if (isRecurrent(node.op_type()))
        checkWord(node, "direction", {"forward", "reverse", "bidirectional"});
      if (hasWindow(node.op_type())) {
        checkWord(node, "auto_pad", {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"});
        checkWindow(node);
      }
    }
  });
}

} // namespace optc::onnximport
