//===- SeparateNames.cpp - one name for one value -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See SeparateNames.h. All values a graph defines get their names when the walk enters it, so
// that the order of its nodes does not matter.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/SeparateNames.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace optc::onnximport {

namespace {

/// Calls `visit(name, isResult)` for every value the graph defines itself.
template <typename Visitor> void forEachDefinition(onnx::GraphProto &graph, Visitor &&visit) {
  for (onnx::ValueInfoProto &input : *graph.mutable_input())
    visit(*input.mutable_name(), false);
  for (onnx::TensorProto &tensor : *graph.mutable_initializer())
    visit(*tensor.mutable_name(), false);
  for (onnx::SparseTensorProto &tensor : *graph.mutable_sparse_initializer())
    visit(*tensor.mutable_values()->mutable_name(), false);
  for (onnx::NodeProto &node : *graph.mutable_node())
    for (std::string &output : *node.mutable_output())
      visit(output, true);
}

class Separator {
public:
  explicit Separator(onnx::GraphProto &root) {
    forEachGraph(root, [&](onnx::GraphProto &graph) {
      forEachDefinition(graph, [&](const std::string &name, bool) { inUse_.insert(name); });
    });
  }

  void visitGraph(onnx::GraphProto &graph) {
    scopes_.emplace_back();
    forEachDefinition(graph, [&](std::string &name, bool isResult) { define(name, isResult); });
    for (const onnx::ValueInfoProto &input : graph.input())
      scopes_.back().visible.insert(input.name());
    for (const onnx::TensorProto &tensor : graph.initializer())
      scopes_.back().visible.insert(tensor.name());
    for (onnx::ValueInfoProto &value : *graph.mutable_value_info())
      use(*value.mutable_name());
    for (onnx::ValueInfoProto &output : *graph.mutable_output())
      use(*output.mutable_name());
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      for (std::string &input : *node.mutable_input())
        use(input);
      forEachSubgraph(node, [&](onnx::GraphProto &inner) { visitGraph(inner); });
      scopes_.back().visible.insert(node.output().begin(), node.output().end());
    }
    scopes_.pop_back();
  }

private:
  struct Scope {
    /// New names by names of the file, of all values the graph defines.
    std::unordered_map<std::string, std::string> names;
    /// New names of those defined so far.
    std::unordered_set<std::string> visible;
  };

  const std::string *lookUp(const std::string &name) const {
    for (size_t i = scopes_.size(); i-- > 0;)
      if (auto found = scopes_[i].names.find(name); found != scopes_[i].names.end())
        return &found->second;
    return nullptr;
  }

  /// Whether a surrounding graph has defined the name before.
  bool isVisible(const std::string &name) const {
    const std::string *known = lookUp(name);
    return known && std::any_of(scopes_.begin(), scopes_.end(), [&](const Scope &scope) {
             return scope.visible.count(*known) != 0;
           });
  }

  void define(std::string &name, bool isResult) {
    if (name.empty())
      return;
    // An input with an initializer is one value; a result of a known name is the checker's.
    std::unordered_map<std::string, std::string> &names = scopes_.back().names;
    if (auto own = names.find(name); own != names.end()) {
      name = own->second;
      return;
    }
    bool isSecond = isResult && isVisible(name);
    std::string unique = isSecond || defined_.insert(name).second ? name : fresh(name);
    names.emplace(name, unique);
    name = std::move(unique);
  }

  void use(std::string &name) const {
    if (const std::string *renamed = lookUp(name))
      name = *renamed;
  }

  std::string fresh(const std::string &name) {
    size_t &number = nextNumber_[name];
    std::string made;
    do
      made = name + "_" + std::to_string(++number);
    while (!inUse_.insert(made).second);
    defined_.insert(made);
    return made;
  }

  std::vector<Scope> scopes_;
  std::unordered_set<std::string> inUse_, defined_;
  std::unordered_map<std::string, size_t> nextNumber_;
};

} // namespace

void separateNames(onnx::GraphProto &root) {
  bool hasSubgraphs = false;
  for (onnx::NodeProto &node : *root.mutable_node())
    forEachSubgraph(node, [&](onnx::GraphProto &) { hasSubgraphs = true; });
  if (hasSubgraphs)
    Separator(root).visitGraph(root);
}

} // namespace optc::onnximport
