//===- Types.h - types of values during loading -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's shape inference writes what it finds into the graphs; this finds it again, with
// the scoping of subgraphs, and turns it into the importer's form.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_TYPES_H
#define OPTC_IMPORT_ONNX_LOADER_TYPES_H

#include "lib/Import/Onnx/Loader.h"

#include "onnx/onnx_pb.h"

#include <unordered_map>

namespace optc::onnximport {

/// Runs ONNX's shape inference over the model, in place. Returns what it complained about,
/// or "". A contradiction inside a node only costs that node its type.
std::string inferTypes(onnx::ModelProto &model);

/// Throws LoadFailure if a node contradicts its operands: inference once more, on a copy, where
/// every contradiction counts, and then the rules of ModelRules.h on operands. If there are
/// several, all but the first go to `diagnostics`. What inference fails at on sound models is no
/// contradiction.
void checkTypes(const onnx::ModelProto &model, std::vector<Diagnostic> &diagnostics);

ValueType convertType(const onnx::TypeProto &type);

/// Types of the values visible in a graph. Made on the way down into subgraphs; the graph
/// must outlive it and keep its value lists.
class TypeScope {
public:
  TypeScope(const onnx::GraphProto &graph, const TypeScope *outer);
  /// Null if nothing is known.
  const onnx::TypeProto *find(const std::string &value) const;

private:
  const TypeScope *outer_;
  std::unordered_map<std::string, onnx::TypeProto> types_;
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_TYPES_H
