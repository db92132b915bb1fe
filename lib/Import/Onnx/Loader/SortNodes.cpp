//===- SortNodes.cpp - nodes in an order they can run in ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of the nodes that can run, the first of the file comes next.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/SortNodes.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"

#include <queue>
#include <unordered_map>
#include <vector>

namespace optc::onnximport {

namespace {

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

/// Calls `visit(name)` for the values a node and the graphs in it use.
template <typename Visitor> void forEachUse(onnx::NodeProto &node, Visitor &&visit) {
  for (const std::string &input : node.input())
    visit(input);
  forEachSubgraph(node, [&](onnx::GraphProto &root) {
    forEachGraph(root, [&](onnx::GraphProto &graph) {
      for (const onnx::NodeProto &inner : graph.node())
        for (const std::string &input : inner.input())
          visit(input);
      for (const onnx::ValueInfoProto &output : graph.output())
        visit(output.name());
    });
  });
}

class Sorter {
public:
  explicit Sorter(NodeList &nodes) : nodes_(nodes), waiting_(nodes.size()), users_(nodes.size()) {
    for (int i = 0; i < nodes.size(); ++i)
      for (const std::string &output : nodes[i].output())
        if (!output.empty())
          makers_.emplace(output, i);
    for (int i = 0; i < nodes.size(); ++i)
      forEachUse(nodes[i], [&](const std::string &name) {
        auto maker = makers_.find(name);
        if (maker == makers_.end())
          return;
        isSorted_ &= maker->second < i;
        users_[static_cast<size_t>(maker->second)].push_back(i);
        ++waiting_[static_cast<size_t>(i)];
      });
  }

  bool sort() {
    if (isSorted_)
      return false;
    std::priority_queue<int, std::vector<int>, std::greater<>> ready;
    for (int i = 0; i < nodes_.size(); ++i)
      if (waiting_[static_cast<size_t>(i)] == 0)
        ready.push(i);
    NodeList sorted;
    while (!ready.empty()) {
      int next = ready.top();
      ready.pop();
      for (int user : users_[static_cast<size_t>(next)])
        if (--waiting_[static_cast<size_t>(user)] == 0)
          ready.push(user);
      *sorted.Add() = std::move(nodes_[next]);
    }
    if (sorted.size() != nodes_.size())
      failCycle();
    nodes_.Swap(&sorted);
    return true;
  }

private:
  /// Every node that waits has one that it waits for: going back along these ends in a cycle.
  [[noreturn]] void failCycle() const {
    std::vector<int> before(waiting_.size(), 0);
    for (int i = 0; i < nodes_.size(); ++i)
      if (waiting_[static_cast<size_t>(i)] != 0)
        for (int user : users_[static_cast<size_t>(i)])
          before[static_cast<size_t>(user)] = i;
    std::vector<bool> seen(waiting_.size(), false);
    int at = 0;
    while (waiting_[static_cast<size_t>(at)] == 0)
      ++at;
    for (; !seen[static_cast<size_t>(at)]; at = before[static_cast<size_t>(at)])
      seen[static_cast<size_t>(at)] = true;
    fail(E1002, describe(nodes_[at]) + " needs its own results: the nodes form a cycle",
         nodes_[at].name());
  }

  NodeList &nodes_;
  std::unordered_map<std::string, int> makers_;
  std::vector<size_t> waiting_;         ///< by node: uses of results that are not there yet
  std::vector<std::vector<int>> users_; ///< by node: who uses its results, once per use
  bool isSorted_ = true;
};

} // namespace

bool sortNodes(onnx::GraphProto &root) {
  bool isMoved = false;
  forEachGraph(root,
               [&](onnx::GraphProto &graph) { isMoved |= Sorter(*graph.mutable_node()).sort(); });
  return isMoved;
}

} // namespace optc::onnximport
