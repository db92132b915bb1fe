//===- Repair.cpp - models that break the letter of the format ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Repair.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/Repair.h"

#include "lib/Import/Onnx/Loader/ModelRules.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/SortNodes.h"

#include <map>
#include <set>

namespace optc::onnximport {

namespace {

using ImportList = google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto>;

class Repairs {
public:
  Repairs(onnx::ModelProto &model, std::vector<Diagnostic> &diagnostics)
      : model_(model), diagnostics_(diagnostics) {}

  void run() {
    nameGraphs();
    mergeImports(*model_.mutable_opset_import());
    for (onnx::FunctionProto &function : *model_.mutable_functions())
      mergeImports(*function.mutable_opset_import());
    dropUnusedImports();
    mergeMetadata();
    if (sortNodes(*model_.mutable_graph()))
      note("the nodes are not in an order they can run in; they were sorted");
  }

private:
  void note(const std::string &message) { diagnostics_.push_back({false, E1007, message, ""}); }

  void nameGraphs() {
    bool isNamed = true;
    forEachGraph(*model_.mutable_graph(), [&](onnx::GraphProto &graph) {
      if (!graph.name().empty())
        return;
      isNamed = false;
      graph.set_name("graph");
    });
    if (!isNamed)
      note("a graph of the model has no name");
  }

  /// Versions that differ stay: ModelRules.h refuses them.
  void mergeImports(ImportList &imports) {
    std::map<std::string, int64_t> versions;
    ImportList kept;
    for (onnx::OperatorSetIdProto &import : imports) {
      auto [known, isNew] = versions.emplace(import.domain(), import.version());
      if (isNew || known->second != import.version())
        *kept.Add() = std::move(import);
      else
        note("the operator set " + quote(import.domain().empty() ? "ai.onnx" : import.domain()) +
             " is imported twice, in the same version");
    }
    imports.Swap(&kept);
  }

  /// Many exporters import all they know: only versions nobody knows are worth a word.
  void dropUnusedImports() {
    std::set<std::string> used = {""};
    forEachGraph(*model_.mutable_graph(), [&](onnx::GraphProto &graph) {
      for (const onnx::NodeProto &node : graph.node())
        used.insert(node.domain());
    });
    for (const onnx::FunctionProto &function : model_.functions())
      used.insert(function.domain());
    ImportList kept;
    for (onnx::OperatorSetIdProto &import : *model_.mutable_opset_import()) {
      if (used.count(import.domain()) || isKnownVersion(import))
        *kept.Add() = std::move(import);
      else
        note("opset " + std::to_string(import.version()) + " of " + quote(import.domain()) +
             " is imported, which optc does not know and no node uses");
    }
    model_.mutable_opset_import()->Swap(&kept);
  }

  /// As ONNX Runtime does, the last one counts.
  void mergeMetadata() {
    std::map<std::string, std::string> values;
    for (const onnx::StringStringEntryProto &entry : model_.metadata_props())
      values[entry.key()] = entry.value();
    if (values.size() == static_cast<size_t>(model_.metadata_props_size()))
      return;
    note("the metadata of the model have a key twice");
    model_.clear_metadata_props();
    for (const auto &[key, value] : values) {
      onnx::StringStringEntryProto &entry = *model_.add_metadata_props();
      entry.set_key(key);
      entry.set_value(value);
    }
  }

  onnx::ModelProto &model_;
  std::vector<Diagnostic> &diagnostics_;
};

} // namespace

void repair(onnx::ModelProto &model, std::vector<Diagnostic> &diagnostics) {
  Repairs(model, diagnostics).run();
}

} // namespace optc::onnximport
