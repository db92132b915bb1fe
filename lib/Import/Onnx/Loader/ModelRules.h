//===- ModelRules.h - rules of ONNX that its checker does not check -----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's checker accepts models that would make later steps hang, take all memory or
// compute nonsense. These checks come before the step they protect.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_MODELRULES_H
#define OPTC_IMPORT_ONNX_LOADER_MODELRULES_H

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

/// Opsets, names, graph inputs and outputs. Before ONNX's checker.
void checkModelRules(onnx::ModelProto &model);

/// Whether this is a version that ONNX defines, or one of an operator set it does not know.
bool isKnownVersion(const onnx::OperatorSetIdProto &import);

/// Attributes with values no type or shape can make right. Before any shape inference, which
/// computes with them; functions must have been expanded.
void checkAttributes(onnx::GraphProto &graph);

/// Operands that an operator must have. The checker lets gaps through in lists of any length, and
/// nodes of functions that are called without what these hand to a node.
void checkOperandsPresent(const onnx::ModelProto &model);

/// Attributes and constant operands against the types of operands. After shape inference.
void checkOperands(onnx::GraphProto &graph);

/// The attribute of that name, or null.
inline const onnx::AttributeProto *findAttribute(const onnx::NodeProto &node, const char *name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_MODELRULES_H
