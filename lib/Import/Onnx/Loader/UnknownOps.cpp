//===- UnknownOps.cpp - nodes whose operator nobody defines -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See UnknownOps.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/UnknownOps.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"

#include "onnx/defs/schema.h"

#include <map>
#include <set>

namespace optc::onnximport {

namespace {

std::string canonicalDomain(const std::string &domain) {
  return domain == "ai.onnx" ? std::string() : domain;
}

using Versions = std::map<std::string, int64_t>;

template <typename Imports> Versions versionsOf(const Imports &imports) {
  Versions versions;
  for (const onnx::OperatorSetIdProto &import : imports)
    versions[canonicalDomain(import.domain())] = import.version();
  return versions;
}

class Finder {
public:
  explicit Finder(const onnx::ModelProto &model) {
    for (const onnx::FunctionProto &function : model.functions())
      functions.insert({canonicalDomain(function.domain()), function.name()});
  }

  void visit(const onnx::NodeProto &node, const Versions &versions) {
    std::string domain = canonicalDomain(node.domain());
    auto version = versions.find(domain);
    const auto &known = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
    // A domain that is not imported is a fault of another kind, which the checker reports. Of
    // ONNX Runtime's domain only a part is known here: the importer tells what it has not.
    if (version == versions.end() || !known.count(domain) || domain == "com.microsoft" ||
        functions.count({domain, node.op_type()}))
      return;
    if (!onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(version->second), domain))
      found.push_back({true, E2001,
                       describe(node) + ": no operator of opset " +
                           std::to_string(version->second) + " of " +
                           (domain.empty() ? "ai.onnx" : domain) +
                           " and no function of the model has this name",
                       node.name(), (domain.empty() ? "" : domain + ":") + node.op_type()});
  }

  std::vector<Diagnostic> found;

private:
  std::set<std::pair<std::string, std::string>> functions;
};

} // namespace

std::vector<Diagnostic> findUnknownOps(onnx::ModelProto &model) {
  Finder finder(model);
  Versions versions = versionsOf(model.opset_import());
  auto visitGraph = [&](onnx::GraphProto &graph, const Versions &imported) {
    forEachGraph(graph, [&](onnx::GraphProto &inner) {
      for (const onnx::NodeProto &node : inner.node())
        finder.visit(node, imported);
    });
  };
  visitGraph(*model.mutable_graph(), versions);
  for (onnx::FunctionProto &function : *model.mutable_functions()) {
    Versions own = versionsOf(function.opset_import());
    for (onnx::NodeProto &node : *function.mutable_node()) {
      finder.visit(node, own);
      forEachSubgraph(node, [&](onnx::GraphProto &graph) { visitGraph(graph, own); });
    }
  }
  return std::move(finder.found);
}

} // namespace optc::onnximport
