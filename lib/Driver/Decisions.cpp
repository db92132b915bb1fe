//===- Decisions.cpp - what the passes decided ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Decisions.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Decisions.h"
#include "lib/IR/NodeNames.h"
#include "lib/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

#include <mutex>
#include <tuple>

using namespace mlir;
using namespace optc;
using namespace optc::driver;

/// One line for the nodes of one decision: long chains are cut.
static std::string nodesText(Location loc) {
  constexpr size_t most = 8;
  llvm::SetVector<StringRef> names = nodeNames(loc);
  size_t left = names.size() > most ? names.size() - most : 0;
  std::string text = llvm::join(names.getArrayRef().drop_back(left), " + ");
  return left ? text + " + " + std::to_string(left) + " more" : text;
}

struct DecisionCollector::State {
  using Key =
      std::tuple<size_t, std::string, bool, std::string, std::string, std::string, std::string>;
  std::mutex mutex; // passes run on several functions at once
  std::vector<std::string> stages{""};
  std::map<Key, std::vector<std::string>> nodes;
};

class DecisionCollector::Streamer : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Streamer(std::shared_ptr<State> state) : state(std::move(state)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    bool isMade = remark.getRemarkType() == llvm::remarks::Type::Passed;
    std::string op, with, reason;
    for (const remark::detail::Remark::Arg &argument : remark.getArgs()) {
      if (argument.key == remarks::opKey)
        op = argument.val;
      else if (argument.key == remarks::withKey)
        with = argument.val;
      else if (argument.key == remarks::reasonKey)
        reason = argument.val;
    }
    std::lock_guard<std::mutex> lock(state->mutex);
    State::Key key(state->stages.size() - 1, remark.getCategoryName().str(), !isMade,
                   remark.getRemarkName().str(), op, with, reason);
    state->nodes[key].push_back(nodesText(remark.getLocation()));
  }

private:
  std::shared_ptr<State> state;
};

DecisionCollector::DecisionCollector(MLIRContext &context) : state(std::make_shared<State>()) {
  remark::RemarkCategories wanted;
  wanted.passed = wanted.missed = ".*";
  LogicalResult enabled = remark::enableOptimizationRemarks(
      context, std::make_unique<Streamer>(state),
      std::make_unique<remark::RemarkEmittingPolicyAll>(), wanted);
  assert(succeeded(enabled) && "another engine listens already");
  (void)enabled;
}

void DecisionCollector::beginStage(std::string name) { state->stages.push_back(std::move(name)); }

std::vector<Decision> DecisionCollector::take() {
  std::vector<Decision> decisions;
  for (auto &[key, nodes] : state->nodes) {
    auto &[stage, pass, isRefused, what, op, with, reason] = key;
    llvm::sort(nodes, [](StringRef a, StringRef b) {
      int order = a.compare_numeric(b);
      return order ? order < 0 : a < b; // numbers with leading zeros are equal
    });
    if (isRefused) // a pass that runs again refuses again
      nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    decisions.push_back(
        {state->stages[stage], pass, !isRefused, what, op, with, reason, std::move(nodes)});
  }
  state->nodes.clear();
  return decisions;
}
