//===- Names.h - unique names for values and nodes ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every value and every node of the model gets a name of its own before the model is
// rewritten, so that inlining never captures a name and every node of the result can
// say which node of the original model it comes from.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_NAMES_H
#define OPTC_IMPORT_ONNX_LOADER_NAMES_H

#include "onnx/onnx_pb.h"

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace optc::onnximport {

class Names {
public:
  /// Takes over all names of the graph and names its nodes: their own name, or
  /// `<OpType>_<first output>`, with a number appended where that is taken.
  explicit Names(onnx::GraphProto &graph);

  /// A value name that begins like `base` and is not in use; it is from now on.
  std::string freshValue(const std::string &base);

  /// Names a node made from the node called `parent`: `<origin of parent>/<OpType>_<k>`.
  void nameDerived(onnx::NodeProto &node, const std::string &parent);

  /// The original node behind a node name.
  const std::string &origin(const std::string &node) const;

  /// Names the nodes of the graph that have no name, after the next node that has one:
  /// ONNX's version converter puts helper nodes before the node they serve.
  void nameUnnamed(onnx::GraphProto &graph);

private:
  std::string unique(std::unordered_set<std::string> &used, const std::string &base);

  std::unordered_set<std::string> values_, nodes_;
  std::unordered_map<std::string, size_t> nextNumber_;
  std::unordered_map<std::string, std::string> origins_;
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_NAMES_H
