//===- BodyInliner.h - replaces one call by the nodes of a function -----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared by model-local functions and by the function bodies of ONNX's own ops.
// ONNX's inliner is not used: it re-infers the whole model per call, and refuses
// operands that are initializers.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_BODYINLINER_H
#define OPTC_IMPORT_ONNX_LOADER_BODYINLINER_H

#include "lib/Import/Onnx/Loader/Names.h"

#include <map>
#include <vector>

namespace optc::onnximport {

/// Values of the attributes a body may refer to, by the function's attribute name.
using AttributeValues = std::map<std::string, onnx::AttributeProto>;

class BodyInliner {
public:
  explicit BodyInliner(Names &names) : names_(names) {}

  /// Appends to `out` the nodes of `body` with the call's operands, results and
  /// attributes put in, all other values renamed. `defaults` holds the values of
  /// attributes the call does not give.
  void inlineCall(const onnx::NodeProto &call, const onnx::FunctionProto &body,
                  const AttributeValues &defaults,
                  google::protobuf::RepeatedPtrField<onnx::NodeProto> &out);

private:
  using Scope = std::map<std::string, std::string>;

  void bindResults(const onnx::NodeProto &call, const onnx::FunctionProto &body,
                   google::protobuf::RepeatedPtrField<onnx::NodeProto> &out);
  void rewriteNode(onnx::NodeProto &node);
  void rewriteGraph(onnx::GraphProto &graph);
  void rewriteAttributes(onnx::NodeProto &node);
  void rewriteSubgraphs(onnx::AttributeProto &attribute);
  std::string define(const std::string &name);
  std::string lookUp(const std::string &name) const;

  Names &names_;
  std::string caller_;
  AttributeValues attributes_;
  /// Innermost scope last; a name of the body maps to its name in the model.
  std::vector<Scope> scopes_;
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_BODYINLINER_H
