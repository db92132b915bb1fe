//===- BranchedModel.cpp - branches whose results have no common type ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See BranchedModel.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/BranchedModel.h"
#include "dialects/Run/Run.h"
#include "lib/IR/ErrorId.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;

/// Larger models are not compiled twice.
constexpr size_t maxNodes = 200;
/// Each level doubles what it is inside of.
constexpr unsigned maxDepth = 3;

RankedTensorType optc::onnximport::commonType(Value a, Value b) {
  RankedTensorType left = NNBuilder::typeOf(a), right = NNBuilder::typeOf(b);
  if (left.getRank() != right.getRank() || left.getElementType() != right.getElementType())
    return {};
  SmallVector<int64_t> sizes;
  for (auto [x, y] : llvm::zip(left.getShape(), right.getShape()))
    sizes.push_back(x == y ? x : ShapedType::kDynamic);
  return left.clone(sizes);
}

void optc::onnximport::yieldAs(NNBuilder &b, ValueRange values, TypeRange types) {
  SmallVector<Value> results;
  for (auto [value, type] : llvm::zip(values, types))
    results.push_back(value.getType() == type
                          ? value
                          : tensor::CastOp::create(b, b.getLoc(), type, value).getResult());
  scf::YieldOp::create(b, b.getLoc(), results);
}

/// Parts the rest of the model, and finds what of it is asked for.
void BranchedModel::sortRest() {
  llvm::DenseSet<ValueId> affected;
  auto make = [&](const Node &maker) {
    for (ValueId id : maker.outputs)
      if (id != noValue && affected.insert(id).second)
        made.push_back(id);
  };
  auto needs = [&](const Step &step) {
    const Node &other = *step.node;
    if (step.branch)
      return llvm::any_of(step.branch->outputs, [&](ValueId id) { return affected.contains(id); });
    bool found = llvm::any_of(other.inputs, [&](ValueId id) { return affected.contains(id); });
    for (const onnximport::Attribute &attribute : other.attributes)
      if (attribute.graph) {
        auto isAffected = [&](ValueId id) { return affected.contains(id); };
        found |= llvm::any_of(attribute.graph->outputs, isAffected);
        forEachNode(*attribute.graph, [&](const Node &inner, const Graph &graph) {
          found |=
              llvm::any_of(inner.inputs, isAffected) || llvm::any_of(graph.outputs, isAffected);
        });
      }
    return found;
  };
  make(node);
  // Another branching node may end the walk of all that is left, so that nothing goes in front.
  bool mayBranch = llvm::any_of(
      *importer.rest, [](const Step &step) { return !step.branch && step.node->opType == "If"; });
  for (const Step &step : *importer.rest) {
    if (!needs(step) && !mayBranch) {
      before.push_back(step);
      continue;
    }
    behind.push_back(step);
    make(*step.node);
  }
  llvm::SmallDenseSet<ValueId> seen;
  for (ValueId id : importer.model.graph.outputs)
    if (affected.contains(id) && seen.insert(id).second)
      wanted.push_back(id);
  for (ValueId id : made)
    if (importer.isTapped(id) && seen.insert(id).second)
      wanted.push_back(id);
}

void BranchedModel::importVersion(OpenBranch &branch, Version &version) {
  b.setInsertionPointToEnd(&branch.region->front());
  for (ValueId id : made) {
    importer.values.erase(id);
    importer.sequences.erase(id);
  }
  importer.unranked.clear();
  version.isImported = importer.attempt(version.errors, [&] {
    SmallVector<Step> steps;
    if (branch.graph) {
      importer.beginGraph(*branch.graph, steps);
      steps.push_back({&node, branch.graph});
    }
    llvm::append_range(steps, behind);
    for (auto [i, value] : llvm::enumerate(branch.results))
      importer.setResult(node, i, value);
    importer.isBranched = false;
    importer.importSteps(steps, /*areOfModel=*/true);
    return true;
  });
  for (ValueId id : wanted)
    if (Value value = importer.values.lookup(id))
      version.values[id] = value;
  version.unranked = importer.unranked;
  b.setLoc(importer.locOf(node));
}

Unranked BranchedModel::flatten(const Version &version, ValueId id) {
  if (auto found = version.unranked.find(id); found != version.unranked.end())
    return found->second;
  Value value = version.values.lookup(id);
  return {b.reshape(value, ArrayRef<int64_t>(-1)), b.shapeOf(value), {NNBuilder::rankOf(value)}};
}

/// Both versions under one scf.if that gives what is wanted.
LogicalResult BranchedModel::joinVersions(MutableArrayRef<OpenBranch> branches,
                                          ArrayRef<Version> versions) {
  SmallVector<Type> types;
  SmallVector<Value> yielded[2];
  llvm::DenseMap<ValueId, SmallVector<int64_t>> ranks;
  Type shapeType = RankedTensorType::get({ShapedType::kDynamic}, b.getI64Type());
  for (ValueId id : wanted) {
    Value ours = versions[0].values.lookup(id), theirs = versions[1].values.lookup(id);
    if (Type type = ours && theirs ? commonType(ours, theirs) : RankedTensorType()) {
      types.push_back(type);
      yielded[0].push_back(ours);
      yielded[1].push_back(theirs);
      continue;
    }
    Type elements[2];
    for (size_t i : {0, 1}) {
      if (!versions[i].values.contains(id) && !versions[i].unranked.contains(id))
        return withId(emitError(b.getLoc()), E2003)
               << "node '" << node.name << "' (" << node.opType << "): '"
               << importer.model.value(id).name
               << "', which depends on its branch, is no tensor; only tensors can be outputs";
      b.setInsertionPointToEnd(&branches[i].region->front());
      Unranked parts = flatten(versions[i], id);
      yielded[i].append({parts.flat, parts.shape});
      ranks[id].append(parts.ranks);
      elements[i] = NNBuilder::elementOf(parts.flat);
    }
    if (elements[0] != elements[1])
      return withId(emitError(b.getLoc()), E2001)
             << "node '" << node.name << "' (" << node.opType
             << "): by its branch the model's value '" << importer.model.value(id).name
             << "' has elements of type " << elements[0] << " or " << elements[1];
    types.append({RankedTensorType::get({ShapedType::kDynamic}, elements[0]), shapeType});
  }
  for (size_t i : {0, 1}) {
    b.setInsertionPointToEnd(&branches[i].region->front());
    yieldAs(b, yielded[i], types);
  }
  b.setInsertionPointToEnd(condition.getParentBlock());
  auto op = scf::IfOp::create(b, b.getLoc(), types, condition, /*addThenBlock=*/false,
                              /*addElseBlock=*/false);
  op.getThenRegion().takeBody(*branches[0].region);
  op.getElseRegion().takeBody(*branches[1].region);
  auto result = op.result_begin();
  for (ValueId id : wanted) {
    auto found = ranks.find(id);
    if (found == ranks.end()) {
      importer.values[id] = *result++;
      continue;
    }
    llvm::sort(found->second);
    found->second.erase(llvm::unique(found->second), found->second.end());
    Value flat = *result++, shape = *result++;
    importer.unranked[id] = {flat, shape, found->second};
  }
  return success();
}

bool optc::onnximport::isInvalid(const Diagnostic &error) {
  ErrorCode id = idOf(error);
  return id == NoError || id == E2002;
}

/// One version in place of the node; the run ends if the condition is not `where`.
void BranchedModel::keepOnly(OpenBranch &branch, Version &version, bool where, Version &other) {
  Block *block = condition.getParentBlock();
  b.setInsertionPointToEnd(block);
  Value holds = condition;
  if (!where)
    holds = arith::XOrIOp::create(b, b.getLoc(), condition,
                                  arith::ConstantIntOp::create(b, b.getLoc(), 1, 1));
  std::string message = "node '" + node.name + "': its condition takes the " +
                        (where ? "else" : "then") +
                        " branch, with whose result the model can not go on: " +
                        (other.errors.empty() ? "it is not supported" : other.errors.front().str());
  run::RequireOp::create(b, b.getLoc(), holds, b.getStringAttr(message), ValueRange());
  block->getOperations().splice(block->end(), branch.region->front().getOperations());
  b.setInsertionPointToEnd(block);
  for (auto [id, value] : version.values)
    importer.values[id] = value;
  importer.unranked = version.unranked;
}

/// The branch's nodes in front of the rest.
bool BranchedModel::importOnly(const Graph &branch) {
  if (!importer.rest)
    return false;
  SmallVector<Step> steps;
  importer.beginGraph(branch, steps);
  steps.push_back({&node, &branch});
  llvm::append_range(steps, *importer.rest);
  importer.importSteps(steps, /*areOfModel=*/true);
  importer.isBranched = true;
  return true;
}

FailureOr<bool> BranchedModel::run(MutableArrayRef<OpenBranch> branches, std::string &why) {
  if (branches.size() == 1)
    return importOnly(*branches.front().graph);
  if (!importer.rest) {
    importer.isUnlikeInside = true;
    why = "inside of a loop its result must have one rank";
    return false;
  }
  sortRest();
  if (importer.branchDepth == maxDepth) {
    why = "there are " + std::to_string(maxDepth) + " such nodes in front of it already";
    return false;
  }
  if (behind.size() > maxNodes) {
    why = "what is computed of its result, " + std::to_string(behind.size()) +
          " nodes, is too much to be compiled once per branch";
    return false;
  }
  llvm::SaveAndRestore depth(importer.branchDepth, importer.branchDepth + 1);
  b.setInsertionPointToEnd(condition.getParentBlock());
  importer.importSteps(before, /*areOfModel=*/false);
  Version versions[2];
  size_t notJudged[] = {importer.notJudged(), 0};
  importVersion(branches[0], versions[0]);
  notJudged[1] = importer.notJudged();
  importVersion(branches[1], versions[1]);
  bool isRefused = !versions[0].isImported && !versions[1].isImported;
  importer.notJudged() = notJudged[isRefused]; // what is told below is of the first
  for (ValueId id : made) {
    importer.values.erase(id);
    importer.sequences.erase(id);
  }
  importer.unranked.clear();
  importer.isBranched = true;
  if (versions[0].isImported && versions[1].isImported) {
    if (failed(joinVersions(branches, versions)))
      return failure();
    return true;
  }
  for (size_t i : {0, 1})
    if (versions[i].isImported && mayKeepOne(branches, versions[1 - i])) {
      keepOnly(branches[i], versions[i], /*where=*/i == 0, versions[1 - i]);
      return true;
    }
  Version &first = versions[versions[0].isImported];
  for (Diagnostic &error : first.errors)
    b.getContext()->getDiagEngine().emit(std::move(error));
  return failure();
}

bool BranchedModel::mayKeepOne(ArrayRef<OpenBranch> branches, const Version &other) const {
  return !branches.front().graph || llvm::all_of(other.errors, isInvalid);
}
